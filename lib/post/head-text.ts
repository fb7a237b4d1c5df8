import { codeLines } from './code-lines.ts'
import { headLine, headLines, isFence, isPair, tableRow, type HeadLine } from './head-lines.ts'
import { markIn, plainWord, wordIn, type HeadWord } from './head-words.ts'
import type { FrontMatter } from './visibility.ts'

/** So many short lines, such as a title, may stand above front matter; below anything else, it is an example. */
const LINES_ABOVE = 3
/** Longer runs of "key: value" are no front matter. */
const BLOCK_LENGTH = 80
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
  const first = raw.findIndex((line) => line.trim() !== '')
  // A block of code at the very top of a file is front matter by another fence.
  const isTop = above === 0 && first !== -1 && isFence(toLine(raw[first]), true)
  const isMarked = isTop && /^\s*(?:`{3}|~{3})/.test(raw[first] ?? '')
  const end = isMarked
    ? raw.findIndex((line, at) => at > first && /^\s*(?:`{3}|~{3})/.test(line))
    : -1
  const isCode = codeLines(raw, end + 1)
  const comments = (COMMENTS.exec(raw.join('\n'))?.[0] ?? '').split('\n').length - 1
  let texts = 0
  for (const [at, written] of raw.entries()) {
    const isHead = texts <= LINES_ABOVE
    if (isCode[at]) {
      texts = LINES_ABOVE + 1
      continue
    }
    if (!isHead && !mayBeFrontMatter(written)) continue
    if (texts > 0 && /^(?: {4}|\t)\s*[^\s<]/.test(written)) continue
    const parts = tableRow(raw, at, above) ?? headLine(written, above + at + 1)
    for (const [part, line] of parts.entries()) {
      const isOpening = isFence(line, isMarked && at === first)
      const isHeadPair = isHead && (isPair(line) || markIn(line, texts === 0) !== undefined)
      if (isOpening || isHeadPair || isPair(line)) {
        const rest = headLines(raw.slice(at + 1, at + 1 + BLOCK_LENGTH), above + at + 1)
        const lines = [...parts.slice(isOpening ? part + 1 : part), ...rest]
        const place =
          !isHead || (!isOpening && texts > 0) ? 'further' : isOpening ? 'fenced' : 'open'
        const word =
          isHead || isOpening
            ? (wordIn(lines, data, known, place, above > 0) ?? markIn(line, texts === 0))
            : plainWord(line, data)
        if (word) return { word, opening: line }
      }
      if (isOpening || !/[\p{L}\p{N}]/u.test(line.text) || at < comments) continue
      if (isHeadPair && !SENTENCE.test(line.text)) continue
      texts += TITLE.test(line.text.trim()) ? 1 : LINES_ABOVE + 1
    }
  }
  return undefined
}

export function toLine(text = ''): HeadLine {
  return headLine(text, 1)[0] ?? { number: 1, text }
}

/** In the middle of a text: a fence, or a short line that may be a pair. */
function mayBeFrontMatter(written: string): boolean {
  if (written.length > 120) return false
  if (/^[^\p{L}\p{N}\s]{2,}\s*$/u.test(written)) return true
  return QUICK.test(written) && PLAIN_START.test(written)
}
