import { codeLines } from './code-lines.ts'
import {
  headLine,
  headLines,
  isFence,
  isPair,
  looseLine,
  readBlock,
  tableRow,
  type HeadLine,
} from './head-lines.ts'
import { markIn, plainWord, wordIn, type HeadWord } from './head-words.ts'
import type { FrontMatter } from './visibility.ts'

/** So many short lines, such as a title, may stand above front matter; below anything else, it is an example. */
const LINES_ABOVE = 3
/** Longer runs of "key: value" are no front matter. */
const BLOCK_LENGTH = 80
/** `visibility: private` is short, even in a comment, in elements or in entities. */
const LONGEST_LINE = 80
const PAIR_SIGN = /[:=\uFF1A꞉∶→]|&/
/** What a line of front matter begins with, where it stands in the middle of a text. */
const PLAIN_START = /^(?:["'{\\\p{L}]|<!--|<p>|\{%|\{#|&)/u
/** "Note: it is a long story that began at home." has a colon, and is text. */
const SENTENCE = /^\s*\p{Lu}\S*:\s+(?:\S+\s+){5,}\S+[.!?:]$/u
/** A line without a verb or an end, such as a title. */
const TITLE = /^(?!.*[.!?:;,]\s*$)(?=.{1,60}$)\S+(?:\s+\S+){0,8}$/
/** A line without any of these needs no closer look. */
export const QUICK = /visi|audi|recip|priv|shar|status|sicht|zicht|[^\x01-\x7F]/i
export const COMMENTS =
  /^(?:\s*(?:<!--[^]*?-->|\{#[^]*?#\}|\{%-?\s*comment\b[^]*?endcomment\s*-?%\}|\{\{!--[^]*?--\}\}|<%#[^]*?%>|\/\*[^]*?\*\/))+/

/** A page that is no text: its lines are of another language. */
const OF_DATA = /\.(?:json|ya?ml|toml|xml|css|[cm]?js|webmanifest|ics|csv)$/i
const HASHED = /^\s*#\s?[\p{L}-]+\s*[:=]/u
const CODE_MARK = /^\s*(?:`{3}|~{3})/

/** A word that did not arrive, and the line that its block begins with. */
interface FoundBelow {
  readonly word: HeadWord
  readonly opening: HeadLine
}

/**
 * Reads a text from its first line on. Down to the first words of the text it may be a head, in whatever
 * spelling; further down only a block between fences, or a line that is nothing but `visibility: private`.
 *
 * @param above How many lines stand above; without any, the file has no front matter for Eleventy.
 */
export function findBelow(
  raw: readonly string[],
  above: number,
  data: FrontMatter,
  known: readonly string[],
): FoundBelow | undefined {
  if (above > 0 && OF_DATA.test(String(data['permalink']))) return undefined
  const marked = above === 0 ? markedBlock(raw) : undefined
  const isCode = codeLines(raw, marked === undefined ? 0 : marked.end + 1)
  const comments = commentLines(raw)
  let texts = 0
  let end = 0
  for (const [at, written] of raw.entries()) {
    const isHead = texts <= LINES_ABOVE
    if (isCode[at]) texts = LINES_ABOVE + 1
    if (isCode[at] || (!isHead && !mayBeFrontMatter(written))) continue
    if (texts > 0 && /^(?: {4}|\t)\s*[^\s<]/.test(written)) continue
    const whole = tableRow(raw, at, above) ?? headLine(hashless(raw, at), above + at + 1)
    const parts = isHead ? [...whole, ...looseLine(raw, at, above)] : whole
    for (const [part, line] of parts.entries()) {
      const isOpening = isFence(line, at === marked?.start)
      const mark = isHead ? markIn(line, texts === 0) : undefined
      if (mark) return { word: mark, opening: line }
      if (isOpening || isPair(line)) {
        // The lines of a block that was read already need no other one.
        const isRead = !isOpening && at < end
        const rest = isRead ? [] : raw.slice(at + 1, at + 1 + BLOCK_LENGTH)
        const lines = parts.slice(isOpening ? part + 1 : part)
        const block = readBlock(concat(lines, headLines(rest, above + at + 1)))
        const isFurther = !isHead || (!isOpening && texts > 0)
        const place = isFurther ? 'further' : isOpening ? 'fenced' : 'open'
        const word =
          isHead || isOpening ? wordIn(block, data, known, place, above > 0) : plainWord(line, data)
        if (word) return { word, opening: line }
        if (!isRead) end = at + block.length
      }
      const isText = !isOpening && /[\p{L}\p{N}]/u.test(line.text) && at >= comments
      if (!isText || (isHead && isPair(line) && !SENTENCE.test(line.text))) continue
      texts += TITLE.test(line.text.trim()) ? 1 : LINES_ABOVE + 1
    }
  }
  return undefined
}

/** `# key: value` is a heading; several of them, one below the other, are front matter in a comment. */
function hashless(raw: readonly string[], at: number): string {
  const line = raw[at] ?? ''
  const isOne =
    HASHED.test(line) && (HASHED.test(raw[at - 1] ?? '') || HASHED.test(raw[at + 1] ?? ''))
  return isOne ? line.replace('#', '') : line
}

function* concat<Item>(first: readonly Item[], more: Iterable<Item>): Generator<Item> {
  yield* first
  yield* more
}

/** A block of code at the very top of a file: it is meant as front matter, with another fence. */
function markedBlock(raw: readonly string[]): { start: number; end: number } | undefined {
  const start = raw.findIndex((line) => line.trim() !== '')
  const opening = raw[start] ?? ''
  if (!CODE_MARK.test(opening) || !isFence(toLine(opening), true)) return undefined
  return { start, end: raw.findIndex((line, at) => at > start && CODE_MARK.test(line)) }
}

/** How many lines at the top are comments. */
function commentLines(raw: readonly string[]): number {
  const isComment = /^\s*(?:<!--|\{[#%{]|<%|\/\*)/.test(
    raw.find((line) => line.trim() !== '') ?? '',
  )
  return isComment ? (COMMENTS.exec(raw.join('\n'))?.[0] ?? '').split('\n').length - 1 : 0
}

export function toLine(text = ''): HeadLine {
  return headLine(text, 1)[0] ?? { number: 1, text }
}

/** In the middle of a text: a fence, or a short line that may be a pair. Most lines are neither. */
function mayBeFrontMatter(written: string): boolean {
  if (written.length > LONGEST_LINE) return false
  if (PAIR_SIGN.test(written)) return QUICK.test(written) && PLAIN_START.test(written)
  return /^[^\p{L}\p{N}\s]{2,}\s*$/u.test(written)
}
