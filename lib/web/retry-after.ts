/** A peer that names a longer wait is not obeyed: after three days the sending itself is given up. */
export const LONGEST_WAIT = 3 * 24 * 60 * 60 * 1000

/** "Too slow", "too early", "too many"; all of 5xx says the same of the server itself. */
const TEMPORARY = [408, 425, 429]

const SECONDS = /^\d{1,10}$/
/** The three forms of HTTP-date. The last, asctime, names no zone and is in GMT all the same. */
const HTTP_DATES = [
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/,
  /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/,
]

/**
 * Reads `Retry-After`. Neither seconds nor a date means no advice, and neither does a time gone by.
 *
 * @see [RFC 9110 §10.2.3](https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3)
 */
export function parseRetryAfter(value: string | null, now: Date): Date | undefined {
  const text = value?.trim() ?? ''
  const time = SECONDS.test(text) ? now.getTime() + Number(text) * 1000 : parseHttpDate(text)
  if (!(time > now.getTime())) return undefined
  return new Date(Math.min(time, now.getTime() + LONGEST_WAIT))
}

/** Whether a status says that the same request may well succeed later. */
export function isTemporary(status: number): boolean {
  return status >= 500 || TEMPORARY.includes(status)
}

function parseHttpDate(text: string): number {
  if (!HTTP_DATES.some((form) => form.test(text))) return Number.NaN
  return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`)
}
