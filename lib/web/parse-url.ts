/**
 * No name in DNS is as long, however it is written. To read one takes time with the square of its letters: a name of
 * 60 KB in Chinese holds a process for seconds.
 */
const MAX_HOST_LENGTH = 1024
/** Where the parser looks for a host: behind the scheme of the web's places, or behind two slashes. */
const HOST = /^[\0-\x20]*(?:(?:https?|wss?|ftp|file):[\\/]*|[\\/]{2,})([^\\/?#]+)/i

/**
 * The URL that a text is, or `undefined` if it is none.
 *
 * Instead of `URL.canParse()`: on Node 20 and 22 that takes every address with an umlaut for broken, once it
 * has been called often enough to be optimised.
 *
 * @see https://github.com/AikidoSec/firewall-node/pull/1086
 */
export function parseUrl(text: string, base?: URL | string): URL | undefined {
  if (text.length > MAX_HOST_LENGTH && hasLongHost(text)) return undefined
  try {
    return new URL(text, base)
  } catch {
    // That it cannot be parsed is the answer.
    return undefined
  }
}

function hasLongHost(text: string): boolean {
  // The parser takes these out wherever they stand.
  const [, authority = ''] = HOST.exec(text.replace(/[\t\n\r]/g, '')) ?? []
  return authority.length - (authority.lastIndexOf('@') + 1) > MAX_HOST_LENGTH
}

/** Whether the text is a URL. */
export function canParseUrl(text: string, base?: URL | string): boolean {
  return parseUrl(text, base) !== undefined
}

/** {@link parseUrl}, where only a place of the web will do. */
export function parseWebUrl(text: string, base?: URL): URL | undefined {
  const url = parseUrl(text, base)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined
}
