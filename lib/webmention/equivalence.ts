import { createHash } from 'node:crypto'
import { parseUrl } from '../web/parse-url.ts'

const UNRESERVED = /[\w.~-]/

/**
 * The spelling by which two URLs are the same address: as the URL standard writes it (host in lower
 * case, no default port, a slash for an empty path), without fragment, and with percent-encoding only
 * where there is a need for it. Nothing else is folded: "exact match" means scheme, slash and query too.
 *
 * @see [Webmention §3.2.2](https://www.w3.org/TR/webmention/#webmention-verification)
 * @see [RFC 3986 §6.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2)
 */
export function normalForm(url: URL): string {
  const { href, hash } = url
  const page = hash === '' ? href.replace(/#$/, '') : href.slice(0, -hash.length)
  return page.replace(/%[\da-f]{2}/gi, (triplet) => {
    const letter = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
    return UNRESERVED.test(letter) ? letter : triplet.toUpperCase()
  })
}

/** The normal form of what a page calls a URL; `undefined` if it is none of the web. */
export function normalFormOf(reference: string, base?: URL): string | undefined {
  const url = parseUrl(reference, base)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? normalForm(url) : undefined
}

/** Whether two URLs would be the same page if it were served by http, too. */
export function isSameAddress(one: URL, other: URL): boolean {
  return withoutScheme(one) === withoutScheme(other)
}

/** The name of a mention for ever: the same source and target again are an update of it. */
export function mentionKey(source: URL, target: URL): string {
  const pair = JSON.stringify([normalForm(source), normalForm(target)])
  return createHash('sha256').update(pair).digest('hex')
}

function withoutScheme(url: URL): string {
  return normalForm(url).replace(/^https?:/, '')
}
