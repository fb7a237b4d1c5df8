/**
 * Marks in a page from which the parser of microformats hands on the words with their markup: of a `p-` property it
 * gives the text alone, in which the end of one paragraph and the beginning of the next are one word.
 *
 * @module
 */
import { defaultTreeAdapter as tree, html as spec } from 'parse5'
import { isElement, type HtmlElement, type HtmlNode } from '../web/html.ts'
import { keepsLines } from '../web/html-text.ts'

/** The properties that say at length what a post says. */
const WORDS = /^([pe])-(content|description|summary|instructions)$/
/** Of these, the words stand in an attribute. */
const VALUE_ELEMENTS = ['abbr', 'link', 'data', 'input', 'img', 'area', 'meta']
const MARK = 'x-words-'
/** Pages nest a few deep what keeps its lines. */
const MAX_ANCESTORS = 32

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

function isWithinLines(element: HtmlElement): boolean {
  let node: HtmlNode | null = element
  for (let left = MAX_ANCESTORS; node !== null && 'attrs' in node && left > 0; left -= 1) {
    if (keepsLines(node)) return true
    node = node.parentNode
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
