import { attribute, isElement, type HtmlElement, type HtmlNode } from '../web/html.ts'

/** What a browser does not show as text. */
const UNREAD = ['script', 'style', 'template', 'noscript', 'head', 'textarea', 'select']
/** Each begins and ends a line of its own. */
const LINES = ['li', 'dt', 'dd', 'tr', 'figcaption', 'summary']
/** Each begins and ends a paragraph. */
const PARAGRAPHS = [
  ...['p', 'div', 'section', 'article', 'main', 'header', 'footer', 'aside', 'nav', 'address'],
  ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'ul', 'ol', 'dl', 'hr'],
  ...['figure', 'table', 'details', 'form', 'fieldset'],
]
/** Browsers nest no deeper. */
const DEEPEST = 512

/**
 * The text of a part of a page as somebody would type it: paragraphs divided by an empty line, points of a
 * list on a line each, a picture by its description.
 */
export function letterText(part: HtmlNode): string {
  const page = createPage()
  visit(part, { page, isVerbatim: false, depth: 0 })
  return page.text()
}

interface Place {
  readonly page: ReturnType<typeof createPage>
  readonly isVerbatim: boolean
  readonly depth: number
}

function visit(node: HtmlNode, { page, isVerbatim, depth }: Place): void {
  if ('value' in node) page.write(node.value, isVerbatim)
  if (!('childNodes' in node) || depth > DEEPEST) return
  const element = 'attrs' in node ? node : undefined
  if (element && isElement(element, ...UNREAD)) return

  const breaks = element ? breaksAround(element) : 0
  page.breakLine(breaks)
  if (element) writeSign(element, page)
  const below = {
    page,
    isVerbatim: isVerbatim || (element !== undefined && isElement(element, 'pre')),
    depth: depth + 1,
  }
  for (const child of node.childNodes) visit(child, below)
  page.breakLine(breaks)
}

function breaksAround(element: HtmlElement): 0 | 1 | 2 {
  if (isElement(element, ...PARAGRAPHS)) return 2
  return isElement(element, ...LINES) ? 1 : 0
}

/** What stands for an element that has no text, or before the text that it has. */
function writeSign(element: HtmlElement, page: Place['page']): void {
  if (isElement(element, 'br')) page.addBreak()
  if (isElement(element, 'li')) page.write('- ', false)
  if (isElement(element, 'td', 'th')) page.write(' ', false)
  if (isElement(element, 'img')) page.write(attribute(element, 'alt') ?? '', false)
}

function createPage() {
  let text = ''
  let breaks = 0
  return {
    text: () => text.trim(),

    write(words: string, isVerbatim: boolean): void {
      const line = isVerbatim ? words : words.replace(/[\t\n\f\r ]+/g, ' ')
      const isAtStart = text === '' || breaks > 0 || /\s$/.test(text)
      const own = isAtStart && !isVerbatim ? line.replace(/^ +/, '') : line
      if (own === '') return
      text = (breaks > 0 ? text.trimEnd() + '\n'.repeat(text === '' ? 0 : breaks) : text) + own
      breaks = 0
    },

    /** At least so many line breaks before what comes next. */
    breakLine(lines: number): void {
      breaks = Math.max(breaks, lines)
    },

    addBreak(): void {
      breaks = Math.min(breaks + 1, 2)
    },
  }
}
