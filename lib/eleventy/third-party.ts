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
import { parseUrl, parseWebUrl } from '../web/parse-url.ts'
import type { OpenableDirective } from './content-policy.ts'

/** Something that a page loads, from its own site or from another one. */
export interface LoadedResource {
  /** What a person looks for in the page: the element, the relation of a `<link>`, a kind in CSS. */
  readonly kind: string
  /** What the content policy has to open for it; `undefined` for what stays blocked. */
  readonly directive: OpenableDirective | undefined
  readonly url: URL
}

type Reference = Omit<LoadedResource, 'url'> & { readonly reference: string }

/** Attributes that make a browser load something, by element, with what the policy calls it. */
const LOADING: Readonly<Record<string, Readonly<Record<string, OpenableDirective | undefined>>>> = {
  script: { src: 'script-src', href: 'script-src', 'xlink:href': 'script-src' },
  img: { src: 'img-src', srcset: 'img-src' },
  source: { src: 'media-src', srcset: 'img-src' },
  video: { src: 'media-src', poster: 'img-src' },
  audio: { src: 'media-src' },
  track: { src: 'media-src' },
  iframe: { src: undefined },
  frame: { src: undefined },
  embed: { src: undefined },
  object: { data: undefined },
  input: { src: 'img-src' },
  body: { background: 'img-src' },
  table: { background: 'img-src' },
  td: { background: 'img-src' },
  th: { background: 'img-src' },
  a: { ping: undefined },
  area: { ping: undefined },
  image: { href: 'img-src', 'xlink:href': 'img-src' },
  feImage: { href: 'img-src', 'xlink:href': 'img-src' },
  use: { href: undefined, 'xlink:href': undefined },
}
/** Relations of `<link>` that make a browser load something. */
const LOADING_RELATIONS: Readonly<Record<string, OpenableDirective | undefined>> = {
  stylesheet: 'style-src',
  icon: 'img-src',
  'apple-touch-icon': 'img-src',
  'apple-touch-icon-precomposed': 'img-src',
  'apple-touch-startup-image': 'img-src',
  'mask-icon': 'img-src',
  manifest: undefined,
}
/** Relations of `<link>` that only prepare for what may be loaded later. */
const HINTS = [
  'preconnect',
  'dns-prefetch',
  'preload',
  'modulepreload',
  'prefetch',
  'prerender',
  'compression-dictionary',
]
/** References in CSS: the argument of `url()`, or the string of an `@import`. */
const CSS_URL =
  /url\(\s*(?:"([^"]*)"|'([^']*)'|([^)"'\s]*))\s*\)|@import\s+(?:"([^"]*)"|'([^']*)')/gi
const FONT_FACE = /@font-face\s*\{[^}]*\}/gi
const IMPORT = /@import\s+(?:url\([^)]*\)|"[^"]*"|'[^']*')/gi

/** Everything that a page loads, from its own site and from others. */
export function loadedResources(document: HtmlDocument, page: URL): LoadedResource[] {
  const base = baseUrl(document, page)
  return [...references(document)].flatMap((found) => resolveReference(found, base))
}

/** What a stylesheet loads: further stylesheets, fonts, images. */
export function resourcesInCss(css: string, stylesheet: URL): LoadedResource[] {
  return referencesInCss(css).flatMap((found) => resolveReference(found, stylesheet))
}

/** Whether an element only asks the browser to prepare for something of another site, or for the next page. */
export function isForeignHint(element: HtmlElement, page: URL): boolean {
  if (isElement(element, 'script')) {
    return attribute(element, 'type')?.trim().toLowerCase() === 'speculationrules'
  }
  if (!isElement(element, 'link') || loadingRelation(element) !== undefined) return false
  if (!HINTS.some((name) => hasToken(attribute(element, 'rel'), name))) return false
  const href = attribute(element, 'href')
  const list = candidates(attribute(element, 'imagesrcset') ?? '', 'imagesrcset')
  return [...(href === undefined ? [] : [href]), ...list].some((reference) => {
    const url = parseWebUrl(reference.trim(), page)
    return url !== undefined && url.origin !== page.origin
  })
}

function* references(document: HtmlDocument): Generator<Reference> {
  for (const element of elements(document)) {
    const kind = element.tagName
    for (const [name, directive] of Object.entries(LOADING[kind] ?? {})) {
      const value = attribute(element, name)
      if (value === undefined) continue
      const isList = name === 'srcset' || name === 'ping'
      for (const reference of isList ? candidates(value, name) : [value]) {
        yield { kind, directive, reference }
      }
    }
    const relation = isElement(element, 'link') ? loadingRelation(element) : undefined
    const href = attribute(element, 'href')
    if (relation !== undefined && href !== undefined) {
      yield { kind: relation, directive: LOADING_RELATIONS[relation], reference: href }
    }
    const css = isElement(element, 'style') ? textOf(element) : attribute(element, 'style')
    for (const found of css ? referencesInCss(css) : []) {
      yield { ...found, kind: `${found.kind} in a style` }
    }
    const target = refreshTarget(element)
    if (target !== undefined) {
      yield { kind: 'meta refresh', directive: undefined, reference: target }
    }
  }
}

function loadingRelation(element: HtmlElement): string | undefined {
  const rel = attribute(element, 'rel')
  return Object.keys(LOADING_RELATIONS).find((name) => hasToken(rel, name))
}

function referencesInCss(css: string): Reference[] {
  const code = css.replace(/\/\*[\s\S]*?\*\//g, ' ').replace(/@namespace[^;{}]*;/gi, ' ')
  const parts = [
    { kind: 'stylesheet', directive: 'style-src', text: all(code, IMPORT) },
    { kind: 'font', directive: 'font-src', text: all(code, FONT_FACE) },
    {
      kind: 'image',
      directive: 'img-src',
      text: code.replace(FONT_FACE, ' ').replace(IMPORT, ' '),
    },
  ] as const
  return parts.flatMap(({ kind, directive, text }) =>
    [...text.matchAll(CSS_URL)].flatMap(([, ...groups]) =>
      groups
        .filter(isGiven)
        .slice(0, 1)
        .map((reference) => ({ kind, directive, reference })),
    ),
  )
}

function all(text: string, pattern: RegExp): string {
  return (text.match(pattern) ?? []).join('\n')
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

function resolveReference({ kind, directive, reference }: Reference, base: URL): LoadedResource[] {
  const text = reference.trim()
  const url = text === '' ? undefined : parseUrl(text, base)
  if (!url || !['http:', 'https:', 'ws:', 'wss:', 'ftp:'].includes(url.protocol)) return []
  return [{ kind, directive, url }]
}

function isGiven(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}
