import { distance } from 'fastest-levenshtein'
import { readBlock, type HeadBlock, type HeadLine } from './head-lines.ts'
import { foldWord } from './look-alikes.ts'
import { findPrivacyWords } from './privacy-words.ts'
import {
  hasPrivateTag,
  isPlainlyPrivate,
  isPrivateWord,
  isVisibilityKey,
  isYes,
  namesReader,
} from './privacy-values.ts'
import type { FrontMatter } from './visibility.ts'

/** A word that says who may read, in lines that Eleventy does not take for front matter. */
export interface HeadWord {
  /** Counted from 1. */
  readonly line: number
  /** The key as it stands there; empty where the front matter as a whole is none. */
  readonly key: string
}

/**
 * The first word of a block that did not arrive. Between fences at the top, every word of the table counts;
 * where the block may be an example or a letter, only those that hardly stand there by chance.
 */
export function wordIn(
  block: HeadBlock,
  data: FrontMatter,
  known: readonly string[],
  place: 'fenced' | 'further' | 'open',
  isBelow: boolean,
): HeadWord | undefined {
  const strong = Object.entries(block.data)
    .filter(([key, value]) => isStrong(key, value, known, block.isClosed))
    .map(([key]) => key)
  const isOpen = place === 'open' && !block.isClosed
  const isExample = place === 'further' || (isOpen && isBelow)
  const weak = isExample
    ? []
    : wordsOf(block.data, known, isBelow || isOpen).filter(
        (key) => !isOpen || (isPlainKey(key, block.data[key]) && !block.nested.has(key)),
      )
  const key = [...strong, ...weak].find((name) => !isSame(name, block.data[name], data))
  return key === undefined ? undefined : { key, line: block.lineOf.get(key) ?? 1 }
}

function wordsOf(block: FrontMatter, known: readonly string[], isBelow: boolean): string[] {
  return findPrivacyWords(block, known)
    .filter(({ effect }) => effect !== 'warning' && effect !== 'if-built')
    .filter(({ key, value }) => {
      // "To: Bob" between two lines may be the head of a letter.
      const isLetter =
        value === 'people' ||
        value === 'any' ||
        value === 'private alone' ||
        foldWord(key) === 'recipient'
      return !(isBelow && isLetter) || namesReader(block[key], 'contacts', known)
    })
    .map(({ key }) => key)
}

/** In lines without a fence: a key in small letters, as front matter has it, and no word of other things. */
function isPlainKey(key: string, value: unknown): boolean {
  return /^\p{Ll}/u.test(key) && (!isPrivateWord(value) || isPlainlyPrivate(value))
}

/** Keys and values that say "private" wherever they stand. */
export function isStrong(
  written: string,
  value: unknown,
  known: readonly string[],
  isClosed: boolean,
): boolean {
  const key = foldWord(written)
  if (isVisibilityKey(key)) {
    if (isPlainlyPrivate(value) || distance(foldWord(String(value)), 'private') <= 2) return true
    return isClosed && isPrivateWord(value)
  }
  if (key === 'private' || key === 'isprivate') return isYes(value)
  if (key === 'privacy') return isPrivateWord(value)
  if (key === 'status' || key === 'poststatus') return isClosed && isPrivateWord(value)
  if (!['audience', 'recipients', 'sharedwith', 'visibleto'].includes(key)) return false
  // "Audience: Families" is said of a film.
  const isAsFrontMatter = isClosed || /^\p{Ll}/u.test(written)
  return namesReader(value, isAsFrontMatter || Array.isArray(value) ? 'people' : 'contacts', known)
}

/** Whether the same word arrived by another way, such as a directory data file. */
function isSame(key: string, value: unknown, data: FrontMatter): boolean {
  return Object.hasOwn(data, key) && foldWord(String(data[key])) === foldWord(String(value))
}

/** `🔒 private`, `> [!private]` */
const SIGNED = /^([^\p{L}\p{N}]+)(\p{L}[\p{L}-]+)[^\p{L}\p{N}]*$/u

/** `#private`, `[private]`: a mark of other software, alone in its line. */
export function markIn({ number, text }: HeadLine, isFirst: boolean): HeadWord | undefined {
  const marks = text.trim().split(/\s+/)
  const isMarked = marks.every((mark) =>
    /^(?:#+(?=\p{L})|[[({@!<%]+)[\p{L}/_-]+[\])}>%]*$/u.test(mark),
  )
  const [, signs = '', word = ''] = SIGNED.exec(text.trim()) ?? []
  const isSigned = signs !== '' && !/^[-*+#>"'_\s“”„«»•–—|]+$/.test(signs) && hasPrivateTag(word)
  const isPlain = isFirst && /^(?:private|unlisted)$/.test(text.trim())
  if (!isPlain && !isMarked && !isSigned) return undefined
  const found = isSigned ? word : marks.find((mark) => hasPrivateTag(mark))
  return found === undefined ? undefined : { key: found, line: number }
}

/** `visibility: private` and nothing else, in the middle of a text. */
export function plainWord(line: HeadLine, data: FrontMatter): HeadWord | undefined {
  const { data: pairs } = readBlock([line])
  const [key = '', value] = Object.entries(pairs)[0] ?? []
  const isPrivate =
    (isVisibilityKey(key) && isPlainlyPrivate(value)) || (key === 'private' && value === true)
  return isPrivate && !isSame(key, value, data) ? { key, line: line.number } : undefined
}
