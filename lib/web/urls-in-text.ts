import { parseUrl } from './parse-url.ts'

/** A URL in a text of any kind: prose, markup, scripts, JSON. */
export interface WrittenUrl {
  readonly url: URL
  /** As it stands there, without what cannot belong to it. */
  readonly raw: string
  readonly offset: number
}

const SCHEME = /(?:https?|webcals?|feed):$/i
/** As they are, and as JSON may have them. */
const SLASHES = /\\?\/\\?\//g
const REST = /(?:\\\/|[^\s"'<>`{}|^\\])+/y
/** What ends an attribute or an element, where it is written with character references. */
const ESCAPED_END = /&(?:quot|apos|lt|gt|#0*(?:34|39|60|62)|#x0*(?:22|27|3c|3e));.*$/i
const CLOSING = /[.,;:!?'*_~\])}]+$/
const LONGEST_SCHEME = 8

/** Finds absolute URLs of the web, and such as leave out their scheme (`//alice.example/`). */
export function* urlsInText(text: string): Generator<WrittenUrl> {
  for (const { raw, offset } of mayBeUrls(text)) {
    const url = parseWritten(raw)
    if (url) yield { url, raw, offset }
  }
}

/** Finds what looks like such a URL, without parsing it: most of them stand in a site more than once. */
export function* mayBeUrls(text: string): Generator<Omit<WrittenUrl, 'url'>> {
  for (const { index } of text.matchAll(SLASHES)) {
    const before = text.slice(Math.max(0, index - LONGEST_SCHEME), index)
    const scheme = SCHEME.exec(before)?.[0] ?? ''
    if (scheme === '' && !/(?:^|["'(=\s,])$/.test(before)) continue
    REST.lastIndex = index
    const rest = REST.exec(text)?.[0].replace(ESCAPED_END, '') ?? ''
    yield { raw: scheme + withoutClosing(rest), offset: index - scheme.length }
  }
}

/** The URL of the web that a text is, as {@link mayBeUrls} found it. */
export function parseWritten(raw: string): URL | undefined {
  const plain = raw.replaceAll('\\/', '/')
  const url = parseUrl(plain.startsWith('//') ? `https:${plain}` : plain)
  return url?.hostname.includes('.') || url?.hostname === 'localhost' ? url : undefined
}

/** A sentence, a bracket, a quotation mark: what stands behind a URL is seldom part of it. */
function withoutClosing(rest: string): string {
  const [end = ''] = CLOSING.exec(rest) ?? []
  const kept = rest.slice(0, rest.length - end.length)
  const isOpen = kept.split('(').length > kept.split(')').length
  return isOpen && end.includes(')') ? `${kept})` : kept
}
