import { attribute, isElement, parseHtml, type HtmlElement, type HtmlNode } from './html.ts'
import { toParagraphs } from './message-text.ts'
import { isUnshown, mediaWords } from './shown-elements.ts'
import { createTextWriter, type TextWriter } from './text-writer.ts'

/** A text of that length has fewer; a parser makes more where formatting is nested to annoy it. */
const MAX_ELEMENTS = 20_000
/** Each begins and ends a line of its own. */
const LINES = [
  ...['div', 'section', 'article', 'main', 'header', 'footer', 'aside', 'nav', 'address', 'body'],
  ...['li', 'dt', 'dd', 'tr', 'caption', 'figcaption', 'summary', 'details', 'form', 'fieldset'],
  ...['legend', 'center', 'hgroup', 'search', 'video', 'audio', 'iframe', 'object'],
]
/** Each begins and ends a paragraph: browsers leave room around it. */
const PARAGRAPHS = [
  ...['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'ul', 'ol', 'dl', 'menu', 'hr'],
  ...['figure', 'table', 'listing', 'xmp', 'plaintext', 'dir'],
]
const LISTS = ['ul', 'ol', 'menu', 'dir']
/** What keeps its lines, by name or by its style. */
const VERBATIM = ['pre', 'listing', 'xmp', 'plaintext']
const LINES_STYLE = /white-space\s*:\s*(?:pre|break-spaces)/i
/** Deeper lists are set off no further. */
const MAX_INDENT = 4

/** What a piece of HTML says, as text with paragraphs. */
export function textOfHtml(html: string, maxLength: number): string {
  const document = parseHtml(html.slice(0, maxLength * 8), { maxElements: MAX_ELEMENTS })
  return shownText(document, { maxLength })
}

export interface ShownTextOptions {
  /** In characters; longer texts end with "…". */
  readonly maxLength: number
  /** Elements that are no part of the text, beside those that no browser shows. */
  readonly isLeftOut?: (element: HtmlElement) => boolean
}

/**
 * The text below `node` with the lines and paragraphs that a browser shows: points of a list on a line each, cells
 * apart, pictures as words.
 */
export function shownText(node: HtmlNode, { maxLength, isLeftOut }: ShownTextOptions): string {
  // Room for white space and signs that are taken out, as `toParagraphs()` has it.
  const writer = createTextWriter(maxLength * 4)
  writeText(node, writer, isLeftOut && { isLeftOut })
  return toParagraphs(writer.text(), maxLength)
}

interface WalkOptions {
  readonly isLeftOut?: (element: HtmlElement) => boolean
  /** Told before and after what an element says is written. */
  readonly onElement?: (element: HtmlElement, when: 'before' | 'after') => void
}

/** What is to be done yet: a node to be written, or the end of an element. */
type Step =
  | { readonly node: HtmlNode; readonly place: Place }
  | { readonly end: HtmlElement; readonly breaks: number }

interface Place {
  readonly isVerbatim: boolean
  /** How many lists this is within. */
  readonly lists: number
  readonly isNumbered: boolean
  /** Points of the list so far. */
  readonly points: { count: number }
}

/** Writes the text below `node`. Iterative, because a hostile page may nest deeper than the stack is. */
export function writeText(
  node: HtmlNode,
  writer: TextWriter,
  { isLeftOut = () => false, onElement }: WalkOptions = {},
): void {
  const place = { isVerbatim: false, lists: 0, isNumbered: false, points: { count: 0 } }
  const steps: Step[] = childrenOf(node, 'attrs' in node ? placeIn(node, place) : place)
  for (let step = steps.pop(); step && !writer.isFull(); step = steps.pop()) {
    if ('end' in step) {
      writer.breakLine(step.breaks)
      if (isElement(step.end, 'q')) writer.write('”')
      if (isElement(step.end, 'li')) writer.beginLine('')
      onElement?.(step.end, 'after')
      continue
    }
    const { node: next, place } = step
    if ('value' in next) {
      if (place.isVerbatim) writer.writeLines(next.value)
      else writer.write(next.value)
    }
    if (!('attrs' in next)) {
      if ('childNodes' in next) push(steps, childrenOf(next, place))
      continue
    }
    if (isUnshown(next) || isLeftOut(next)) continue
    onElement?.(next, 'before')
    const breaks = breaksAround(next, place)
    writer.breakLine(breaks)
    steps.push({ end: next, breaks })
    const words = mediaWords(next)
    if (words !== undefined) {
      writer.write(words)
      continue
    }
    writeSign(next, writer, place)
    push(steps, childrenOf(next, placeIn(next, place)))
  }
}

/** In reverse, because the last step is the next one. */
function childrenOf(node: HtmlNode, place: Place): Step[] {
  if (!('childNodes' in node)) return []
  return node.childNodes.toReversed().map((child) => ({ node: child, place }))
}

/** One by one: a call takes only so many arguments. */
function push(steps: Step[], more: readonly Step[]): void {
  for (const step of more) steps.push(step)
}

/** Whether an element shows the lines of its text as they stand. */
export function keepsLines(element: HtmlElement): boolean {
  return isElement(element, ...VERBATIM) || LINES_STYLE.test(attribute(element, 'style') ?? '')
}

function placeIn(element: HtmlElement, place: Place): Place {
  const isVerbatim = keepsLines(element)
  const isList = isElement(element, ...LISTS)
  if (!isList && isVerbatim === place.isVerbatim) return place
  return {
    ...place,
    isVerbatim: isVerbatim || place.isVerbatim,
    ...(isList && {
      lists: place.lists + 1,
      isNumbered: isElement(element, 'ol'),
      points: { count: 0 },
    }),
  }
}

/** Whether what is in an element stands apart from what is before and behind it. */
export function isBlock(element: HtmlElement): boolean {
  return isElement(element, ...PARAGRAPHS, ...LINES, 'td', 'th')
}

function breaksAround(element: HtmlElement, { lists }: Place): 0 | 1 | 2 {
  if (isElement(element, ...LISTS) && lists > 0) return 1
  if (isElement(element, ...PARAGRAPHS)) return 2
  return isElement(element, ...LINES) ? 1 : 0
}

/** What stands for an element that has no text, or before the text that it has. */
function writeSign(element: HtmlElement, writer: TextWriter, place: Place): void {
  if (isElement(element, 'br')) writer.addBreak()
  if (isElement(element, 'q')) writer.write('“')
  if (isElement(element, 'td', 'th')) writer.write(' ')
  if (!isElement(element, 'li')) return
  place.points.count += 1
  const mark = place.isNumbered ? `${place.points.count}. ` : '- '
  const indent = Math.min(Math.max(place.lists - 1, 0), MAX_INDENT)
  writer.beginLine('  '.repeat(indent) + mark)
}
