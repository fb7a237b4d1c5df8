import { defaultTreeAdapter as tree } from 'parse5'
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
} from '../web/html.ts'
import { canParseUrl, parseUrl } from '../web/parse-url.ts'
import { copyIncludes } from './includes.ts'
import { isModest, isRoot, isV1Root, tokensOf } from './parser-work.ts'
import { markWords, takeMarkup, type MarkupOfWords } from './word-marks.ts'

/** A microformats2 item: an entry, a card, … */
export type Item = ReturnType<typeof mf2>['items'][number]
export type ItemValue = Item['properties'][string][number]

/** The microformats of a page. */
export interface Microformats {
  readonly items: readonly Item[]
  /** Where `rel=author` points to. */
  readonly relAuthors: readonly URL[]
  /** The items by the elements that are their roots, in the order of the document. */
  readonly roots: ReadonlyMap<HtmlElement, Item>
  /** The markup of properties that are text alone in an item. */
  readonly markup: ReadonlyMap<Item, MarkupOfWords>
}

/** What it reads; of the others, some refer to other elements, and thousands at one element cost it hours. */
const READ_ATTRIBUTES = [
  ...['class', 'rel', 'href', 'src', 'data', 'value', 'title', 'alt', 'content', 'poster'],
  ...['datetime', 'srcset', 'lang'],
  // The parser does not read these, but what shows the words that it hands on.
  ...['hidden', 'style', 'width', 'height', 'aria-label'],
]
/** Attributes that the parser takes for URLs: one that is none would end it. */
const URL_ATTRIBUTES = ['href', 'src', 'data']
/** An item of ours in each item of microformats1, of which the parser does not tell the id. */
const MARK = 'h-x-root'
const ROOT_ID = 'x-root-'
const MARKS_IN_HTML =
  /<script class="h-x-root" id="x-root-\d+"><\/script>| id="x-root-\d+"| e-x-words-[a-z]+/g
/** The rels that the parser takes for properties. */
const PROPERTY_RELS = ['bookmark', 'tag', 'principles']

/**
 * Parses the microformats of a stranger's page, or none where that would be too much to ask: the parser
 * reads an item once for each of its names, and nested ones again within each.
 *
 * The document is used up: what the parser could stumble over is removed from it.
 *
 * @see [microformats2 parsing](https://microformats.org/wiki/microformats2-parsing)
 */
export function parseMicroformats(document: HtmlDocument, url: URL): Microformats {
  const base = baseUrl(document, url)
  const relAuthors: URL[] = []
  copyIncludes(document)
  const all = [...elements(document)]
  const ids = new Map(all.map((element) => [element, attribute(element, 'id')]))
  for (const element of all) {
    const href = hasToken(attribute(element, 'rel'), 'author') && attribute(element, 'href')
    const author = href ? parseUrl(href, base) : undefined
    if (author) relAuthors.push(author)
    const marks = markWords(element, tokensOf(element, 'class'))
    simplify(element, base, marks)
  }
  const elementsOfItems = all.filter(isRoot)
  elementsOfItems.forEach(mark)
  const nothing = { items: [], relAuthors, roots: new Map(), markup: new Map() }
  if (!isModest(document)) return nothing
  try {
    const { items } = mf2(serializeHtml(document), { baseUrl: base.href })
    const found = new Map<HtmlElement, Item>()
    const markup = new Map<Item, MarkupOfWords>()
    for (const item of allItems(items)) {
      markup.set(item, takeMarkup(item.properties))
      const element = elementsOfItems[unmark(item)]
      if (!element) continue
      const id = ids.get(element)
      if (id && !isV1Root(element)) item.id = id
      if (!found.has(element)) found.set(element, item)
    }
    const roots = new Map(
      elementsOfItems.flatMap((element) => {
        const item = found.get(element)
        return item ? [[element, item]] : []
      }),
    )
    return { items, relAuthors, roots, markup }
  } catch {
    // The parser throws on a page without elements, and on texts that are to be URLs: no microformats then.
    return nothing
  }
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

function simplify(element: HtmlElement, base: URL, marks: readonly string[]): void {
  // The parser throws where words with markup hold a template, which is no part of a page anyway.
  if (isElement(element, 'base', 'template')) return removeElement(element)
  // The parser reads as software with scripts does, for which the inside of this is text. It is not shown.
  if (isElement(element, 'noscript')) {
    element.tagName = element.nodeName = 'span'
    setAttribute(element, 'hidden', '')
  }
  element.attrs = element.attrs.filter(
    ({ name, value }) =>
      READ_ATTRIBUTES.includes(name) &&
      (!URL_ATTRIBUTES.includes(name) || value.includes('://') || canParseUrl(value, base.href)),
  )
  const rels = tokensOf(element, 'rel').filter((rel) => PROPERTY_RELS.includes(rel))
  const classes = tokensOf(element, 'class').filter(
    (name) => name !== MARK && name !== 'include' && !isBuiltIn(name),
  )
  for (const [name, tokens] of Object.entries({ rel: rels, class: [...classes, ...marks] })) {
    if (attribute(element, name) !== undefined) setAttribute(element, name, tokens.join(' '))
  }
  // Of each element with a rel, whatever it is, the parser reads the text.
  if (rels.length === 0) element.attrs = element.attrs.filter(({ name }) => name !== 'rel')
}

/** Whether every object of the language has a property of that name: the parser takes it for its own then. */
function isBuiltIn(name: string): boolean {
  return name.replace(/^(p|u|dt|e)-/, '') in {}
}

/** Numbers the root of an item, so that it can be told which item it became. */
function mark(element: HtmlElement, index: number): void {
  const id = { name: 'id', value: ROOT_ID + index }
  if (!isV1Root(element)) return void element.attrs.push(id)
  // A script may stand everywhere, and nobody takes it for text.
  const attrs = [{ name: 'class', value: MARK }, id]
  tree.appendChild(element, tree.createElement('script', element.namespaceURI, attrs))
}

/** Removes the mark of an item, and returns its number. */
function unmark(item: Item): number {
  const marks = item.children?.filter(({ type }) => type?.includes(MARK)) ?? []
  const id = item.id ?? marks[0]?.id
  delete item.id
  if (marks.length > 0) {
    const children = item.children?.filter((child) => !marks.includes(child)) ?? []
    if (children.length > 0) item.children = children
    else delete item.children
  }
  for (const value of [item, ...Object.values(item.properties).flat()]) {
    if (typeof value !== 'object' || !('html' in value)) continue
    if (typeof value.html === 'string') value.html = value.html.replace(MARKS_IN_HTML, '')
  }
  return Number(id?.slice(ROOT_ID.length) ?? Number.NaN)
}
