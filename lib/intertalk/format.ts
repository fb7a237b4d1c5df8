/** Types whose values are bytes. What is XML inside is text, whatever it is called. */
const BINARY = /^((image|audio|video|font)\/(?!.*\+xml$)|application\/(octet-stream|pdf|zip|gzip)$)/
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** The type and subtype of a format, in small letters and without its parameters. */
export function formatType(format: string): string {
  return format.split(';', 1).join('').trim().toLowerCase()
}

/** Whether `messageFormatted` holds bytes, in Base 64. @see intertalk, "`format`" */
export function isBinaryFormat(format: string): boolean {
  return BINARY.test(formatType(format))
}

/**
 * Base 64 as it is in mail, where lines are broken, with or without what fills it up.
 *
 * @see [RFC 4648 §4](https://www.rfc-editor.org/rfc/rfc4648#section-4)
 */
export function isBase64(text: string): boolean {
  const bare = text.replace(/[\r\n]/g, '')
  const length = bare.replace(/=+$/, '').length
  const isWhole = bare.includes('=') ? bare.length % 4 === 0 : length % 4 !== 1
  return length > 0 && BASE64.test(bare) && isWhole
}
