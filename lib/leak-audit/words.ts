import { isAmong, lettersOf } from './letter-runs.ts'

/** Marks the edge of a block in a text whose markup was taken out. A phrase does not cross it. */
export const BLOCK = '\u0001'
/** Marks an edge within a text that goes on behind it: a heading ends, a picture stands there. */
export const EDGE = '\u0002'

/**
 * The words of a text. Each is kept as 64 bits of hash in two halves, and as the place where it stands:
 * comparing and counting them costs no strings.
 */
export interface Words {
  /** The folded text that the places refer to. It has as many lines as the original. */
  readonly text: string
  readonly length: number
  readonly first: readonly number[]
  readonly second: readonly number[]
  readonly start: readonly number[]
  readonly end: readonly number[]
  /** Number of the block that the word stands in. */
  readonly block: readonly number[]
}

const ASCII = 128
/** Folded, that is all there is of ASCII. */
const PLAIN = lettersOf('abcdefghijklmnopqrstuvwxyz0123456789')
const LETTERS = /[\p{L}\p{N}]/u
/** Scripts that put no spaces between words: each of their signs counts as one. */
const SIGNS =
  /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]/u
/** What a unit of a folded text is: no part of a word, part of one, a word of its own. */
export const OTHER = 0
export const LETTER = 1
const SIGN = 2

/** Case, accents, ligatures, soft hyphens and zero-width spaces make no difference. */
export function foldText(text: string): string {
  const lower = text.toLowerCase()
  // Only ASCII: nothing left to fold.
  return /[^\x00-\x7f]/.test(lower) ? lower.normalize('NFKD').replace(/[\p{M}\p{Cf}]/gu, '') : lower
}

/** Splits a text into runs of letters and digits. Punctuation, quotes and dashes are no part of any. */
export function wordsOf(original: string): Words {
  const text = foldText(original)
  const first: number[] = []
  const second: number[] = []
  const start: number[] = []
  const end: number[] = []
  const block: number[] = []
  let blocks = 0

  for (let at = 0; at < text.length;) {
    const kind = kindAt(text, at)
    if (kind === OTHER) {
      const code = text.charCodeAt(at)
      if (code === 1 || code === 2) blocks++
      at++
      continue
    }
    let one = 0x811c9dc5
    let two = 0x9e3779b9
    const begin = at
    do {
      const code = text.charCodeAt(at)
      one = Math.imul(one ^ code, 0x01000193)
      two = Math.imul(two ^ code, 0x85ebca6b)
      two ^= two >>> 13
      at++
    } while (kind === LETTER && at < text.length && kindAt(text, at) === LETTER)
    first.push(one)
    second.push(two)
    start.push(begin)
    end.push(at)
    block.push(blocks)
  }
  return { text, length: first.length, first, second, start, end, block }
}

export function kindAt(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code < ASCII) return isAmong(PLAIN, code) ? LETTER : OTHER
  const isSecondHalf = code >= 0xdc00 && code <= 0xdfff
  const character = String.fromCodePoint(text.codePointAt(isSecondHalf ? at - 1 : at) ?? code)
  if (!isSecondHalf && SIGNS.test(character)) return SIGN
  return LETTERS.test(character) ? LETTER : OTHER
}

/** One word as a key of a map: 53 of its 64 bits. */
export function wordKey({ first, second }: Words, at: number): number {
  return toKey(first[at] ?? 0, second[at] ?? 0)
}

/** `count` words from `at` on, in their order, as a key of a map. */
export function windowKey({ first, second }: Words, at: number, count: number): number {
  let one = count
  let two = ~count
  for (let i = at; i < at + count; i++) {
    one = Math.imul(one ^ (first[i] ?? 0), 0x01000193)
    one ^= one >>> 15
    two = Math.imul(two ^ (second[i] ?? 0), 0x85ebca6b)
    two ^= two >>> 13
  }
  return toKey(one, two)
}

/** {@link windowKey} of all words whose hashes lie in a ring, as many as a power of two, the oldest at `oldest`. */
export function windowKeyInRing(first: Int32Array, second: Int32Array, oldest: number): number {
  const count = first.length
  let one = count
  let two = ~count
  for (let i = oldest; i < oldest + count; i++) {
    one = Math.imul(one ^ (first[i & (count - 1)] ?? 0), 0x01000193)
    one ^= one >>> 15
    two = Math.imul(two ^ (second[i & (count - 1)] ?? 0), 0x85ebca6b)
    two ^= two >>> 13
  }
  return toKey(one, two)
}

/** A whole text as a key: `Surprise party` and `surprise-party` have the same. `undefined`: no words. */
export function phraseKey(text: string): number | undefined {
  const words = wordsOf(text)
  return words.length === 0 ? undefined : windowKey(words, 0, words.length)
}

export function wordAt({ text, start, end }: Words, at: number): string {
  return text.slice(start[at], end[at])
}

/** Which words have a letter in them. Numbers prove nothing: calendars are full of them. */
export function letteredWords(words: Words): boolean[] {
  return Array.from({ length: words.length }, (_, at) => /\p{L}/u.test(wordAt(words, at)))
}

export function lettered(words: Words): number {
  return letteredWords(words).filter(Boolean).length
}

export function joinedWords(words: Words): string {
  return Array.from({ length: words.length }, (_, at) => wordAt(words, at)).join('')
}

/** The line of the text, counted from 1, that the word stands in. */
export function lineOfWord({ text, start }: Words, at: number): number {
  return lineAt(text, start[at] ?? 0)
}

export function lineAt(text: string, offset: number): number {
  let line = 1
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1))
    line++
  return line
}

/** 32 bits of the one and 21 of the other: what a number holds exactly. */
export function toKey(one: number, two: number): number {
  return (one >>> 0) * 2 ** 21 + (two >>> 11)
}
