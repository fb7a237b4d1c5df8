import { attribute, type HtmlDocument, type HtmlElement, type HtmlNode } from '../web/html.ts'

/** Pages nest a few dozen elements deep; the parser is recursive. */
const MAX_DEPTH = 256
/** A long page of entries has some thousand; the parser takes the square of them. */
const MAX_TOKENS = 10_000
/** Characters that the parser may look at, each as often as it does. */
const MAX_WORK = 10_000_000
/** Copying a list is quicker than reading a text: so many entries take the time of one character. */
const COPIES = 8
const VALUE_CLASSES = ['value', 'value-title']
const PROPERTY = /^(?:p|u|dt|e)-/
const V2_ROOT = /^h-([a-z0-9]+-)?([a-z]+-)*[a-z]+$/
/** The roots of microformats1, which the parser reads as well. */
const V1_ROOTS =
  /^(adr|geo|hentry|hfeed|hnews|hproduct|hreview(-aggregate)?|vcard|hresume|vevent|item)$/

/**
 * Whether the microformats parser may read the document: estimates its work, from above. The parser collects what
 * it is looking for in a list that it copies at each element: 35,000 elements of the class `value` in one property
 * kept it busy for minutes.
 */
export function isModest(document: HtmlDocument): boolean {
  const pending: Visit[] = [
    { node: document, depth: 0, readings: 1, within: undefined, found: { count: 0 } },
  ]
  let [tokens, work] = [0, 0]
  for (let visit = pending.pop(); visit; visit = pending.pop()) {
    const { node, depth } = visit
    let { readings, within, found } = visit
    if ('attrs' in node) {
      const classes = tokensOf(node, 'class')
      const isItem = isRoot(node)
      const names = propertiesAmong(classes, within) + tokensOf(node, 'rel').length
      tokens += names
      work += (found.count * readings) / COPIES
      if (isItem || names > 0 || classes.some((name) => VALUE_CLASSES.includes(name))) {
        found.count += 1
      }
      // What is in an item is looked for in the item alone.
      if (isItem) {
        found = { count: 0 }
        within = isV1Root(node) ? 'v1' : 'v2'
      }
      // Each name has its value read; a nested item is parsed anew for each of its names.
      readings += names
      if (isItem) readings *= Math.max(1, names)
    }
    work += sizeOf(node) * readings
    if (tokens > MAX_TOKENS || work > MAX_WORK || depth > MAX_DEPTH) return false
    if (!('childNodes' in node)) continue
    for (const child of node.childNodes) {
      pending.push({ node: child, depth: depth + 1, readings, within, found })
    }
  }
  return true
}

interface Visit {
  readonly node: HtmlNode
  readonly depth: number
  /** How often the parser comes by. */
  readonly readings: number
  /** Of which version the item is that it is in. */
  readonly within: 'v1' | 'v2' | undefined
  /** What the parser has found so far in the same item. */
  readonly found: { count: number }
}

/** How many of an element's names are properties of the item that it is in: outside of items there are none. */
function propertiesAmong(classes: readonly string[], within: Visit['within']): number {
  // Which ones are properties in microformats1 depends on the item: all of them, at worst.
  if (within === 'v1') return classes.length
  return within === undefined ? 0 : classes.filter((name) => PROPERTY.test(name)).length
}

/** Whether an element is the root of an item, for this parser. */
export function isRoot(element: HtmlElement): boolean {
  return tokensOf(element, 'class').some((name) => V2_ROOT.test(name) || V1_ROOTS.test(name))
}

/** Whether it is a root of microformats1, and not of microformats2 at the same time. */
export function isV1Root(element: HtmlElement): boolean {
  const classes = tokensOf(element, 'class')
  return classes.some((name) => V1_ROOTS.test(name)) && !classes.some((name) => V2_ROOT.test(name))
}

export function tokensOf(element: HtmlElement, name: string): string[] {
  return attribute(element, name)?.split(/\s+/).filter(Boolean) ?? []
}

function sizeOf(node: HtmlNode): number {
  if ('value' in node) return node.value.length + 1
  if (!('attrs' in node)) return 1
  return node.attrs.reduce((sum, { value }) => sum + value.length + 1, 1)
}
