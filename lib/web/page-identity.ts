/**
 * Whether two addresses are the same page: the one rule for whatever asks that of a page of a site.
 *
 * - The same: http and https, letter case of the host, a dot behind it, the default port, a fragment; `/a`, `/a/`,
 *   `/a.html`, `/a/index.html` and their `.htm` twins; escapes that differ in letter case, or that nothing asks
 *   for; parameters that only count visitors.
 * - Not the same: letter case of the path, any other part of the query or its order, `www.` before the host.
 *
 * A site may have both `a.html` and `a/index.html`. Here these are one page, so whoever decides by this rule
 * whether a page is private lets the private one win.
 *
 * Where a specification asks for an exact match, `normalForm()` in `webmention/equivalence.ts` is the rule.
 *
 * @see [RFC 3986 §6.2](https://www.rfc-editor.org/rfc/rfc3986#section-6.2)
 * @module
 */
import { parseUrl } from './parse-url.ts'

/**
 * What newsletters, advertisements and analytics add to a link: Google's campaign parameters, and the names
 * that Firefox and Brave strip from addresses. Not `ref` and `source`: on many sites these choose the page.
 *
 * @see [Campaign parameters](https://support.google.com/analytics/answer/10917952)
 * @see [Firefox, query stripping](https://firefox.settings.services.mozilla.com/v1/buckets/main/collections/query-stripping/records)
 * @see [Brave, query filter](https://github.com/brave/brave-core/blob/master/components/query_filter/utils.cc)
 */
const TRACKING_PARAMETERS = new Set(
  [
    ['fbclid', 'gclid', 'gclsrc', 'gbraid', 'wbraid', 'dclid', 'msclkid', 'twclid', 'ttclid'],
    ['yclid', 'ysclid', 'igshid', 'igsh', 'li_fat_id', 'rdt_cid', 'srsltid', 'epik', '_gl'],
    [
      'mc_cid',
      'mc_eid',
      'mkt_tok',
      'oly_anon_id',
      'oly_enc_id',
      'vero_id',
      'vero_conv',
      'rb_clickid',
    ],
    ['_hsenc', '_hsmi', '__hssc', '__hstc', '__hsfp', 'hsctatracking', '__s', '_kx', 's_cid'],
    ['ml_subscriber', 'ml_subscriber_hash', 'ck_subscriber_id', 'wickedid', '_openstat'],
  ].flat(),
)
const CAMPAIGN_PARAMETER = /^(?:utm|mtm|pk|piwik|matomo|hsa)_/
const UNRESERVED = /[\w.~-]/

/** The one spelling of all addresses of a page: text for comparisons and keys, not a link. */
export function pageIdentity({ protocol, host, pathname, search, href }: URL): string {
  if (protocol !== 'http:' && protocol !== 'https:') return href
  return `https://${host.replace(/\.(?=:|$)/, '')}${pathIdentity(pathname)}/${queryIdentity(search)}`
}

/** The same of a page on a static host, which shows one page whatever the query says. */
export function staticPageIdentity(url: URL): string {
  const page = new URL(url)
  page.search = ''
  return pageIdentity(page)
}

/** The same with or without `www.`, for what somebody calls their own: many write both. */
export function ownPageIdentity(url: URL): string {
  const page = new URL(url)
  page.hostname = page.hostname.replace(/^www\./, '')
  return pageIdentity(page)
}

/** {@link pageIdentity} of an address as text. What is no URL is only equal to itself. */
export function pageIdentityOf(address: string): string {
  const url = parseUrl(address)
  return url ? pageIdentity(url) : address
}

/** {@link pageIdentityOf} with the part of the page that the address names: two comments on a page are two messages. */
export function partIdentityOf(address: string): string {
  const url = parseUrl(address)
  const fragment = url && fragmentOf(url)
  return pageIdentityOf(address) + (fragment ? `#${withPlainEscapes(fragment)}` : '')
}

/**
 * The fragment by which a URL names a part of its page, as the URL has it; empty where it names none. A text
 * fragment names words to highlight.
 *
 * @see [URL Fragment Text Directives](https://wicg.github.io/scroll-to-text-fragment/)
 */
export function fragmentOf({ hash }: URL): string {
  return hash.slice(1).replace(/:~:.*$/s, '')
}

export function isSamePage(one: URL, other: URL): boolean {
  return pageIdentity(one) === pageIdentity(other)
}

/** The addresses that a static host may show the page at, without query and fragment: first the one that is given. */
export function spellingsOf(page: URL): readonly URL[] {
  const identity = staticPageIdentity(page)
  const bare = bareName(page.pathname)
  const paths = new Set([
    page.pathname,
    `${bare}/`,
    bare || '/',
    `${bare}.html`,
    `${bare}/index.html`,
  ])
  return [...paths]
    .map((path) => Object.assign(new URL(page), { pathname: path, search: '', hash: '' }))
    .filter((url) => pageIdentity(url) === identity)
}

/** The same of a path alone: `/a`, and for the home page the empty text. */
export function pathIdentity(pathname: string): string {
  return bareName(pathname.split('/').map(segmentIdentity).join('/'))
}

/** A path without what hosts add to the name of a page, or leave out. */
export function bareName(path: string): string {
  return path
    .replace(/(^|\/)index\.html?$/, '$1')
    .replace(/(?<=[^/])\.html?$/, '')
    .replace(/\/+$/, '')
}

/** Escaped are exactly the characters that `encodeURIComponent()` escapes; letters with marks are composed. */
function segmentIdentity(segment: string): string {
  try {
    return encodeURIComponent(decodeURIComponent(segment).normalize('NFC'))
  } catch {
    // Not UTF-8 behind the percent signs: then only the spelling of the escapes is folded.
    return withPlainEscapes(segment)
  }
}

function queryIdentity(search: string): string {
  const parameters = search
    .slice(1)
    .split('&')
    .filter((parameter) => parameter !== '' && !isTracking(parameter))
  return parameters.length === 0 ? '' : `?${withPlainEscapes(parameters.join('&'))}`
}

function isTracking(parameter: string): boolean {
  const [name = ''] = withPlainEscapes(parameter).toLowerCase().split('=', 1)
  return TRACKING_PARAMETERS.has(name) || CAMPAIGN_PARAMETER.test(name)
}

/** Percent-encoding only where there is a need for it, and in capitals. */
export function withPlainEscapes(text: string): string {
  return text.replace(/%[\da-f]{2}/gi, (triplet) => {
    const letter = String.fromCharCode(Number.parseInt(triplet.slice(1), 16))
    return UNRESERVED.test(letter) ? letter : triplet.toUpperCase()
  })
}
