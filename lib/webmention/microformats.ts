import { mf2 } from 'microformats-parser'
import {
  attribute,
  baseUrl,
  elements,
  hasToken,
  isElement,
  removeElement,
  serializeHtml,
  setAttribute,
  type HtmlDocument,
  type HtmlElement,
  type HtmlNode,
} from '../web/html.ts'
import { parseUrl } from '../web/parse-url.ts'
import { linkOf } from './link-search.ts'

/** A microformats2 item: an entry, a card, … */
export type Item = ReturnType<typeof mf2>['items'][number]
export type ItemValue = Item['properties'][string][number]

/** The microformats of a page. */
export interface Microformats {
  readonly items: readonly Item[]
  /** Where `rel=author` points to. */
  readonly relAuthors: readonly URL[]
}

/** Pages nest a few dozen elements deep; the parser is recursive. */
const MAX_DEPTH = 256
/** A long page of entries has some thousand; the parser takes the square of them. */
const MAX_TOKENS = 10_000
/** Characters that the parser may look at, each as often as it does. */
const MAX_WORK = 10_000_000
/** Copying a list is quicker than reading a text: so many entries take the time of one character. */
const COPIES = 8
const VALUE_CLASSES = ['value', 'value-title']
const MICROFORMAT = /^(h|p|u|dt|e)-[a-z]/
/** The roots of microformats1, which the parser reads as well. */
const V1_ROOTS =
  /^(adr|geo|hentry|hfeed|hnews|hproduct|hreview(-aggregate)?|vcard|hresume|vevent|item)$/
/** What it reads; of the others, some refer to other elements, and thousands at one element cost it hours. */
const READ_ATTRIBUTES = [
  ...['class', 'rel', 'href', 'src', 'data', 'value', 'title', 'alt', 'content', 'poster'],
  ...['datetime', 'srcset', 'lang'],
]
/** A property of ours, put on links to the target: of a kind that stands in no other's way. */
const TARGET_MARK = 'x-target'
const MAX_MARKS = 100
/** The rels that the parser takes for properties. */
const PROPERTY_RELS = ['bookmark', 'tag', 'principles']

/**
 * Parses the microformats of a stranger's page, or none where that would be too much to ask: the parser
 * reads an item once for each of its names, nested ones again within each, and follows references.
 *
 * The document is used up: what the parser could stumble over is removed from it.
 *
 * @param target In its normal form: links to it are found again by {@link linksToTarget}.
 * @see [microformats2 parsing](https://microformats.org/wiki/microformats2-parsing)
 */
export function parseMicroformats(document: HtmlDocument, url: URL, target: string): Microformats {
  const base = baseUrl(document, url)
  const relAuthors: URL[] = []
  let marks = 0
  for (const element of [...elements(document)]) {
    const isMarked = marks < MAX_MARKS && linkOf(element, base) === target
    if (isMarked) marks += 1
    const href = hasToken(attribute(element, 'rel'), 'author') && attribute(element, 'href')
    const author = href ? parseUrl(href, base) : undefined
    if (author) relAuthors.push(author)
    simplify(element, isMarked ? [`dt-${TARGET_MARK}`] : [])
  }
  if (!isModest(document)) return { items: [], relAuthors }
  try {
    const { items } = mf2(serializeHtml(document), { baseUrl: base.href })
    return { items, relAuthors }
  } catch {
    // The parser throws on a page without elements, and on names like "constructor": no microformats then.
    return { items: [], relAuthors }
  }
}

/** Whether the target is linked to in the item, outside of items of its own. */
export function linksToTarget(item: Item): boolean {
  return valuesOf(item, TARGET_MARK).length > 0
}

/** The values of a property, in order. */
export function valuesOf(item: Item, name: string): readonly ItemValue[] {
  return Object.hasOwn(item.properties, name) ? (item.properties[name] ?? []) : []
}

/** A value that is an item itself, such as an author's h-card. */
export function isItem(value: ItemValue): value is Item {
  return typeof value === 'object' && 'properties' in value
}

