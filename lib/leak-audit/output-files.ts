import { createHash } from 'node:crypto'
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliDecompress, gunzip, inflate } from 'node:zlib'
import { ifVanished } from '../web/vanished.ts'
import { textInMedia } from './media-text.ts'
import { unzip } from './zip.ts'

/** Far beyond any page or index, and well below what a bomb makes of a megabyte. */
const LONGEST_UNPACKED = 128 * 1024 * 1024
/** Formats whose bytes hold no sentences. They are searched for tokens all the same. */
const MEDIA =
  /\.(?:jpe?g|png|gif|webp|avif|heic|ico|mp[34]|m4[av]|mov|webm|ogg|wav|flac|woff2?|ttf|otf|eot|7z)$/i
/** Written by hand or by an old program, these may be in an encoding of one byte for each letter. */
const TEXT = /\.(?:x?html?|xml|svg|txt|csv|tsv|json|css|[cm]?js|ics|vcf|eml|md)$/i

const unpackGzip = promisify(gunzip)
const unpackZlib = promisify(inflate)
const unpackBrotli = promisify(brotliDecompress)

/** All files below a folder, dot files too, in order, relative to it. Links are followed, not in circles. */
export async function listOutputFiles(folder: string): Promise<string[]> {
  const files: string[] = []
  await walk('', [await realpath(folder)])
  return files.sort()

  async function walk(path: string, within: readonly string[]): Promise<void> {
    for (const entry of await list(path)) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) await walk(below, within)
      else if (entry.isFile()) files.push(below)
      else if (entry.isSymbolicLink()) await follow(below, within)
    }
  }

  function list(path: string) {
    return readdir(join(folder, path), { withFileTypes: true }).catch(ifVanished([]))
  }

  async function follow(link: string, within: readonly string[]): Promise<void> {
    const target = await stat(join(folder, link)).catch(() => undefined)
    if (target?.isFile()) files.push(link)
    if (!target?.isDirectory()) return
    const place = await realpath(join(folder, link))
    const isCircle = within.some((one) => `${one}/`.startsWith(`${place}/`))
    if (!isCircle) await walk(link, [...within, place])
  }
}

export interface OutputFile {
  readonly path: string
  readonly bytes: Buffer
  /** The text that a visitor's software would read, unpacked. */
  readonly text: string
  /** An image, a font, a film: in its bytes, nothing but tokens can be looked for. */
  readonly isMedia: boolean
  /** What a picture, a film or a document says in words besides. */
  readonly caption: string
}

export async function readOutputFile(folder: string, path: string): Promise<OutputFile> {
  const bytes = await readFile(join(folder, path)).catch(ifVanished(Buffer.alloc(0)))
  const isMedia = MEDIA.test(path)
  return {
    path,
    bytes,
    text: isMedia ? bytes.toString('latin1') : await textOf(path, bytes),
    isMedia,
    caption: textInMedia(bytes),
  }
}

/** The text of a file by its bytes: unpacked, and in the encoding that it says it is in. */
async function textOf(path: string, bytes: Buffer): Promise<string> {
  const unpacked = await unpack(path, bytes)
  if (unpacked[0] === 0xff && unpacked[1] === 0xfe) return unpacked.toString('utf16le', 2)
  if (unpacked[0] === 0xfe && unpacked[1] === 0xff) {
    return new TextDecoder('utf-16be').decode(unpacked)
  }
  const text = unpacked.toString('utf8')
  return text.includes('\ufffd') && TEXT.test(path)
    ? new TextDecoder('windows-1252').decode(unpacked)
    : text
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

async function unpack(path: string, bytes: Buffer): Promise<Buffer> {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return unzip(bytes) ?? bytes
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  // An object of a Git folder is packed so.
  const isZlib = bytes[0] === 0x78 && (0x7800 + (bytes[1] ?? 0)) % 31 === 0
  if (!isGzip && !isZlib && !path.endsWith('.br')) return bytes
  try {
    const options = { maxOutputLength: LONGEST_UNPACKED }
    if (isZlib) return await unpackZlib(bytes, options)
    return await (isGzip ? unpackGzip(bytes, options) : unpackBrotli(bytes, options))
  } catch {
    // Not packed after all, or a bomb: nobody's software would read more of it than this.
    return bytes
  }
}
