import { NO_MENTIONS, type ShownMentions } from '../webmention/shown-mentions.ts'
import {
  baseUrl,
  elements,
  isWithin,
  parseHtml,
  removeElement,
  type HtmlDocument,
  type HtmlElement,
} from '../web/html.ts'
import { propertyOf, searchEntry, type EntrySearch } from '../web/h-entry.ts'
import { lengthOf, removeResponseLines, showsElsewhere } from './response-lines.ts'
import { holdsOwn, responsesIn } from './responses.ts'
import { shownIn } from './shown-words.ts'

/** What stands around responses and nothing else: "3 replies". Without white space. */
const HEADING = 60
/** So many elements hold a list of responses: a section, a list, an item. */
const LEVELS = 6

/** A page with the words of its author alone. */
export interface ParsedPage {
  readonly document: HtmlDocument
  readonly search: EntrySearch
}

/**
 * Parses a page, and takes out of the post that it shows what others have said about it. Everything that asks
 * what a post says, or whom it concerns, begins here.
 *
 * @param shown What layouts were given to print.
 */
export function parsePage(html: string, page: URL, shown = NO_MENTIONS): ParsedPage {
  const document = parseHtml(html, { scripting: false })
  const search = searchEntry(document, page)
  if (search.entry) removeResponses(search.entry, baseUrl(document, page), { page, shown })
  return { document, search }
}

const HEADINGS = /^h[1-6]$/

interface Post {
  readonly entry: HtmlElement
  readonly content: HtmlElement | undefined
  readonly base: URL
}

function removeResponses(
  entry: HtmlElement,
  base: URL,
  { page, shown }: { readonly page: URL; readonly shown: ShownMentions },
): void {
  const post = { entry, content: propertyOf(entry, 'e-content'), base }
  removeAll(responsesIn(entry, page, base), post)
  removeAll(shownIn({ ...post, mentions: shown.of(page) }), post)
  if (post.content) removeResponseLines({ ...post, content: post.content })
}

/** Takes them out, with the headings above them, and with what there was only to hold them. */
function removeAll(responses: readonly HtmlElement[], post: Post): void {
  const holders = new Set<HtmlElement>()
  for (const response of responses) holders.add(removeWithHeading(response, post.entry))
  for (let holder of holders) {
    for (let level = 0; level < LEVELS && isLeftover(holder, post); level++) {
      holder = removeWithHeading(holder, post.entry)
    }
  }
}

/** @returns What held it. */
function removeWithHeading(part: HtmlElement, entry: HtmlElement): HtmlElement {
  const { parentNode } = part
  const heading = headingAbove(part)
  removeElement(part)
  if (heading && !holdsOwn(heading, entry)) removeElement(heading)
  return parentNode && 'tagName' in parentNode ? parentNode : entry
}

/** A heading that stands directly before it. */
function headingAbove(part: HtmlElement): HtmlElement | undefined {
  const siblings = part.parentNode?.childNodes ?? []
  const before = siblings.slice(0, siblings.indexOf(part)).toReversed()
  const last = before.find((node) => 'tagName' in node || ('value' in node && node.value.trim()))
  const isHeading = last && 'tagName' in last && HEADINGS.test(last.tagName)
  return isHeading ? last : undefined
}

/**
 * Whether nothing of the post's is left in it: no property, no picture, no link to elsewhere, and hardly a word, or
 * only headings where these could be the words of the post.
 */
function isLeftover(part: HtmlElement, { entry, content, base }: Post): boolean {
  if (part === entry || !part.parentNode) return false
  const isBeside = content !== undefined && !isWithin(part, content)
  if ((isBeside && isWithin(content, part)) || holdsOwn(part, entry)) return false
  if (isBeside ? lengthOf(part) > HEADING : lengthOf(part) > headingsIn(part)) return false
  return !showsElsewhere(part, base)
}

function headingsIn(part: HtmlElement): number {
  const headings = [part, ...elements(part)].filter(({ tagName }) => HEADINGS.test(tagName))
  return headings.reduce((sum, heading) => sum + lengthOf(heading), 0)
}
