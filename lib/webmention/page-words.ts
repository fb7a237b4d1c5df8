/**
 * What a page says that has no microformats of use: its title, how it describes itself, and the sentence in which it
 * links to the target.
 *
 * @module
 */
import {
  attribute,
  elements,
  isElement,
  selfAndAncestors,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { isBlock, keepsLines, writeText } from '../web/html-text.ts'
import { toLine } from '../web/message-text.ts'
import { isUnshown } from '../web/shown-elements.ts'
import { createTextWriter } from '../web/text-writer.ts'
import { MAX_TITLE_LENGTH } from './entry-words.ts'

const MAX_DESCRIPTION = 300
/** A longer sentence is cut around the link. */
const MAX_SENTENCE = 400
/** How far from the link its sentence is looked for. */
const WINDOW = 600
/** Of a page that links more often, the later ones say no more. */
const MAX_LINKS = 100
/** More than a page is allowed to have. */
const MAX_BLOCK = 2 * 1024 * 1024

export interface PageWords {
  readonly title?: string
  readonly description?: string
  /** In which the page links to the target. */
  readonly sentence?: string
}

/**
 * Reads a page, and changes nothing of it.
 *
 * @param links The elements that link to the target.
 */
export function pageWords(document: HtmlDocument, links: readonly HtmlElement[]): PageWords {
  const title = titleOf(document) || metaOf(document, 'og:title', MAX_TITLE_LENGTH)
  const description =
    metaOf(document, 'description', MAX_DESCRIPTION) ||
    metaOf(document, 'og:description', MAX_DESCRIPTION)
  const link = findLink(links)
  const sentence = link && sentenceAround(link)
  return {
    ...(title && { title }),
    ...(description && { description }),
    ...(sentence && { sentence }),
  }
}

/** The sentence around a place in a text, in one line. An empty line ends one, as its own end does. */
export function sentenceIn(text: string, start: number, end: number): string {
  const from = Math.max(0, start - WINDOW)
  const window = text
    .slice(from, Math.min(end, start + WINDOW) + WINDOW)
    .replace(/(?<!\n)\n(?!\n)/g, ' ')
  const [first, last] = [start - from, Math.min(end, start + WINDOW) - from]
  let [begin, stop] = [first, last]
  for (const { index, segment } of new Intl.Segmenter('en', { granularity: 'sentence' }).segment(
    window,
  )) {
    if (index + segment.length <= first || index > last) continue
    begin = Math.min(begin, index)
    stop = Math.max(stop, index + segment.length)
  }
  if (stop - begin <= MAX_SENTENCE) return toLine(window.slice(begin, stop), MAX_SENTENCE)
  const room = Math.floor((MAX_SENTENCE - Math.min(last - first, MAX_SENTENCE)) / 2)
  const [cutFrom, cutTo] = [Math.max(begin, first - room), Math.min(stop, last + room)]
  const before = cutFrom > begin ? '…' : ''
  const after = cutTo < stop ? '…' : ''
  return toLine(before + window.slice(cutFrom, cutTo).trim() + after, MAX_SENTENCE + 2)
}

/** The first link to the target that a reader sees: one with words before a picture, and any before a menu's. */
function findLink(links: readonly HtmlElement[]): HtmlElement | undefined {
  const seen = links
    .slice(0, MAX_LINKS)
    .filter((link) => !isElement(link, 'link') && !isIn(link, isUnshown))
  const told = seen.filter((link) => !isIn(link, isBesideText))
  const candidates = told.length > 0 ? told : seen
  return candidates.find((link) => isElement(link, 'a')) ?? candidates[0]
}

/** Whether an element, or one around it, fits. */
function isIn(element: HtmlElement, fits: (element: HtmlElement) => boolean): boolean {
  for (const one of selfAndAncestors(element)) if (fits(one)) return true
  return false
}

/** Whether an element is what a page has on every page of its site. */
function isBesideText(element: HtmlElement): boolean {
  return isElement(element, 'nav', 'aside', 'footer')
}

function sentenceAround(link: HtmlElement): string {
  let block: HtmlElement = link
  for (block of selfAndAncestors(link)) if (isBlock(block)) break
  const writer = createTextWriter(MAX_BLOCK)
  let [start, end] = [0, 0]
  const onElement = (element: HtmlElement, when: 'before' | 'after') => {
    if (element !== link) return
    if (when === 'before') start = writer.length()
    else end = writer.length()
  }
  writeText(block, writer, { onElement })
  // Where lines are kept, sentences go on in the next one; elsewhere, what ends a line stands apart.
  const text = keepsLines(block) ? writer.text() : writer.text().replaceAll('\n', '\u2029')
  return sentenceIn(text, start, Math.max(start, end))
}

function titleOf(document: HtmlDocument): string | undefined {
  for (const element of elements(document)) {
    if (isElement(element, 'title')) return toLine(textOf(element), MAX_TITLE_LENGTH)
  }
  return undefined
}

function metaOf(document: HtmlDocument, name: string, maxLength: number): string | undefined {
  for (const element of elements(document)) {
    if (!isElement(element, 'meta')) continue
    const names = [attribute(element, 'name'), attribute(element, 'property')]
    if (!names.some((other) => other?.trim().toLowerCase() === name)) continue
    const content = toLine(attribute(element, 'content') ?? '', maxLength)
    if (content !== '') return content
  }
  return undefined
}
