/**
 * The URL that a text is, or `undefined` if it is none.
 *
 * Instead of `URL.canParse()`: on Node 20 and 22 that takes every address with an umlaut for broken, once it
 * has been called often enough to be optimised.
 *
 * @see https://github.com/AikidoSec/firewall-node/pull/1086
 */
export function parseUrl(text: string, base?: URL | string): URL | undefined {
  try {
    return new URL(text, base)
  } catch {
    // That it cannot be parsed is the answer.
    return undefined
  }
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
