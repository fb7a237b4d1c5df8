import { elements, isElement, parseHtml, removeElement, textOf } from './html.ts'
import { toParagraphs } from './message-text.ts'

/** A text of that length has fewer; a parser makes more where formatting is nested to annoy it. */
const MAX_ELEMENTS = 20_000
/** Ends a line. */
const LINE_END = /<br\s*\/?>/gi
/** The beginning or end of what stands in a paragraph of its own. */
const BLOCK =
  /<\/?(p|div|li|ul|ol|dl|dd|dt|blockquote|pre|h[1-6]|hr|tr|table|section|article|figure|header|footer)(?=[\s/>])/gi

/** What a piece of HTML says, as text with paragraphs. */
export function textOfHtml(html: string, maxLength: number): string {
  const flowing = html.slice(0, maxLength * 8).replace(/\s+/g, ' ')
  const broken = flowing.replace(LINE_END, '\n').replace(BLOCK, '\n\n$&')
  const document = parseHtml(broken, { maxElements: MAX_ELEMENTS })
  for (const element of [...elements(document)]) {
    if (isElement(element, 'script', 'style', 'title', 'noscript')) removeElement(element)
  }
  const lines = textOf(document)
    .split('\n')
    .map((line) => line.trim())
  return toParagraphs(lines.join('\n'), maxLength)
}
