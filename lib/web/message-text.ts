/**
 * What a stranger says, made fit to be shown: as a line or as paragraphs.
 *
 * @module
 */

/** One line of at most so many characters, without control characters and those that turn the direction of writing. */
export function toLine(text: string, maxLength: number): string {
  return cut(
    withoutControls(text.slice(0, maxLength * 20))
      .replace(/\s+/g, ' ')
      .trim(),
    maxLength,
  )
}

/** The same for a text with lines and paragraphs, which are divided by one empty line. */
export function toParagraphs(text: string, maxLength: number): string {
  const lines = text
    .slice(0, maxLength * 4)
    .split(/\r\n|[\n\r\u2028\u2029]/)
    .map((line) => withoutControls(line).trimEnd())
  return cut(
    lines
      .join('\n')
      .replace(/\n{3,}/g, '\n\n')
      .trim(),
    maxLength,
  )
}

/** Joiners stay: Persian and emoji are made of them. Where a word may be divided is no space in it. */
function withoutControls(text: string): string {
  return text.replace(/[\u00ad\u200b\u2060\ufeff]/g, '').replace(/(?![\u200c\u200d])\p{C}/gu, ' ')
}

function cut(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  const characters = [...text]
  if (characters.length <= maxLength) return text
  return `${characters
    .slice(0, maxLength - 1)
    .join('')
    .trimEnd()}…`
}
