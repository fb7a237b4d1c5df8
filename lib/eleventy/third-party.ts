import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** A resource that a page would fetch from somebody else's server. */
export interface ThirdPartyResource {
  readonly kind: string
  readonly url: URL
}

/** Attributes that make a browser fetch something, by element. */
const FETCHING: Readonly<Record<string, readonly string[]>> = {
  script: ['src'],
  img: ['src', 'srcset'],
  source: ['src', 'srcset'],
  video: ['src', 'poster'],
  audio: ['src'],
  track: ['src'],
  iframe: ['src'],
  frame: ['src'],
  embed: ['src'],
  object: ['data'],
  input: ['src'],
  body: ['background'],
  a: ['ping'],
  area: ['ping'],
  image: ['href', 'xlink:href'],
  use: ['href', 'xlink:href'],
}
/** Relations of `<link>` that make a browser fetch, or at least knock. */
const FETCHING_RELATIONS = [
  'stylesheet',
  'icon',
  'apple-touch-icon',
  'mask-icon',
  'manifest',
  'preload',
  'modulepreload',
  'prefetch',
  'prerender',
  'preconnect',
  'dns-prefetch',
]

/**
 * Everything on a page that is fetched from another origin than the site's own: each of them tells
 * somebody else when the recipient reads, and a script could read the address itself.
 */
export function thirdPartyResources(document: HtmlDocument, page: URL): ThirdPartyResource[] {
  const base = baseUrl(document, page)
  const found: ThirdPartyResource[] = []
  for (const { kind, reference } of references(document)) {
    const url = foreign(reference, base, page)
    if (url) found.push({ kind, url })
  }
  return found
}

/** URLs of other origins in a stylesheet: fonts, images, further stylesheets. */
export function thirdPartyInCss(css: string, stylesheet: URL, page: URL): ThirdPartyResource[] {
  return cssReferences(css).flatMap((reference) => {
    const url = foreign(reference, stylesheet, page)
    return url ? [{ kind: 'font, image or stylesheet in CSS', url }] : []
  })
}

/** Stylesheets of the site's own that a page loads. */
export function ownStylesheets(document: HtmlDocument, page: URL): URL[] {
  const base = baseUrl(document, page)
  return [...elements(document)].flatMap((element) => {
    const isSheet = isElement(element, 'link') && hasToken(attribute(element, 'rel'), 'stylesheet')
    const href = isSheet ? attribute(element, 'href') : undefined
    if (href === undefined || !canParseUrl(href, base.href)) return []
    const url = new URL(href, base)
    return url.origin === page.origin ? [url] : []
  })
}

/** References of a stylesheet, as written. */
export function cssReferences(css: string): string[] {
  const code = css.replace(/\/\*[\s\S]*?\*\//g, ' ')
  const urls =
    /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')/gi
  return [...code.matchAll(urls)].flatMap(([, ...groups]) => groups.filter(isGiven).slice(0, 1))
}

function* references(document: HtmlDocument): Generator<{ kind: string; reference: string }> {
  for (const element of elements(document)) {
    const kind = element.tagName
    for (const name of FETCHING[kind] ?? []) {
      const value = attribute(element, name)
      if (value === undefined) continue
      const isList = name === 'srcset' || name === 'ping'
      for (const reference of isList ? candidates(value, name) : [value]) yield { kind, reference }
    }
    const linked = isElement(element, 'link') ? fetchedLink(element) : undefined
    if (linked) yield linked
    const css = isElement(element, 'style') ? textOf(element) : attribute(element, 'style')
    for (const reference of css ? cssReferences(css) : []) yield { kind: 'style', reference }
    const target = refreshTarget(element)
    if (target !== undefined) yield { kind: 'meta refresh', reference: target }
  }
}

function fetchedLink(element: HtmlElement): { kind: string; reference: string } | undefined {
  const reference = attribute(element, 'href')
  const relation = FETCHING_RELATIONS.find((name) => hasToken(attribute(element, 'rel'), name))
  return reference === undefined || relation === undefined
    ? undefined
    : { kind: relation, reference }
}

function refreshTarget(element: HtmlElement): string | undefined {
  if (!isElement(element, 'meta')) return undefined
  if (attribute(element, 'http-equiv')?.toLowerCase() !== 'refresh') return undefined
  return /url\s*=\s*["']?([^"']+)/i.exec(attribute(element, 'content') ?? '')?.[1]
}

/** URLs of a `srcset` (each before its descriptor) or of a `ping` (separated by spaces). */
export function candidates(value: string, name: string): string[] {
  if (name === 'ping') return value.split(/\s+/).filter(isGiven)
  return value.split(/,\s+|,(?=https?:|\/)/).flatMap((part) => {
    const url = part.trim().split(/\s+/)[0]
    return isGiven(url) ? [url] : []
  })
}

function foreign(reference: string, base: URL, page: URL): URL | undefined {
  const text = reference.trim()
  if (text === '' || !canParseUrl(text, base.href)) return undefined
  const url = new URL(text, base)
  const isWeb = ['http:', 'https:', 'ws:', 'wss:', 'ftp:'].includes(url.protocol)
  return isWeb && url.origin !== page.origin ? url : undefined
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}
