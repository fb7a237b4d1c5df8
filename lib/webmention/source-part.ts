import {
  attribute,
  elements,
  hasToken,
  isElement,
  selfAndAncestors,
  textOf,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { isBlock } from '../web/html-text.ts'
import { tokensOf } from './parser-work.ts'

/** From the number beside a comment to the comment itself. */
const MAX_CLIMB = 5
/** Tables within tables, at worst. */
const MAX_WRAPPERS = 16
/** What holds the whole page rather than a part of it. */
const PAGE_ELEMENTS = ['html', 'body', 'main', 'article']

const USER_CLASS =
  /^(?:user|username|hnuser|person|commenter|poster|member|nick(?:name)?)(?:$|[-_])/i
const USER_PATH =
  /^(?:https?:\/\/[^/]+)?\/?(?:@|~|(?:u|users?|profiles?|members?|people|author)(?:\/|\?id=|\.php\?))[^/]+\/?$/i

/** The part of a page that a fragment names. */
export interface SourcePart {
  readonly element: HtmlElement
  /** What it says where it is no microformat, if it links to the target. */
  readonly words?: PartWords
}

/** Of a part without microformats: what is beside the name of its author, and what tells the name. */
export interface PartWords {
  readonly content: HtmlElement
  readonly author?: HtmlElement
  readonly time?: HtmlElement
}

/**
 * Finds the part of the page that a fragment names. An anchor without text names what follows it; one that
 * does not hold the link names what is around it, as long as that holds no second of its kind.
 *
 * @param fragment As the URL has it, or decoded; of several elements with the id, the first counts.
 * @param links The elements that link to the target.
 * @see [HTML §7.4.6.4](https://html.spec.whatwg.org/multipage/browsing-the-web.html#the-indicated-part-of-the-document)
 */
export function findPart(
  document: HtmlDocument,
  fragment: string,
  links: readonly HtmlElement[],
): SourcePart | undefined {
  const named = fragment === '' ? undefined : indicatedElement(document, fragment)
  if (!named) return undefined
  const start = isEmpty(named) ? (nextElement(named) ?? named) : named
  const held = new Set<HtmlElement>()
  for (const link of links) {
    for (const element of selfAndAncestors(link)) {
      if (held.has(element)) break
      held.add(element)
    }
  }
  const element = held.has(start) ? start : holderOf(start, named, held)
  if (!held.has(element)) return { element }
  const all = new Set(links)
  const link = [element, ...elements(element)].find((one) => all.has(one))
  return { element, ...(link && { words: wordsAround(link, element) }) }
}

function indicatedElement(document: HtmlDocument, fragment: string): HtmlElement | undefined {
  const all = [...elements(document)]
  for (const name of [fragment, decoded(fragment)]) {
    const byId = all.find((element) => attribute(element, 'id') === name)
    const found = byId ?? all.find((one) => isElement(one, 'a') && attribute(one, 'name') === name)
    if (found) return found
  }
  return undefined
}

function decoded(fragment: string): string {
  try {
    return decodeURIComponent(fragment)
  } catch {
    // Not UTF-8 behind the percent signs: then there is no other spelling.
    return fragment
  }
}

function isEmpty(element: HtmlElement): boolean {
  return textOf(element).trim() === '' && [...elements(element)].length === 0
}

function nextElement(element: HtmlElement): HtmlElement | undefined {
  const siblings = element.parentNode?.childNodes ?? []
  for (const node of siblings.slice(siblings.indexOf(element) + 1)) {
    if ('attrs' in node) return node
  }
  return undefined
}

/** The element around `start` that holds a link, if it is not around others that are named alike. */
function holderOf(
  start: HtmlElement,
  named: HtmlElement,
  held: ReadonlySet<HtmlElement>,
): HtmlElement {
  const kind = kindOf(named)
  let steps = 0
  for (const element of selfAndAncestors(start)) {
    if (steps++ > MAX_CLIMB || isElement(element, ...PAGE_ELEMENTS)) break
    for (const other of elements(element)) {
      if (other !== named && kind !== undefined && kindOf(other) === kind) return start
    }
    if (held.has(element)) return element
  }
  return start
}

/** `comment-12` and `comment-13` are of one kind. */
function kindOf(element: HtmlElement): string | undefined {
  const name =
    attribute(element, 'id') ?? (isElement(element, 'a') ? attribute(element, 'name') : undefined)
  return name?.replace(/\d+/g, '0')
}

/** The most around the link that leaves out who wrote it and when. */
function wordsAround(link: HtmlElement, part: HtmlElement): PartWords {
  let content = link
  let steps = 0
  for (const element of selfAndAncestors(link)) {
    const signs = steps === 0 ? [] : [...elementsBeside(content, element)]
    const author = signs.find((one) => isAuthor(one) || (isBlock(content) && isUserLink(one)))
    const time = signs.find((one) => attribute(one, 'datetime') !== undefined)
    if (author || time) return { content, ...(author && { author }), ...(time && { time }) }
    content = element
    if (element === part || steps++ > MAX_WRAPPERS) break
  }
  return { content }
}

function* elementsBeside(content: HtmlElement, container: HtmlElement): Generator<HtmlElement> {
  for (const child of container.childNodes) {
    if (child === content || !('attrs' in child)) continue
    yield child
    yield* elements(child)
  }
}

function isAuthor(element: HtmlElement): boolean {
  const [classes, itemprop, rel] = ['class', 'itemprop', 'rel'].map((name) =>
    attribute(element, name),
  )
  return (
    ['h-card', 'p-author', 'vcard'].some((name) => hasToken(classes, name)) ||
    (isElement(element, 'a') && hasToken(classes, 'author')) ||
    hasToken(itemprop, 'author') ||
    hasToken(rel, 'author')
  )
}

/** Whether a link is to who wrote what is beside it, as forums name and address their users. */
function isUserLink(element: HtmlElement): boolean {
  if (!isElement(element, 'a')) return false
  const classes = tokensOf(element, 'class')
  // Whom a comment speaks to is linked within its words.
  const isSpokenTo = isWithinParagraph(element) || classes.some((name) => /mention/i.test(name))
  if (isSpokenTo) return false
  if (classes.some((name) => USER_CLASS.test(name))) return true
  return USER_PATH.test(attribute(element, 'href') ?? '') && !textOf(element).startsWith('@')
}

function isWithinParagraph(element: HtmlElement): boolean {
  for (const one of selfAndAncestors(element)) if (isElement(one, 'p')) return true
  return false
}
