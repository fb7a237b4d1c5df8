/**
 * Marks in a page from which the parser of microformats hands on the words with their markup: of a `p-` property it
 * gives the text alone, in which the end of one paragraph and the beginning of the next are one word.
 *
 * @module
 */
import { defaultTreeAdapter as tree, html as spec } from 'parse5'
import {
  attribute,
  elements,
  innerHtml,
  isElement,
  selfAndAncestors,
  type HtmlElement,
  type HtmlNode,
} from '../web/html.ts'
import { keepsLines } from '../web/html-text.ts'
import { isRoot, isV1Root, tokensOf } from './parser-work.ts'

/** The properties that say what a post says. */
const WORDS = /^([pe])-(content|description|summary|instructions|name)$/
/** Of these, the words stand in an attribute. */
const VALUE_ELEMENTS = ['abbr', 'link', 'data', 'input', 'img', 'area', 'meta']
const MARK = 'x-words-'
/** The same properties of microformats1, where the parser knows no others; `entry-content` it gives with its markup. */
const V1_WORDS: ReadonlyMap<string, string> = new Map([
  ['entry-title', 'name'],
  ['entry-summary', 'summary'],
  ['description', 'description'],
])
/** No property: all the text of an item that has nothing else. */
export const ALL_TEXT = 'all text'
/** No property: the text of an item that marks up no words, but something else, such as its author. */
export const OTHER_TEXT = 'other text'
/** Any of these on an element: then what the item is called is not implied by all of its text. */
const P_OR_E = /^[pe]-/
/** Pages nest a few deep what keeps its lines. */
const MAX_ANCESTORS = 32
/** More than a post says of its pictures. */
const MAX_FIGURES = 20
/** A gallery has some dozen pictures. */
const MAX_IN_FIGURE = 100

/** The markup of words, by the property that they are in. */
export type MarkupOfWords = ReadonlyMap<string, string>

/** Takes the markup of words out of the properties of an item, where the parser has put it. */
export function takeMarkup(properties: Record<string, readonly unknown[]>): MarkupOfWords {
  const markup = new Map<string, string>()
  for (const name of Object.keys(properties)) {
    if (!name.startsWith(MARK)) continue
    const [value] = properties[name] ?? []
    delete properties[name]
    if (typeof value !== 'object' || value === null || !('html' in value)) continue
    if (typeof value.html === 'string') markup.set(name.slice(MARK.length), value.html)
  }
  return markup
}

/**
 * The names to be added to an element with such a property. What keeps its lines there is put into an element within it
 * that says so, because the parser hands on what is in the element only.
 */
export function markWords(element: HtmlElement, classes: readonly string[]): string[] {
  const words = classes.flatMap((name) => {
    const [, kind, property = ''] = WORDS.exec(name) ?? []
    return kind === undefined ? [] : [{ kind, property }]
  })
  if (words.length === 0 || isElement(element, ...VALUE_ELEMENTS)) return []
  if (isWithinLines(element)) keepLines(element)
  return words.flatMap(({ kind, property }) => (kind === 'p' ? [`e-${MARK}${property}`] : []))
}

/**
 * The markup of words that is not in the properties of an item, because its element is a root of microformats1, or has
 * nothing but text: of that, the parser makes a name.
 */
export function markupIn(root: HtmlElement): MarkupOfWords {
  return isV1Root(root) ? v1Markup(root) : new Map([...unmarkedText(root), ...captions(root)])
}

/** The name under which the caption of a picture is found, by the last part of its address. */
export function captionOf(file: string): string {
  return `caption of ${file}`
}

function* captions(root: HtmlElement): Generator<[name: string, markup: string]> {
  const figures = [...elementsOfItem(root)].filter((element) => isElement(element, 'figure'))
  for (const figure of figures.slice(0, MAX_FIGURES)) {
    const inside = [...elements(figure)].slice(0, MAX_IN_FIGURE)
    const caption = inside.find((element) => isElement(element, 'figcaption'))
    if (!caption) continue
    const markup = innerHtml(caption)
    for (const element of inside) {
      const file = attribute(element, 'src')
        ?.replace(/[?#].*/s, '')
        .split('/')
        .findLast(Boolean)
      if (file) yield [captionOf(file), markup]
    }
  }
}

function v1Markup(root: HtmlElement): MarkupOfWords {
  const found = new Map<string, string>()
  for (const element of elementsOfItem(root)) {
    for (const name of tokensOf(element, 'class')) {
      const property = V1_WORDS.get(name)
      if (property !== undefined && !found.has(property)) found.set(property, innerHtml(element))
    }
  }
  return found
}

function unmarkedText(root: HtmlElement): [name: string, markup: string][] {
  let isAll = true
  for (const element of elementsOfItem(root)) {
    const classes = tokensOf(element, 'class')
    if (classes.some((name) => WORDS.test(name))) return []
    isAll &&= !isRoot(element) && !classes.some((name) => P_OR_E.test(name))
  }
  return [[isAll ? ALL_TEXT : OTHER_TEXT, innerHtml(root)]]
}

/** The elements below a root, but not those within another one. */
function* elementsOfItem(root: HtmlElement): Generator<HtmlElement> {
  const pending: HtmlNode[] = root.childNodes.toReversed()
  for (let node = pending.pop(); node; node = pending.pop()) {
    if (!('attrs' in node)) continue
    yield node
    if (isRoot(node)) continue
    for (const child of node.childNodes.toReversed()) pending.push(child)
  }
}

function isWithinLines(element: HtmlElement): boolean {
  let left = MAX_ANCESTORS
  for (const one of selfAndAncestors(element)) {
    if (left-- === 0) return false
    if (keepsLines(one)) return true
  }
  return false
}

function keepLines(element: HtmlElement): void {
  // No <pre>: that may not stand in a paragraph.
  const style = [{ name: 'style', value: 'white-space: pre-wrap' }]
  const lines = tree.createElement('span', spec.NS.HTML, style)
  for (const child of [...element.childNodes]) {
    tree.detachNode(child)
    tree.appendChild(lines, child)
  }
  tree.appendChild(element, lines)
}
