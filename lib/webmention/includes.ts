import { defaultTreeAdapter as tree } from 'parse5'
import { attribute, elements, isElement, isWithin, removeElement } from '../web/html.ts'
import type { HtmlDocument, HtmlElement, HtmlNode } from '../web/html.ts'
import { isRoot, isV1Root, tokensOf } from './parser-work.ts'

/** A résumé refers to some dozen elements; each reference copies one. */
const MAX_REFERENCES = 100
const MAX_COPIED_NODES = 10_000
/** An included event may include its organiser. */
const MAX_FOLLOWED = 2
/** Elements that mean something to the parser. Any other becomes a `<span>`, which may stand everywhere. */
const MEANINGFUL = [
  ...['a', 'abbr', 'area', 'audio', 'br', 'data', 'del', 'iframe', 'img', 'input', 'ins', 'link'],
  ...['meta', 'object', 'script', 'source', 'style', 'time', 'video'],
]

/**
 * Copies into the items of microformats1 what they refer to: by the include pattern, `itemref`, and the `headers`
 * of a table cell. The parser's own way has no bounds: references in a circle, or thousands to one element,
 * keep it busy for hours. What goes beyond the bounds here is left out.
 *
 * @see [include pattern](https://microformats.org/wiki/include-pattern)
 */
export function copyIncludes(document: HtmlDocument): void {
  const byId = elementsById(document)
  let references = 0
  let nodes = 0
  for (const root of [...elements(document)].filter(isV1Root)) includeBelow(root, root, [])

  /** @param followed What is being included, the outermost first. */
  function includeBelow(
    element: HtmlElement,
    root: HtmlElement,
    followed: readonly HtmlElement[],
  ): void {
    for (const referring of ownElements(element, root)) {
      const { ids, isReplaced } = referencesOf(referring)
      for (const id of ids) {
        const included = byId.get(id)
        if (!included || ++references > MAX_REFERENCES) continue
        if (followed.includes(included) || isWithin(referring, included)) continue
        const copy = copyOf(included)
        if (!copy) continue
        if (isReplaced) tree.insertBefore(referring.parentNode ?? root, copy, referring)
        else tree.appendChild(referring, copy)
        if (followed.length < MAX_FOLLOWED && !isRoot(copy)) {
          includeBelow(copy, root, [...followed, included])
        }
      }
      if (isReplaced && ids.length > 0) removeElement(referring)
    }
  }

  /** @returns `undefined` where too much has been copied already */
  function copyOf(original: HtmlElement): HtmlElement | undefined {
    const { tagName, namespaceURI, attrs, childNodes } = original
    const name = MEANINGFUL.includes(tagName) ? tagName : 'span'
    const copy = tree.createElement(
      name,
      namespaceURI,
      attrs.map((attr) => ({ ...attr })),
    )
    for (const child of childNodes) {
      if (++nodes > MAX_COPIED_NODES) return undefined
      if (tree.isTextNode(child)) tree.insertText(copy, child.value)
      if (!tree.isElementNode(child)) continue
      const copied = copyOf(child)
      if (!copied) return undefined
      tree.appendChild(copy, copied)
    }
    return copy
  }
}

function elementsById(document: HtmlDocument): ReadonlyMap<string, HtmlElement> {
  const byId = new Map<string, HtmlElement>()
  for (const element of elements(document)) {
    const id = attribute(element, 'id')
    if (id && !byId.has(id)) byId.set(id, element)
  }
  return byId
}

/** An element and those below it that are in no item of their own. */
function ownElements(element: HtmlElement, root: HtmlElement): HtmlElement[] {
  const own: HtmlElement[] = []
  const pending: HtmlNode[] = [element]
  for (let next = pending.pop(); next; next = pending.pop()) {
    if (!tree.isElementNode(next) || (next !== root && isRoot(next))) continue
    own.push(next)
    for (const child of next.childNodes.toReversed()) pending.push(child)
  }
  return own
}

function referencesOf(element: HtmlElement): { ids: readonly string[]; isReplaced: boolean } {
  const itemref = tokensOf(element, 'itemref')
  if (itemref.length > 0) return { ids: itemref, isReplaced: false }
  if (tokensOf(element, 'class').includes('include')) {
    const reference = attribute(element, isElement(element, 'object') ? 'data' : 'href') ?? ''
    return { ids: reference.startsWith('#') ? [reference.slice(1)] : [], isReplaced: true }
  }
  const ids = isElement(element, 'td') ? tokensOf(element, 'headers') : []
  return { ids, isReplaced: false }
}
