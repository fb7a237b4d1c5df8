/**
 * Front matter that Eleventy does not read. Eleventy takes a file's front matter only when its very first
 * characters are `---`; everything else is text, and is published. So the raw head of each source is read
 * beside the data that arrived.
 *
 * 1. `headLines`, `readBlock` (head-lines.ts) – lines as a person sees them, and what looks like a block
 * 2. `codeLines` (code-lines.ts) – what is an example
 * 3. `findBelow` (head-text.ts) – where a head may stand in a text
 * 4. `wordIn` (head-words.ts) – the words in it that did not arrive
 * 5. {@link findUnread} – the first one, and why
 *
 * @module
 */
import { load } from 'js-yaml'
import { headLine, isPair, LINE_END, readBlock, type HeadLine } from './head-lines.ts'
import { COMMENTS, findBelow, QUICK, toLine } from './head-text.ts'
import { isStrong, plainWord, type HeadWord } from './head-words.ts'
import { foldWord } from './look-alikes.ts'
import type { FrontMatter } from './visibility.ts'

/** Something in the head of a file that says who may read it, and that Eleventy does not read. */
export interface UnreadWord extends HeadWord {
  readonly why: string
}

/** As many bytes of a file as are read. */
export const HEAD_LENGTH = 32_768
/** Lines that are empty or comments. */
const EMPTY_LINES = /^(?:\s|#.*)*/
/** What begins a mapping in YAML. */
const MAPPING = /^\s*(?:"[^"]*"|'[^']*'|[^\s"'#\-[\]{}&*!|>%@`,?][^:#]*)\s*:(?:\s|$)|^\s*\{/

/** How the site reads front matter, and whom it knows. */
export interface HeadRules {
  readonly delimiter?: string
  readonly language?: string
  /** Groups and people whom the site's options name. */
  readonly known?: readonly string[]
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
  { delimiter = '---', language = 'yaml', known = [] }: HeadRules = {},
): UnreadWord | undefined {
  const text = head.startsWith('\uFEFF') ? head.slice(1) : head
  const isRead = text.startsWith(delimiter) && text[delimiter.length] !== delimiter.at(-1)
  if (!isRead || !text.includes('\n')) {
    const found = findBelow(text.split(LINE_END), 0, data, known)
    return found && { ...found.word, why: whyUnread(text, found.opening) }
  }

  const end = text.indexOf(`\n${delimiter}`, delimiter.length)
  const block = end === -1 ? text : text.slice(0, end)
  const unread = findNoMapping(block, delimiter, language) ?? findInside(block, data, known)
  if (unread || end === -1) return unread
  const closing = text.indexOf('\n', end + 1)
  if (closing === -1) return undefined
  const above = text.slice(0, closing).split(LINE_END).length
  const found = findBelow(text.slice(closing + 1).split(LINE_END), above, data, known)
  return found && { ...found.word, why: 'it stands below the front matter' }
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
  known: readonly string[],
): UnreadWord | undefined {
  if (!QUICK.test(block)) return undefined
  for (const [at, raw] of block.split(LINE_END).entries()) {
    if (at === 0 || !QUICK.test(raw) || /^\s*(?:#|\/\/|\/\*)/.test(raw)) continue
    const comment = /\s#\s*(.+)$/.exec(raw)?.[1]
    if (comment !== undefined) {
      const word = plainWord(toLine(comment), data)
      if (word) return { ...word, line: at + 1, why: 'it stands in a comment' }
    }
    for (const line of headLine(raw, at + 1).filter(isPair)) {
      const [key = '', value] = Object.entries(readBlock([line]).data)[0] ?? []
      const isItem = /^\s*-/.test(raw)
      if (!isStrong(key, value, known, false) || (isItem && foldWord(key) === 'private')) continue
      if (Object.keys(data).some((name) => foldWord(name) === foldWord(key))) continue
      const why = 'the line belongs to another key or to a text, and says nothing of the post'
      return { line: line.number, key, why }
    }
  }
  return undefined
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
