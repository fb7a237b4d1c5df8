import {
  attribute,
  elements,
  hasToken,
  innerHtml,
  removeElement,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { parseUrl } from '../web/parse-url.ts'

/** What acts, loads, or asks for something. */
const NOT_SENT = [
  ...[
    'script',
    'style',
    'template',
    'noscript',
    'link',
    'meta',
    'base',
    'title',
    'iframe',
    'frame',
  ],
  ...[
    'object',
    'embed',
    'applet',
    'form',
    'input',
    'button',
    'select',
    'textarea',
    'canvas',
    'svg',
  ],
  ...[
    'math',
    'dialog',
    'source',
    'track',
    'map',
    'slot',
    'xmp',
    'plaintext',
    'noembed',
    'noframes',
  ],
]
/** What is said, and no more: no handlers, no styles, no classes. */
const KEPT = ['alt', 'title', 'lang', 'dir', 'datetime', 'colspan', 'rowspan', 'start']
/** Where each may lead. */
const LINKS: Readonly<Record<string, RegExp>> = {
  href: /^(https?|mailto):$/,
  cite: /^https?:$/,
  src: /^https?:$/,
  poster: /^https?:$/,
}
/** On the notice that every copy begins with. */
const NOTICE_CLASS = 'private-post-notice'

/**
 * What a part of a page shows, as markup that can be shown elsewhere: links absolute, no scripts, no styles,
 * no notice. What is not sent is taken out of the document that the part is of.
 */
export function letterHtml(part: HtmlElement | HtmlDocument, base: URL): string {
  for (const element of [...elements(part)]) if (!isSent(element)) removeElement(element)
  withoutComments(part)
  for (const element of elements(part)) {
    withoutComments(element)
    element.attrs = element.attrs.flatMap(({ name, value }) => {
      const kept = KEPT.includes(name) ? value : absoluteLink(name, value, base)
      return kept === undefined ? [] : [{ name, value: kept }]
    })
  }
  return innerHtml(part).trim()
}

function isSent(element: HtmlElement): boolean {
  const isHidden = attribute(element, 'hidden') !== undefined
  const isNotice = hasToken(attribute(element, 'class'), NOTICE_CLASS)
  // By name alone: in SVG they act as well.
  return !isHidden && !isNotice && !NOT_SENT.includes(element.tagName.toLowerCase())
}

function withoutComments(node: HtmlElement | HtmlDocument): void {
  node.childNodes = node.childNodes.filter(({ nodeName }) => nodeName !== '#comment')
}

function absoluteLink(name: string, value: string, base: URL): string | undefined {
  const schemes = LINKS[name]
  const url = schemes && parseUrl(value.trim(), base)
  return url && schemes.test(url.protocol) ? url.href : undefined
}
