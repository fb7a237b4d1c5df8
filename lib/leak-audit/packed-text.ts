import { gunzipSync, inflateSync } from 'node:zlib'
import { letterRuns, lettersOf } from './letter-runs.ts'

/** A text that stands in another one in a form that nobody reads with their eyes. */
export interface PackedText {
  readonly text: string
  readonly offset: number
}

/** Of base64, of both kinds, and of a hexadecimal dump. */
const LETTERS = lettersOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+/-')
const SHORTEST_LINE = 20
const LINE_BREAK = /(?:\r?\n|\\n)/y
const HEX = /^[0-9a-f]+$/i
/** One letter in four has an accent at most. */
const LEAST_ASCII = 4
/** Enough to tell a text from the bytes of a picture. */
const PROBE = 24
const LONGEST_UNPACKED = 16 * 1024 * 1024

/** Finds texts in base64 (packed, too) and in hexadecimal digits: `data:` addresses, indexes, state of an app. */
export function* packedTexts(text: string): Generator<PackedText> {
  for (const [index, end] of packedRuns(text)) {
    const run = text.slice(index, end)
    const encoding = HEX.test(run) && run.length % 2 === 0 ? 'hex' : 'base64'
    const letters = run.replace(/\r?\n|\\n/g, '')
    const probe = Buffer.from(letters.slice(0, PROBE), encoding)
    const first = probe.subarray(0, probe.length - 3)
    if (!isPacked(probe) && !isText(first) && !isLatin(first)) continue
    const unpacked = unpackBytes(Buffer.from(letters, encoding))
    const start = unpacked.subarray(0, 1_000)
    if (isText(start)) yield { text: unpacked.toString('utf8'), offset: index }
    // What \`btoa()\` makes: a byte for each letter.
    else if (isLatin(start)) yield { text: unpacked.toString('latin1'), offset: index }
  }
}

/** Long runs of letters, and several of them where only line breaks part them. */
function* packedRuns(text: string): Generator<readonly [from: number, to: number]> {
  let open: readonly [from: number, to: number] | undefined
  for (const [start, to] of letterRuns(text, SHORTEST_LINE, LETTERS)) {
    const next = open === undefined ? undefined : behindBreak(text, open[1])
    // The letter of an escaped line break looks like one of the run.
    if (open !== undefined && next !== undefined && next >= start && to - next >= SHORTEST_LINE) {
      open = [open[0], to]
      continue
    }
    if (open !== undefined) yield open
    open = [start, to]
  }
  if (open !== undefined) yield open
}

/** The offset behind a line break that stands there, as it is or escaped. */
function behindBreak(text: string, at: number): number | undefined {
  LINE_BREAK.lastIndex = at
  return LINE_BREAK.test(text) ? LINE_BREAK.lastIndex : undefined
}

/** Undoes gzip and zlib; other bytes stay as they are. */
function unpackBytes(bytes: Buffer): Buffer {
  if (!isPacked(bytes)) return bytes
  const options = { maxOutputLength: LONGEST_UNPACKED }
  try {
    return bytes[0] === 0x1f ? gunzipSync(bytes, options) : inflateSync(bytes, options)
  } catch {
    // Bytes that only look as if they were packed, or a bomb.
    return bytes
  }
}

function isPacked(bytes: Buffer): boolean {
  const [first = 0, second = 0] = bytes
  return (
    (first === 0x1f && second === 0x8b) || (first === 0x78 && (first * 256 + second) % 31 === 0)
  )
}

/** Whether bytes are mostly ASCII, some letters with accents, and no control characters. */
function isLatin(bytes: Buffer): boolean {
  const isAny = bytes.every((byte) => byte > 31 || byte === 9 || byte === 10 || byte === 13)
  return isAny && bytes.filter((byte) => byte > 126).length < bytes.length / LEAST_ASCII
}

/** Whether bytes are letters, and no control characters. The last letter may be cut. */
function isText(bytes: Buffer): boolean {
  if (bytes.length === 0) return false
  for (const byte of bytes) {
    if (byte < 32 && byte !== 9 && byte !== 10 && byte !== 13) return false
    if (byte === 127) return false
  }
  const text = bytes.toString('utf8').replace(/\ufffd{1,3}$/, '')
  return !text.includes('\ufffd')
}
