import { defaultTreeAdapter } from 'parse5'
import {
  attribute,
  elements,
  hasToken,
  isElement,
  removeElement,
  selfAndAncestors,
  setAttribute,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** An element of a page that loads something. */
export interface PageAsset {
  readonly element: HtmlElement
  readonly tag: string
  /** The same for elements that load the same. */
  readonly key: string
  /** `undefined` for a script that stands in the page. */
  readonly url: URL | undefined
  /** The address as the page writes it. */
  readonly written: string
  /** The address as any page of the site may write it. */
  readonly rooted: string | undefined
}

/** Stylesheets and scripts of a page; of those that stand in it, modules, which bundlers take out. */
export function assetsOf(document: HtmlDocument, base: URL): PageAsset[] {
  return [...elements(document)].flatMap((element) => {
    if (isElement(element, 'link') && hasToken(attribute(element, 'rel'), 'stylesheet')) {
      return assetOf(element, 'href', base)
    }
    if (!isElement(element, 'script')) return []
    const isModule = attribute(element, 'type') === 'module'
    return attribute(element, 'src') !== undefined || isModule ? assetOf(element, 'src', base) : []
  })
}

/** Pictures, films, sounds and icons of a page. */
export function mediaOf(document: HtmlDocument, base: URL): PageAsset[] {
  return [...elements(document)].flatMap((element) => {
    if (isElement(element, 'img', 'source', 'video', 'audio')) {
      return assetOf(element, 'src', base)
    }
    const rel = attribute(element, 'rel')
    const isIcon = ['icon', 'apple-touch-icon', 'manifest'].some((one) => hasToken(rel, one))
    return isElement(element, 'link') && isIcon ? assetOf(element, 'href', base) : []
  })
}

function assetOf(element: HtmlElement, name: string, base: URL): PageAsset[] {
  const tag = element.tagName
  const written = attribute(element, name)?.trim()
  if (written === undefined) {
    const key = `${tag} ${textOf(element).trim()}`
    return [{ element, tag, key, url: undefined, written: '', rooted: undefined }]
  }
  if (written === '' || !canParseUrl(written, base.href)) return []
  const url = new URL(written, base)
  const isRelative = !/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(written)
  const rooted = isRelative ? url.pathname + url.search : written
  return [{ element, tag, key: `${tag} ${url.href}`, url, written, rooted }]
}

/**
 * Does to a page what was done to another one that loads the same: in place where elements and their order
 * were kept; otherwise the new elements go to the same part of the page, and the old ones leave it.
 */
export function swapAssets(
  document: HtmlDocument,
  own: readonly PageAsset[],
  change: { readonly before: readonly PageAsset[]; readonly after: readonly PageAsset[] },
): void {
  const isIn = (assets: readonly PageAsset[]) => {
    const keys = new Set(assets.map(({ key }) => key))
    return ({ key }: PageAsset) => keys.has(key)
  }
  const isKept = isIn(change.after)
  const gone = change.before.filter((asset) => !isKept(asset))
  const isOld = isIn(change.before)
  const added = change.after.filter((asset) => !isOld(asset))
  const old = gone.flatMap(({ key }) => own.find((asset) => asset.key === key) ?? [])
  const isSameOrder =
    old.length === added.length && old.every(({ tag }, index) => tag === added[index]?.tag)
  const places = new Map<string, HtmlElement>()
  for (const { element } of old) {
    const part = partOf(element)
    if (!places.has(part)) places.set(part, element)
  }
  added.forEach((asset, index) => {
    const part = partOf(asset.element)
    insert(document, copyOf(asset), part, isSameOrder ? old[index]?.element : places.get(part))
  })
  for (const { element } of old) removeElement(element)
}

function insert(
  document: HtmlDocument,
  element: HtmlElement,
  part: string,
  before: HtmlElement | undefined,
): void {
  if (before?.parentNode) {
    defaultTreeAdapter.insertBefore(before.parentNode, element, before)
    return
  }
  for (const parent of elements(document)) {
    if (!isElement(parent, part)) continue
    defaultTreeAdapter.appendChild(parent, element)
    return
  }
}

function partOf(element: HtmlElement): 'head' | 'body' {
  for (const one of selfAndAncestors(element)) if (isElement(one, 'head')) return 'head'
  return 'body'
}

/** A copy for another page: its address must not depend on where the page stands. */
function copyOf({ element, rooted }: PageAsset): HtmlElement {
  const { tagName, namespaceURI, attrs } = element
  const copied = attrs.map((attr) => ({ ...attr }))
  const copy = defaultTreeAdapter.createElement(tagName, namespaceURI, copied)
  if (rooted !== undefined) setAttribute(copy, isElement(copy, 'link') ? 'href' : 'src', rooted)
  const text = textOf(element)
  if (text !== '') defaultTreeAdapter.insertText(copy, text)
  return copy
}
