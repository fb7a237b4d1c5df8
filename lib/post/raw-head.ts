/**
 * Front matter that Eleventy does not read. Eleventy takes a file's front matter only when its very first
 * characters are `---`; everything else is text, and is published. So the raw head of each source is read
 * beside the data that arrived.
 *
 * 1. `headLines`, `readBlock` (head-lines.ts) – lines as a person sees them, and what looks like a block
 * 2. `findPrivacyWords` (privacy-words.ts) – the words in it
 * 3. {@link findUnread} – the first one that did not arrive, and why
 *
 * @module
 */
import { distance } from 'fastest-levenshtein'
import { load } from 'js-yaml'
import {
  headLine,
  headLines,
  isFence,
  isPair,
  LINE_END,
  readBlock,
  type HeadLine,
} from './head-lines.ts'
import { foldWord } from './look-alikes.ts'
import { findPrivacyWords } from './privacy-words.ts'
import { isPrivateWord, isYes, namesReader } from './privacy-values.ts'
import type { FrontMatter } from './visibility.ts'

/** Something in the head of a file that says who may read it, and that Eleventy does not read. */
export interface UnreadWord {
  /** Counted from 1. */
  readonly line: number
  /** The key as it stands there; empty where the front matter as a whole is none. */
  readonly key: string
  readonly why: string
}

