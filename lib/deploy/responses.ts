import { attribute, elements, isElement, type HtmlElement } from '../web/html.ts'
import { isSamePage } from '../web/page-identity.ts'
import { parseUrl } from '../web/parse-url.ts'
import { hasClass, isOf, isRoot, propertyOf } from '../web/h-entry.ts'

/** What others said about the post, where the page shows it: in the words of microformats. */
const RESPONSE = /^[up]-(comment|like|repost|reply|reaction|response)s?$/
/** The same of an item: without one, these can be properties of the post itself. */
const RESPONSE_ITEM = /^[up]-(mention|bookmark|favou?rite|rsvp)s?$/
/** What the post itself answers, likes or quotes. */
const CONTEXT = /^[up]-(in-reply-to|[a-z]+-of)$/
const PROPERTY = /^(p|u|e|dt)-[a-z]/
/** Items that are somebody's words. */
const SPOKEN = ['h-cite', 'h-entry', 'h-feed']
/** A citation within a sentence is the author's. */
const INLINE = ['a', 'abbr', 'b', 'cite', 'em', 'i', 'q', 'span', 'strong', 'blockquote']
const TITLES = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'a']
/** The mark of a layout: what stands in such an element is not the post's. */
const MARK = 'webmentions'
/** What layouts call the place where readers answer, outside of the content. */
const PLACES = [
  ...[MARK, 'comments', 'comment-list', 'commentlist', 'comments-area'],
  ...['responses', 'reactions', 'interactions', 'respond'],
]

/** The same in longer names, and in those of elements that programs fill: "webmentions__list", "post-comments". */
const PLACE_NAME =
  /(?:^|[-_])(?:web-?mentions?|facepiles?)(?:[-_]|$)|^(?:post|entry|article|page)[-_]+(?:comments|responses|reactions)$|^(?:comments?|responses?|reactions?)[-_]+(?:list|area|section|thread|wrapper|container)$/

/**
 * What the page shows of others' responses within its entry, by its markup: comments, likes and reposts that the
 * post got, entries of others, and the places that layouts have for them. What the post answers, and what it
 * cites in its own content, are its own words.
 */
export function responsesIn(entry: HtmlElement, page: URL, base: URL): HtmlElement[] {
  const content = propertyOf(entry, 'e-content')
  const place: Place = { entry, hasContent: content !== undefined, page, base, isTheirs }
  // What says whose response it is, and where it stands: in a place for responses, and without an item around it.
  function isTheirs(part: HtmlElement, property: string): boolean {
    if (content === undefined || !describesResponse(property)) return false
    const url = parseUrl(attribute(part, 'href') ?? '', base)
    return property !== 'u-url' || (url !== undefined && url.origin !== page.origin)
  }
  const found: HtmlElement[] = []
  const pending = childrenOf(entry).map((element) => ({ element, isContent: false }))
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { element } = next
    const isContent = next.isContent || element === content
    if (isContext(element)) continue
    // Most elements have no name.
    const hasName = element.attrs.length > 0 || element.tagName.includes('-')
    if (hasName && isResponse(element, isContent, place)) {
      found.push(element)
      continue
    }
    pending.push(...childrenOf(element).map((child) => ({ element: child, isContent })))
  }
  return found
}

interface Place {
  readonly entry: HtmlElement
  /** Whether the content of the entry is marked as such. */
  readonly hasContent: boolean
  readonly page: URL
  readonly base: URL
  readonly isTheirs: (part: HtmlElement, property: string) => boolean
}

function isResponse(element: HtmlElement, isContent: boolean, place: Place): boolean {
  const { entry, hasContent } = place
  const names = classesOf(element)
  if (names.some((name) => RESPONSE.test(name))) return true
  if (isRoot(element) && names.some((name) => RESPONSE_ITEM.test(name))) return true
  // An id may be that of a heading, which Markdown makes of its words.
  const called = isElement(element, ...TITLES) ? names : namesOf(element)
  if (called.includes(MARK) && !holdsOwn(element, entry, place.isTheirs)) return true
  if (isContent) return false
  const isPlace = (name: string) => PLACES.includes(name) || (hasContent && PLACE_NAME.test(name))
  if ([...called, element.tagName].some(isPlace)) return !holdsOwn(element, entry, place.isTheirs)
  const isSpoken = SPOKEN.some((root) => hasClass(element, root))
  const isAttached = names.some((name) => PROPERTY.test(name))
  if (!isSpoken || isAttached || holdsContext(element, place)) return false
  return hasContent || !isElement(element, ...INLINE)
}

/**
 * Whether a property of the post itself stands in `element`.
 *
 * @param isTheirs Tells what only looks like one, because a layout has no item around a response.
 */
export function holdsOwn(
  element: HtmlElement,
  entry: HtmlElement,
  isTheirs: (part: HtmlElement, property: string) => boolean = () => false,
): boolean {
  const isOwn = (part: HtmlElement) =>
    classesOf(part).some(
      (name) => PROPERTY.test(name) && !isResponseName(name) && !isTheirs(part, name),
    ) && isOf(part, entry)
  return isOwn(element) || [...elements(element)].some(isOwn)
}

/** Whether layouts say with this property whose response it is, where it stands, or what it says. */
export function describesResponse(property: string): boolean {
  return /^(u-url|u-photo|[up]-author|p-name|p-content|dt-published)$/.test(property)
}

function isResponseName(name: string): boolean {
  return RESPONSE.test(name) || RESPONSE_ITEM.test(name)
}

/** Whether it says what the post answers, likes or quotes. */
function isContext(element: HtmlElement): boolean {
  const names = classesOf(element)
  return names.some((name) => CONTEXT.test(name)) && !names.some(isResponseName)
}

/** A cited post that says inside of itself that it is what is answered. */
function holdsContext(element: HtmlElement, { page, base }: Place): boolean {
  return [...elements(element)].some((part) => {
    const url = isContext(part) ? parseUrl(attribute(part, 'href') ?? '', base) : undefined
    return url !== undefined && !isSamePage(url, page)
  })
}

function childrenOf(element: HtmlElement): HtmlElement[] {
  return element.childNodes.filter((child): child is HtmlElement => 'tagName' in child)
}

function namesOf(element: HtmlElement): string[] {
  return [...classesOf(element), (attribute(element, 'id') ?? '').toLowerCase()]
}

function classesOf(element: HtmlElement): string[] {
  return (attribute(element, 'class') ?? '').toLowerCase().split(/\s+/)
}