/** What a value says as text: itself, its `value`, or the name of the item that it is. */
export function textOfValue(value: ItemValue | undefined): string | undefined {
  if (value === undefined || typeof value === 'string') return value
  if (isItem(value)) {
    const [name] = valuesOf(value, 'name')
    if (typeof name === 'string') return name
  }
  return typeof value.value === 'string' ? value.value : undefined
}

/** The URLs that a value is: itself, or those of the item that it is. */
export function urlsOfValue(value: ItemValue): string[] {
  if (typeof value === 'string') return [value]
  const own = typeof value.value === 'string' ? [value.value] : []
  return isItem(value) ? [...valuesOf(value, 'url').flatMap(urlsOfValue), ...own] : own
}

/** Every item of the page, with those within it. */
export function* allItems(items: readonly Item[]): Generator<Item> {
  for (const item of items) {
    yield item
    const values = Object.values(item.properties).flat()
    yield* allItems([...values.filter(isItem), ...(item.children ?? [])])
  }
}

function simplify(element: HtmlElement, marks: readonly string[]): void {
  if (isElement(element, 'base')) return removeElement(element)
  element.attrs = element.attrs.filter(({ name }) => READ_ATTRIBUTES.includes(name))
  const rels = tokensOf(element, 'rel').filter((rel) => PROPERTY_RELS.includes(rel))
  const classes = tokensOf(element, 'class').filter((name) => name !== 'include')
  if (marks.length > 0) setAttribute(element, 'class', '')
  for (const [name, tokens] of Object.entries({ rel: rels, class: [...classes, ...marks] })) {
    if (attribute(element, name) !== undefined) setAttribute(element, name, tokens.join(' '))
  }
  // Of each element with a rel, whatever it is, the parser reads the text.
  if (rels.length === 0) element.attrs = element.attrs.filter(({ name }) => name !== 'rel')
}

/**
 * Estimates the work, from above. The parser collects what it is looking for in a list that it copies at each
 * element: 35,000 elements of the class `value` in one property kept it busy for minutes.
 */
function isModest(document: HtmlDocument): boolean {
  const pending: Visit[] = [
    { node: document, depth: 0, readings: 1, inV1: false, found: { count: 0 } },
  ]
  let [tokens, work] = [0, 0]
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    const { node, depth } = visit
    let { readings, inV1, found } = visit
    if ('attrs' in node) {
      const classes = tokensOf(node, 'class')
      const isRoot = classes.some((name) => name.startsWith('h-') || V1_ROOTS.test(name))
      inV1 ||= classes.some((name) => V1_ROOTS.test(name))
      // Which names are properties in microformats1 depends on the item: all of them, at worst.
      const properties = classes.filter((name) => inV1 || MICROFORMAT.test(name))
      const names = properties.length + tokensOf(node, 'rel').length
      tokens += names
      work += (found.count * readings) / COPIES
      if (isRoot || names > 0 || classes.some((name) => VALUE_CLASSES.includes(name))) {
        found.count += 1
      }
      // What is in an item is looked for in the item alone.
      if (isRoot) found = { count: 0 }
      // Each name has its value read; a nested item is parsed anew for each of its names.
      readings += names
      if (isRoot) readings *= Math.max(1, names)
    }
    work += sizeOf(node) * readings
    if (tokens > MAX_TOKENS || work > MAX_WORK || depth > MAX_DEPTH) return false
    if (!('childNodes' in node)) continue
    for (const child of node.childNodes) {
      pending.push({ node: child, depth: depth + 1, readings, inV1, found })
    }
  }
  return true
}

interface Visit {
  readonly node: HtmlNode
  readonly depth: number
  /** How often the parser comes by. */
  readonly readings: number
  readonly inV1: boolean
  /** What the parser has found so far in the same item. */
  readonly found: { count: number }
}

function tokensOf(element: HtmlElement, name: string): string[] {
  return attribute(element, name)?.split(/\s+/).filter(Boolean) ?? []
}

function sizeOf(node: HtmlNode): number {
  if ('value' in node) return node.value.length + 1
  if (!('attrs' in node)) return 1
  return node.attrs.reduce((sum, { value }) => sum + value.length + 1, 1)
}
