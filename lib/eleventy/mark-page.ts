import { defaultTreeAdapter } from 'parse5'
import {
  addressesOf,
  hasClass,
  isMovedPage,
  isPermalink,
  parentOf,
  searchEntry,
} from '../web/h-entry.ts'
import { MARKED_PROPERTIES, type MarkedAnswer } from '../post/marked-answer.ts'
import type { PrivatePost } from '../post/post.ts'
import {
  attribute,
  elements,
  hasToken,
  isElement,
  parseHtml,
  serializeHtml,
  setAttribute,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { buildError } from './build-error.ts'
import type { Placeholders } from './placeholder.ts'
import { markHead, stripTelling } from './private-head.ts'
import { loadedResources, type LoadedResource } from './third-party.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** A private page, rendered and marked, with placeholders where its copies differ. */
export interface MarkedPage {
  readonly html: string
  /** What Eleventy rendered, before anything was taken out of it. */
  readonly rendered: string
  /** `lang` of the document, for the words of the notice. */
  readonly language: string | undefined
  /** What a browser loads for it, from the site itself and from others. */
  readonly loads: readonly LoadedResource[]
  /** What the post answers, likes, repeats or bookmarks by its markup alone. */
  readonly answer: MarkedAnswer | undefined
  /** Whether the layout links the post that this one answers. */
  readonly linksParent: boolean
}

export interface MarkOptions {
  readonly post: PrivatePost
  readonly number: number
  readonly placeholders: Placeholders
  /** Where the page stands, as far as Eleventy knows. */
  readonly page: URL
}

/**
 * Marks a rendered page as private, for people (the notice) and for software (meta elements,
 * microformats), and removes what would give its address away.
 */
export function markPage(
  html: string,
  { post, number, placeholders, page }: MarkOptions,
): MarkedPage {
  const document = parseHtml(html)
  const { root, head, body } = skeleton(document, post.path)
  stripTelling(document, page, placeholders.page(number))
  markHead(head)
  setAttribute(body, 'data-pagefind-ignore', 'all')

  const own = ownEntry(document, page)
  const hasEntry = [...elements(document)].some((element) => hasClass(element, 'h-entry'))
  const entry = findEntry(document, body)
  const place = own ?? (hasEntry ? undefined : entry)
  const answer = post.inReplyTo || !place ? undefined : answerOf(place, document, page)
  const notice = defaultTreeAdapter.createTextNode(placeholders.field('notice', number))
  const first = entry.childNodes[0]
  if (first) defaultTreeAdapter.insertBefore(entry, notice, first)
  else defaultTreeAdapter.appendChild(entry, notice)

  return {
    html: serializeHtml(document),
    rendered: html,
    language: attribute(root, 'lang'),
    loads: loadedResources(document, page),
    answer,
    linksParent: answer !== undefined || linksTo(document, post.inReplyTo, page),
  }
}

/** The first of them on another site: whoever writes to their own posts tells nobody. */
function answerOf(entry: HtmlElement, document: HtmlDocument, page: URL): MarkedAnswer | undefined {
  for (const property of MARKED_PROPERTIES) {
    const url = parentOf(entry, document, page, `u-${property}`)
    if (url && url.origin !== page.origin) return { property, url }
  }
  return undefined
}

/**
 * The entry whose answer is the post's own, because whom it answers becomes a reader: `undefined` where the page shows
 * other posts, such as the latest notes, and does not tell this one from them.
 */
function ownEntry(document: HtmlDocument, page: URL): HtmlElement | undefined {
  const { entry } = searchEntry(document, page)
  if (!entry || isPermalink(entry, document, page)) return entry
  return addressesOf(entry, document, page).some((url) => isMovedPage(url, page))
    ? entry
    : undefined
}

function linksTo(document: HtmlDocument, target: URL | undefined, page: URL): boolean {
  return [...elements(document)].some((element) => {
    const href = isElement(element, 'a') ? attribute(element, 'href') : undefined
    return (
      href !== undefined &&
      canParseUrl(href, page.href) &&
      new URL(href, page).href === target?.href
    )
  })
}

/** The page's h-entry; a page that has none becomes one, so that the marks have a place. */
function findEntry(document: HtmlDocument, body: HtmlElement): HtmlElement {
  const all = [...elements(document)]
  const entry = all.find((element) => hasToken(attribute(element, 'class'), 'h-entry'))
  if (entry) return entry

  const place =
    all.find((element) => isElement(element, 'article')) ??
    all.find((element) => isElement(element, 'main')) ??
    body
  setAttribute(place, 'class', `${attribute(place, 'class') ?? ''} h-entry`.trim())
  return place
}

/** The parser makes these three for every page but one of frames. */
function skeleton(
  document: HtmlDocument,
  path: string,
): Record<'root' | 'head' | 'body', HtmlElement> {
  const found = (name: string): HtmlElement => {
    for (const element of elements(document)) if (isElement(element, name)) return element
    throw buildError([
      `${path}: its page has no <${name}>, so that it cannot be marked as private. To do: use a layout with a <body> in the place of a <frameset>.`,
    ])
  }
  return { root: found('html'), head: found('head'), body: found('body') }
}
