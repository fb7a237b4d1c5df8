/**
 * What a stranger says, made fit to be shown: as a line, as paragraphs, as a date.
 *
 * @module
 */
const DAY = 24 * 60 * 60 * 1000
/** Long before anybody wrote to anybody on the web. */
const EARLIEST = Date.UTC(1990)
const DATE_TIME = /^\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?( ?([Zz]|[+-]\d\d:?\d\d))?)?$/

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

/** ISO 8601 in UTC. What lies ahead, or before the web was, is no date of a message. */
export function toDate(text: string | undefined, now: Date): string | undefined {
  const bare = text?.trim() ?? ''
  if (!DATE_TIME.test(bare)) return undefined
  const zoned = /\d\d:\d\d/.test(bare) && !/([Zz]|[+-]\d\d:?\d\d)$/.test(bare) ? `${bare}Z` : bare
  const time = Date.parse(
    zoned
      .toUpperCase()
      .replace(/^(.{10}) /, '$1T')
      .replace(' ', ''),
  )
  const isBelievable = time > EARLIEST && time < now.getTime() + DAY
  return isBelievable ? new Date(time).toISOString() : undefined
}

/** Joiners stay: Persian and emoji are made of them. */
function withoutControls(text: string): string {
  return text.replace(/(?![\u200c\u200d])\p{C}/gu, ' ')
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
