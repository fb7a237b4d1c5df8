import { inflateSync } from 'node:zlib'

/** Letters in a row that are a word to somebody, and no accident of a picture's bytes. */
const RUN = /[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\n]{4,}/gu
const WIDE_RUN = /[\u0020-\u07ff]{4,}/g
const LONGEST_UNPACKED = 16 * 1024 * 1024
const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
const PNG_TEXT = new Set(['tEXt', 'zTXt', 'iTXt', 'eXIf'])
const RIFF_TEXT = new Set(['EXIF', 'XMP ', 'LIST', 'ICMT', 'INAM'])
const JPEG_COMMENT = 0xfe
const JPEG_APPLICATION = [0xe0, 0xef] as const
const JPEG_SCAN = 0xda
/** What a page shows: strings, and arrays of strings and gaps. */
const PDF_ARRAY = /\[(?:\((?:\\[^]|[^\\()])*\)|<[\da-f\s]*>|[-+\d.\s])*\]\s*TJ/gi
const PDF_PART = /\((?:\\[^]|[^\\()])*\)|<[\da-f\s]*>|([-+]?[\d.]+)/gi
const PDF_STRING = /\(((?:\\[^]|[^\\()])*)\)|<((?:[\da-f]{2}\s*)+)>/gi
const PDF_STREAM = /(stream\r?\n)[^]*?endstream/g
const WIDEST_KERN = -150
const PDF_ESCAPE = /\\(?:([0-7]{1,3})|\r?\n|([^]))/g

/** What pictures, sound and documents say in words: descriptions, authors, comments; the text of a PDF. */
export function textInMedia(bytes: Buffer): string {
  if (bytes.subarray(0, 8).equals(PNG)) return wordsIn(pngTexts(bytes))
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return wordsIn(jpegTexts(bytes))
  const start = bytes.toString('latin1', 0, 4)
  if (start === 'RIFF') return wordsIn(riffTexts(bytes))
  if (start === '%PDF') return pdfText(bytes)
  if (start.startsWith('ID3')) return wordsIn([bytes.subarray(10, 10 + id3Length(bytes))])
  return ''
}

function* pngTexts(bytes: Buffer): Generator<Buffer> {
  for (let at = PNG.length; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32BE(at)
    const type = bytes.toString('latin1', at + 4, at + 8)
    const content = bytes.subarray(at + 8, at + 8 + length)
    if (PNG_TEXT.has(type)) yield content
    // The text is packed behind the key, which ends in a zero, and flags, and two more texts.
    const packed = type === 'zTXt' || type === 'iTXt' ? content.indexOf(0x78) : -1
    if (packed !== -1) yield* unpacked(content.subarray(packed))
    at += 12 + length
  }
}

function* jpegTexts(bytes: Buffer): Generator<Buffer> {
  const [first, last] = JPEG_APPLICATION
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1] ?? 0
    if (marker === JPEG_SCAN) return
    const length = bytes.readUInt16BE(at + 2)
    const hasText = marker === JPEG_COMMENT || (marker >= first && marker <= last)
    if (hasText) yield bytes.subarray(at + 4, at + 2 + length)
    at += 2 + length
  }
}

function* riffTexts(bytes: Buffer): Generator<Buffer> {
  for (let at = 12; at + 8 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 4)
    const isText = RIFF_TEXT.has(bytes.toString('latin1', at, at + 4))
    if (isText) yield bytes.subarray(at + 8, at + 8 + length)
    at += 8 + length + (length % 2)
  }
}

/** Seven bits of each byte. */
function id3Length(bytes: Buffer): number {
  return [6, 7, 8, 9].reduce((length, at) => length * 128 + ((bytes[at] ?? 0) & 0x7f), 0)
}

/** Runs of letters, in UTF-8 and in UTF-16, which has a zero in every second byte. */
function wordsIn(parts: Iterable<Buffer>): string {
  const texts: string[] = []
  for (const part of parts) {
    texts.push(...(part.toString('utf8').match(RUN) ?? []))
    if (!part.includes(0)) continue
    for (const at of [0, 1])
      texts.push(...(part.subarray(at).toString('utf16le').match(WIDE_RUN) ?? []))
  }
  return texts.join('\n')
}

/** Texts of the pages and of the description. Fonts whose letters have numbers of their own are not read. */
function pdfText(bytes: Buffer): string {
  const source = bytes.toString('latin1')
  const streams = Array.from(source.matchAll(PDF_STREAM), ({ 0: stream, 1: start = '', index }) => {
    const content = bytes.subarray(index + start.length, index + stream.length)
    return isPacked(content) ? [...unpacked(content)] : [content]
  })
  const texts = [
    source.replace(PDF_STREAM, ' '),
    ...streams.flat().map((text) => text.toString('latin1')),
  ]
  return texts.flatMap((text) => stringsIn(text.replace(PDF_ARRAY, joinedArray))).join(' ')
}

/** `[(Din) 20 (ner) -300 (party)] TJ`: a wide gap between two strings is a space. */
function joinedArray(array: string): string {
  const parts = Array.from(array.matchAll(PDF_PART), ([part, gap]) => {
    if (gap !== undefined) return Number(gap) < WIDEST_KERN ? ' ' : ''
    return stringsIn(part)
      .join('')
      .replace(/[\\()]/g, ' ')
  })
  return `(${parts.join('')})`
}

function stringsIn(text: string): string[] {
  return Array.from(text.matchAll(PDF_STRING), ([, written = '', hex]) => {
    const plain = written.replace(PDF_ESCAPE, (_, octal?: string, letter?: string) =>
      octal === undefined ? (letter ?? '') : String.fromCharCode(parseInt(octal, 8)),
    )
    const bytes = hex === undefined ? Buffer.from(plain, 'latin1') : Buffer.from(hex, 'hex')
    const isWide = bytes[0] === 0xfe && bytes[1] === 0xff
    return isWide ? new TextDecoder('utf-16be').decode(bytes) : bytes.toString('latin1')
  })
}

function isPacked(bytes: Buffer): boolean {
  return bytes[0] === 0x78
}

function* unpacked(bytes: Buffer): Generator<Buffer> {
  try {
    yield inflateSync(bytes, { maxOutputLength: LONGEST_UNPACKED })
  } catch {
    // Packed otherwise, or a bomb: nothing there can be read.
  }
}