/** As many bytes of a file as may be its head. */
export const HEAD_LENGTH = 8192
/** Above front matter there may be a heading, or a line or two; further down, it is an example. */
const LINES_ABOVE = 3
/** A text without any of these needs no closer look. */
const QUICK = /visi|audi|recip|priv|shar|status|[^\x01-\x7F]/i
/** Lines that are empty or comments. */
const EMPTY_LINES = /^(?:\s|#.*)*/
/** What begins a mapping in YAML. */
const MAPPING = /^\s*(?:"[^"]*"|'[^']*'|[^\s"'#\-[\]{}&*!|>%@`,?][^:#]*)\s*:(?:\s|$)|^\s*\{/
const COMMENTS =
  /^(?:\s*(?:<!--[^]*?-->|\{#[^]*?#\}|\{%-?\s*comment\b[^]*?endcomment\s*-?%\}|\{\{!--[^]*?--\}\}|<%#[^]*?%>|\/\*[^]*?\*\/))+/

/** How the site reads front matter, and whom it knows. */
export interface HeadRules {
  readonly delimiter?: string
  readonly language?: string
  /** Names of the groups that the site's options know. */
  readonly groups?: readonly string[]
}

/**
 * Finds what the author wrote about readers, and Eleventy did not read.
 *
 * @param head The first {@link HEAD_LENGTH} bytes of the file, or all of it.
 * @param data What arrived: all data of the template.
 */
export function findUnread(
  head: string,
  data: FrontMatter,
  { delimiter = '---', language = 'yaml', groups = [] }: HeadRules = {},
): UnreadWord | undefined {
  const text = head.startsWith('\uFEFF') ? head.slice(1) : head
  const isRead = text.startsWith(delimiter) && text[delimiter.length] !== delimiter.at(-1)
  if (!isRead || !text.includes('\n')) return findAbove(text, data, groups)

  const end = text.indexOf(`\n${delimiter}`, delimiter.length)
  const block = end === -1 ? text : text.slice(0, end)
  const unread = findNoMapping(block, delimiter, language) ?? findInside(block, data, groups)
  return unread ?? (end === -1 ? undefined : findSecond(text, end, data, groups))
}

/** Front matter that is a word, a list or a number: Eleventy drops it without a message. */
function findNoMapping(block: string, delimiter: string, standard: string): UnreadWord | undefined {
  const opening = /.*/.exec(block)?.[0] ?? ''
  const language = opening.slice(delimiter.length).trim().toLowerCase() || standard
  if (!['yaml', 'yml', 'json'].includes(language)) return undefined
  const yaml = block.slice(opening.length)
  const above = EMPTY_LINES.exec(yaml)?.[0] ?? ''
  if (above.length === yaml.length || MAPPING.test(yaml.slice(above.length))) return undefined
  const value = parse(yaml)
  if (value === undefined || (typeof value === 'object' && value && !Array.isArray(value))) {
    return undefined
  }
  const what = Array.isArray(value) ? 'a list' : value === null ? 'empty' : `one ${typeof value}`
  return {
    line: above.split(LINE_END).length,
    key: '',
    why: `the front matter is ${what}, where Eleventy reads lines of "key: value"`,
  }
}

/** Lines of the front matter that became part of something else: below another key, or in a text. */
function findInside(
  block: string,
  data: FrontMatter,
  groups: readonly string[],
): UnreadWord | undefined {
  if (!QUICK.test(block)) return undefined
  for (const [at, raw] of block.split(LINE_END).entries()) {
    if (at === 0 || !QUICK.test(raw) || /^\s*(?:#|\/\/|\/\*)/.test(raw)) continue
    for (const line of headLine(raw, at + 1).filter(isPair)) {
      const [key = '', value] = Object.entries(readBlock([line]).data)[0] ?? []
      const isItem = /^\s*-/.test(raw)
      if (!isStrong(key, value, groups, false) || (isItem && foldWord(key) === 'private')) continue
      if (Object.keys(data).some((name) => foldWord(name) === foldWord(key))) continue
      const why = 'the line belongs to another key or to a text, and says nothing of the post'
      return { line: line.number, key, why }
    }
  }
  return undefined
}

/** A block directly after the front matter, with fences of its own. */
function findSecond(
  text: string,
  end: number,
  data: FrontMatter,
  groups: readonly string[],
): UnreadWord | undefined {
  const closing = text.indexOf('\n', end + 1)
  if (closing === -1) return undefined
  const from = closing + 1
  const start = from + (/^(?:\s|#{1,6}\s.*\n)*/.exec(text.slice(from))?.[0].length ?? 0)
  const above = text.slice(0, start).split(LINE_END).length - 1
  const raw = text.slice(start).split(LINE_END)
  const [opening] = headLine(raw[0] ?? '', above + 1)
  const isFenced = opening !== undefined && isFence(opening)
  const lines = headLines(raw.slice(isFenced ? 1 : 0), above + (isFenced ? 1 : 0))
  const found =
    (opening && (isFenced || isPair(opening))
      ? wordIn(lines, data, groups, isFenced ? 'second' : 'open')
      : undefined) ?? findFurtherDown(raw, above, data, groups)
  return found && { ...found, why: 'it stands below the front matter' }
}

/** A block between two fences in the text, such as the front matter of a second post in the same file. */
function findFurtherDown(
  raw: readonly string[],
  above: number,
  data: FrontMatter,
  groups: readonly string[],
): Omit<UnreadWord, 'why'> | undefined {
  let isCode = false
  for (const [at, written] of raw.entries()) {
    if (/^\s*(?:`{3}|~{3})/.test(written) || /<\/?(?:pre|code|textarea)\b/i.test(written))
      isCode = !isCode
    if (isCode || !/^-{3,}\s*$/.test(written)) continue
    const lines = headLines(raw.slice(at + 1), above + at + 1)
    if (!readBlock(lines).isClosed) continue
    const found = wordIn(lines, data, groups, 'further')
    if (found) return found
  }
  return undefined
}

/** What stands at the top of a file that has no front matter for Eleventy. */
function findAbove(
  text: string,
  data: FrontMatter,
  groups: readonly string[],
): UnreadWord | undefined {
  const comment = (COMMENTS.exec(text)?.[0] ?? '').split(LINE_END).length - 1
  const raw = text.split(LINE_END)
  let texts = 0
  let isCode = false
  for (const [at, written] of raw.entries()) {
    for (const [part, line] of headLine(written, at + 1).entries()) {
      if (line.text.trim() === '') continue
      const isTop = texts === 0
      const isMarked = /^\s*(?:`{3}|~{3})/.test(line.text)
      const isIndented = !isTop && /^(?: {4}|\t)/.test(line.text)
      const isOpening = !isCode && !isIndented && isFence(line, isTop)
      if (isOpening || (isTop && !isCode && isPair(line))) {
        const first = headLine(written, at + 1).slice(isOpening ? part + 1 : part)
        const lines = [...first, ...headLines(raw.slice(at + 1), at + 1)]
        const found = wordIn(lines, data, groups, isOpening ? 'fenced' : 'open')
        if (found) return { ...found, why: whyUnread(text, line) }
      }
      if (isMarked && !isOpening) isCode = !isCode
      else if (isOpening || at < comment) continue
      texts += 1
      if (texts > LINES_ABOVE || /<(?:pre|code|textarea|script|style)\b/i.test(line.text)) {
        return undefined
      }
    }
  }
  return undefined
}

/**
 * The first word of a block that did not arrive. Between fences at the top, every word of the table counts;
 * where the block may be an example or a letter, only those that hardly stand there by chance.
 */
function wordIn(
  lines: readonly HeadLine[],
  data: FrontMatter,
  groups: readonly string[],
  place: 'fenced' | 'second' | 'further' | 'open',
): Omit<UnreadWord, 'why'> | undefined {
  const block = readBlock(lines)
  const strong = Object.entries(block.data)
    .filter(([key, value]) => isStrong(key, value, groups, block.isClosed))
    .map(([key]) => key)
  const isExample = place === 'further' || (place === 'open' && !block.isClosed)
  const weak = isExample ? [] : wordsOf(block.data, groups, place === 'second')
  const key = [...strong, ...weak].find((name) => !isSame(name, block.data[name], data))
  return key === undefined ? undefined : { key, line: block.lineOf.get(key) ?? 1 }
}

function wordsOf(block: FrontMatter, groups: readonly string[], isSecond: boolean): string[] {
  return findPrivacyWords(block, groups)
    .filter(({ effect }) => effect !== 'warning' && effect !== 'if-built')
    .filter(({ key, value }) => {
      // "To: Bob" between two lines may be the head of a letter.
      const isLetter = value === 'people' || value === 'any' || foldWord(key) === 'recipient'
      return !(isSecond && isLetter) || namesReader(block[key], 'contacts', groups)
    })
    .map(({ key }) => key)
}

/** Keys and values that say "private" wherever they stand. */
function isStrong(
  written: string,
  value: unknown,
  groups: readonly string[],
  isClosed: boolean,
): boolean {
  const key = foldWord(written)
  if (distance(key, 'visibility') <= 2) {
    return isPrivateWord(value) || distance(foldWord(String(value)), 'private') <= 2
  }
  if (key === 'private') return isYes(value)
  if (key === 'privacy') return isPrivateWord(value)
  if (key === 'status' || key === 'poststatus') return isClosed && isPrivateWord(value)
  if (!['audience', 'recipients', 'sharedwith', 'visibleto'].includes(key)) return false
  return namesReader(value, isClosed ? 'people' : 'contacts', groups)
}

/** Whether the same word arrived by another way, such as a directory data file. */
function isSame(key: string, value: unknown, data: FrontMatter): boolean {
  return Object.hasOwn(data, key) && foldWord(String(data[key])) === foldWord(String(value))
}

function whyUnread(text: string, { text: line }: HeadLine): string {
  const code = text.charCodeAt(0)
  if (text.includes('\0')) return 'the file is not in UTF-8'
  if (/^[\r\n]/.test(text)) return 'an empty line stands above it'
  if (/^ |^\t/.test(text)) return 'a space stands before the first line'
  if (/^[\s\p{Cf}]/u.test(text)) {
    return `an invisible character stands before it (U+${code.toString(16).toUpperCase().padStart(4, '0')})`
  }
  if (COMMENTS.test(text)) return 'a comment stands above it'
  if (/^\s*---\s*$/.test(line)) return 'another line stands above it'
  return 'no line of exactly three hyphens stands above it'
}

function parse(yaml: string): unknown {
  try {
    return load(yaml)
  } catch {
    // Eleventy stops there by itself.
    return undefined
  }
}
