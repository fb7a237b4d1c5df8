/** Puts a text together as a page shows it: white space folded, lines and paragraphs divided. Linear in what is written. */
export interface TextWriter {
  /** Whether as much was written as is wanted. */
  isFull(): boolean
  /** The end of what was written so far, as an offset in `text()`. */
  length(): number
  text(): string
  /** Words in which white space divides no more than words. */
  write(words: string): void
  /** Words that stand as they are, with their lines. */
  writeLines(words: string): void
  /** At least so many line breaks before what comes next. */
  breakLine(lines: number): void
  /** One more line break. */
  addBreak(): void
  /** What the next line begins with, if anything is on it. */
  beginLine(mark: string): void
}

/** Two make an empty line; pages use more of them for room. */
const MAX_BREAKS = 2

export function createTextWriter(maxLength: number): TextWriter {
  const parts: string[] = []
  let length = 0
  let breaks = 0
  /** White space that counts only if words follow it on its line. */
  let space = ''
  let mark = ''
  return { isFull, length: () => length, text, write, writeLines, breakLine, addBreak, beginLine }

  function isFull(): boolean {
    return length > maxLength
  }

  function text(): string {
    return parts.join('')
  }

  function write(words: string): void {
    const folded = words.replace(/[\t\n\f\r ]+/g, ' ')
    const core = folded.slice(folded.startsWith(' ') ? 1 : 0, folded.endsWith(' ') ? -1 : undefined)
    if (folded.startsWith(' ')) space ||= ' '
    if (core === '') return
    put(core)
    space = folded.endsWith(' ') ? ' ' : ''
  }

  function writeLines(words: string): void {
    const lines = words.replace(/\r\n?/g, '\n')
    const core = lines.trimEnd()
    if (core !== '') put(isAtLineStart() ? withoutEmptyLines(core) : core)
    space = (core === '' ? space : '') + lines.slice(core.length)
  }

  function put(words: string): void {
    const isFirst = parts.length === 0
    const before = isAtLineStart() ? '\n'.repeat(isFirst ? 0 : breaks) + mark : space
    parts.push(before + words)
    length += before.length + words.length
    breaks = 0
    space = ''
    mark = ''
  }

  function isAtLineStart(): boolean {
    return parts.length === 0 || breaks > 0
  }

  function breakLine(lines: number): void {
    if (lines === 0) return
    // The first paragraph of a point stands beside its mark.
    if (mark === '') breaks = Math.max(breaks, lines)
    space = ''
  }

  function addBreak(): void {
    breaks = Math.min(breaks + 1, MAX_BREAKS)
    space = ''
  }

  function beginLine(sign: string): void {
    mark = sign
  }
}

function withoutEmptyLines(text: string): string {
  let start = 0
  while (text[start] === '\n') start += 1
  return text.slice(start)
}
