import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import { unlessVanished } from '../web/vanished.ts'
import { textInMedia } from './media-text.ts'
import { unzip } from './zip.ts'

/** Far beyond any page or index, and well below what a bomb makes of a megabyte. */
const LONGEST_UNPACKED = 128 * 1024 * 1024
/** Formats whose bytes hold no sentences. They are searched for tokens all the same. */
const MEDIA =
  /\.(?:jpe?g|png|gif|webp|avif|heic|ico|mp[34]|m4[av]|mov|webm|ogg|wav|flac|woff2?|ttf|otf|eot|7z)$/i
/** Written by hand or by an old program, these may be in an encoding of one byte for each letter. */
const TEXT = /\.(?:x?html?|xml|svg|txt|csv|tsv|json|css|[cm]?js|ics|vcf|eml|md)$/i

/** All files below a folder, dot files too, in order, relative to it. Links are followed, not in circles. */
export async function listOutputFiles(folder: string): Promise<string[]> {
  const files: string[] = []
  walk('', [realpathSync(folder)])
  return files.sort()

  function walk(path: string, within: readonly string[]): void {
    for (const entry of list(path)) {
      const below = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) walk(below, within)
      else if (entry.isFile()) files.push(below)
      else if (entry.isSymbolicLink()) follow(below, within)
    }
  }

  function list(path: string) {
    return unlessVanished(() => readdirSync(join(folder, path), { withFileTypes: true }), [])
  }

  function follow(link: string, within: readonly string[]): void {
    const target = targetOf(join(folder, link))
    if (target?.isFile()) files.push(link)
    if (!target?.isDirectory()) return
    const place = realpathSync(join(folder, link))
    const isCircle = within.some((one) => `${one}/`.startsWith(`${place}/`))
    if (!isCircle) walk(link, [...within, place])
  }

  function targetOf(link: string) {
    try {
      return statSync(link)
    } catch {
      // A link that leads nowhere is no file.
      return undefined
    }
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

export function readOutputFile(folder: string, path: string): OutputFile {
  const bytes = unlessVanished(() => readFileSync(join(folder, path)), Buffer.alloc(0))
  const isMedia = MEDIA.test(path)
  return {
    path,
    bytes,
    text: isMedia ? bytes.toString('latin1') : textOf(path, bytes),
    isMedia,
    caption: textInMedia(bytes),
  }
}

/** The text of a file by its bytes: unpacked, and in the encoding that it says it is in. */
function textOf(path: string, bytes: Buffer): string {
  const unpacked = unpack(path, bytes)
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

function unpack(path: string, bytes: Buffer): Buffer {
  if (bytes[0] === 0x50 && bytes[1] === 0x4b) return unzip(bytes) ?? bytes
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b
  // An object of a Git folder is packed so.
  const isZlib = bytes[0] === 0x78 && (0x7800 + (bytes[1] ?? 0)) % 31 === 0
  if (!isGzip && !isZlib && !path.endsWith('.br')) return bytes
  try {
    const options = { maxOutputLength: LONGEST_UNPACKED }
    if (isZlib) return inflateSync(bytes, options)
    return isGzip ? gunzipSync(bytes, options) : brotliDecompressSync(bytes, options)
  } catch {
    // Not packed after all, or a bomb: nobody's software would read more of it than this.
    return bytes
  }
}
