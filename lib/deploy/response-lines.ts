import {
  attribute,
  elements,
  isElement,
  isWithin,
  removeElement,
  textOf,
  type HtmlElement,
} from '../web/html.ts'
import { parseUrl } from '../web/parse-url.ts'
import { holdsOwn } from './responses.ts'

/** A longer one says more than how many there are. Without white space. */
const LONGEST = 60

/** What responses are called, in the languages that layouts are written in most. */
const WORD = [
  'web-?mentions?|mentions?|comments?|repl(?:y|ies)|answers?|responses?|reactions?|likes?|reposts?|boosts?|favou?rites?',
  'kommentare?|antwort(?:en)?|reaktion(?:en)?|erwähnung(?:en)?|rückmeldung(?:en)?',
  'commentaires?|réponses?|réactions?|comentarios?|respuestas?|reacci(?:ón|ones)|menci(?:ón|ones)|me gusta',
  'comment[oi]|rispost[ae]|reazion[ei]|comentários?|respostas?|reações|reacties?|antwoord(?:en)?',
  'kommentarer|svar|komentarz[ey]?|odpowiedzi|комментари[йяев]+|ответ(?:ы|ов)?|コメント|返信|评论|回复|댓글',
].join('|')
const RESPONSE = new RegExp(String.raw`(?<![\p{L}\p{N}])(?:${WORD})(?!\p{L})`, 'giu')
const SYMBOL = /[❤♥♡💬🗨🔁♻⭐★👍]/u
/** "No comments", "1 like and 2 replies": what is left of such a line besides its numbers and names. */
const COUNTING =
  /(?<!\p{L})(?:no|and|by|yet|so|far|keine?|und|noch|aucune?|et|pas|de|sin|y|todavía|nessuna?|geen|en|e|nog)(?!\p{L})/giu
/** Names for their number in a class, an id or the fragment of a link: "like-count", "#comments". */
const NAMED =
  /(?:^|[-_#])(?:web-?mentions?|comments?|repl(?:y|ies)|respon(?:d|ses?)|reactions?|likes?|reposts?|boosts?|favs?|favou?rites?)(?:[-_]|$)/i
/** What stands above a list in a layout. */
const HEADS = ['h2', 'h3', 'h4', 'h5', 'h6', 'summary', 'caption', 'legend', 'th']
const MEDIA = ['img', 'picture', 'video', 'audio', 'iframe', 'object', 'embed']

export interface Surroundings {
  readonly entry: HtmlElement
  readonly content: HtmlElement
  readonly base: URL
}

/**
 * Removes from around the content what a layout says of responses without showing any: "No comments yet", how many
 * there are, and what is above a list of them. Otherwise the first comment, or one like more, would be a change of the
 * post. Whatever is a property of the post or links to elsewhere stays.
 */
export function removeResponseLines(place: Surroundings): void {
  const { entry, content } = place
  const own = new Set([content, ...elements(content)])
  let isAfter = false
  for (const element of [...elements(entry)]) {
    if (element === content) isAfter = true
    // What has been removed with something around it is no longer in the entry.
    if (own.has(element) || !isWithin(element, entry) || isWithin(content, element)) continue
    if (!isPlain(element, place) || !isLine(element, isAfter)) continue
    if (isAfter && isElement(element, ...HEADS) && says(element)) removeTextBelow(element, place)
    removeWithEmpty(element, place)
  }
  trimContent(content)
}

/** Where a layout puts responses into the content: a title for them at its end, with none below, and a line that says so. */
function trimContent(content: HtmlElement): void {
  const told = () => [...elements(content)].filter((element) => hasOwnText(element))
  const [title, line] = told().slice(-2)
  if (title && line && isTitle(title) && isElement(line, 'p') && isCount(textOf(line))) {
    removeElement(line)
  }
  const last = told().at(-1)
  if (last && isTitle(last)) removeElement(last)
}

function isTitle(element: HtmlElement): boolean {
  return isElement(element, ...HEADS) && says(element)
}

function hasOwnText({ childNodes }: HtmlElement): boolean {
  return childNodes.some((node) => 'value' in node && node.value.trim() !== '')
}

function isLine(element: HtmlElement, isAfter: boolean): boolean {
  const text = textOf(element)
  if (isCount(text) || (isNamed(element) && !/\p{L}/u.test(text))) return true
  if (!isAfter) return false
  return isElement(element, ...HEADS) || says(element)
}

/** "3 likes, 2 replies", "💬 2", "No comments yet": only how many there are. */
function isCount(text: string): boolean {
  const left = text.replace(RESPONSE, '').replace(COUNTING, '')
  const isResponse = text.search(RESPONSE) !== -1 || (SYMBOL.test(text) && /\p{N}/u.test(text))
  return isResponse && !/\p{L}/u.test(left)
}

/** Whether the words of the element itself, and not only of what is in it, are about responses. */
function says({ childNodes }: HtmlElement): boolean {
  return childNodes.some((node) => 'value' in node && node.value.search(RESPONSE) !== -1)
}

function isNamed(element: HtmlElement): boolean {
  const href = isElement(element, 'a') ? attribute(element, 'href') : undefined
  const fragment = href?.includes('#') ? href.slice(href.indexOf('#')) : ''
  const names = [
    ...(attribute(element, 'class') ?? '').split(/\s+/),
    attribute(element, 'id') ?? '',
  ]
  return [...names, fragment].some((name) => NAMED.test(name))
}

/** Short, and with nothing in it that a reader would be told of. */
function isPlain(element: HtmlElement, { entry, base }: Surroundings): boolean {
  if (lengthOf(element) > LONGEST || holdsOwn(element, entry)) return false
  return !showsElsewhere(element, base)
}

/** How long its text is, without white space. */
export function lengthOf(element: HtmlElement): number {
  return textOf(element).replace(/\s+/g, '').length
}

/** Whether there is a picture or the like in it, or a link to another site. */
export function showsElsewhere(element: HtmlElement, base: URL): boolean {
  return [element, ...elements(element)].some((part) => {
    if (isElement(part, ...MEDIA)) return true
    const href = isElement(part, 'a') ? attribute(part, 'href') : undefined
    const url = href === undefined ? undefined : parseUrl(href, base)
    return url !== undefined && url.origin !== base.origin
  })
}

/** "Nobody has said anything so far." */
function removeTextBelow(heading: HtmlElement, place: Surroundings): void {
  const siblings = heading.parentNode?.childNodes ?? []
  const next = siblings.slice(siblings.indexOf(heading) + 1).find((node) => 'tagName' in node)
  if (next && isElement(next, 'p') && isPlain(next, place)) removeElement(next)
}

/** Also what there was only to hold it. */
function removeWithEmpty(element: HtmlElement, { entry }: Surroundings): void {
  let part: HtmlElement = element
  for (;;) {
    const { parentNode } = part
    removeElement(part)
    if (!parentNode || !('tagName' in parentNode) || parentNode === entry) return
    const isHeld = holdsOwn(parentNode, entry) || textOf(parentNode).trim() !== ''
    if (isHeld || [...elements(parentNode)].some((inner) => isElement(inner, 'a', ...MEDIA))) return
    part = parentNode
  }
}
