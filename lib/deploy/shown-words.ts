import type { ShownMention } from '../webmention/shown-mentions.ts'
import {
  attribute,
  elements,
  isElement,
  isWithin,
  parseHtml,
  selfAndAncestors,
  textOf,
  type HtmlElement,
} from '../web/html.ts'
import { parseUrl } from '../web/parse-url.ts'
import { describesResponse, holdsOwn } from './responses.ts'

/** What a layout says beside each mention, without white space: a date, "likes this". */
const BESIDE = 60
/** A shorter text stands somewhere by accident. */
const TELLING = 15

export interface ShownPlace {
  readonly entry: HtmlElement
  readonly content: HtmlElement | undefined
  readonly base: URL
  /** Mentions of this page. */
  readonly mentions: readonly ShownMention[]
}

/**
 * Where a layout without any microformats has printed the mentions of the page: links to them, or their texts, with
 * nothing of the post's beside them. In the content of the post, and where none is marked, only what has the text
 * of a mention and its link.
 */
export function shownIn({ entry, content, base, mentions }: ShownPlace): HtmlElement[] {
  if (mentions.length === 0) return []
  const known = knowledgeOf(mentions)
  const inContent = new Set(content ? [content, ...elements(content)] : elements(entry))
  const all = [...elements(entry)]
  const afterContent = new Set(content ? all.slice(all.indexOf(content) + 1) : [])
  const isShown = new Map<HtmlElement, boolean>()
  const found: HtmlElement[] = []
  const done = new Set<HtmlElement>()
  for (const seed of all) {
    if (done.has(seed) || !isSeed(seed)) continue
    const shown = inContent.has(seed) ? quoteAround(seed) : blockAround(seed)
    if (!shown) continue
    found.push(shown)
    for (const part of [shown, ...elements(shown)]) done.add(part)
  }
  return found

  function isSeed(element: HtmlElement): boolean {
    const url = linkOf(element, base)
    if (url !== undefined) {
      // Above the content it is the author who names somebody: whose guest, or by way of whom.
      return known.urls.has(url) || (known.authors.has(url) && afterContent.has(element))
    }
    if (inContent.has(element)) return false
    if (isElement(element, 'img')) return isFace(element)
    const cited = parseUrl(attribute(element, 'cite') ?? '', base)?.href
    if (cited !== undefined && known.urls.has(cited)) return true
    const own = plain(
      element.childNodes.map((node) => ('value' in node ? node.value : '')).join(''),
    )
    return (
      own.length >= TELLING && known.texts.some((text) => text.includes(own) || own.includes(text))
    )
  }

  function isTheirs(part: HtmlElement, property: string): boolean {
    if (!describesResponse(property)) return false
    const url = linkOf(part, base)
    if (url !== undefined) return known.links.has(url) && new URL(url).origin !== base.origin
    return isElement(part, 'img') ? isFace(part) : known.words.includes(plain(textOf(part)))
  }

  /** The picture of somebody who has answered; an address of a copy is not known, but whose it is. */
  function isFace(image: HtmlElement): boolean {
    const photo = parseUrl(attribute(image, 'src') ?? '', base)?.href
    if (photo !== undefined && known.photos.has(photo)) return true
    const names = ['alt', 'title'].map((name) => plain(attribute(image, name) ?? ''))
    return names.some((name) => name !== '' && known.names.includes(name))
  }

  /** The largest part around the seed in which there is nothing but mentions. */
  function blockAround(seed: HtmlElement): HtmlElement | undefined {
    let block: HtmlElement | undefined
    for (const part of selfAndAncestors(seed)) {
      if (part === entry || !isAllShown(part)) break
      block = part
    }
    return block
  }

  function isAllShown(part: HtmlElement): boolean {
    const known = isShown.get(part) ?? looksShown(part)
    isShown.set(part, known)
    return known
  }

  function looksShown(part: HtmlElement): boolean {
    if ((content && isWithin(content, part)) || holdsOwn(part, entry, isTheirs)) {
      return false
    }
    const links = [part, ...elements(part)].flatMap((element) => linkOf(element, base) ?? [])
    const isForeign = (url: string) => known.links.has(url) || new URL(url).origin === base.origin
    if (!links.every(isForeign)) return false
    const many = Math.max(1, links.filter((url) => known.links.has(url)).length)
    return withoutKnown(plain(textOf(part)), known.words).length <= BESIDE * many
  }

  /**
   * The smallest part around a link to a mention that says what it says, by name, and not a word more: an author who
   * quotes a mention says something about it.
   */
  function quoteAround(seed: HtmlElement): HtmlElement | undefined {
    const url = linkOf(seed, base)
    const mention = mentions.find(({ urls }) => url !== undefined && urls.includes(url))
    const name = mention && plain(mention.author.name)
    if (!mention || !name) return undefined
    const [text = ''] = textsOf(mention)
    for (const part of selfAndAncestors(seed)) {
      if (part === entry || part === content || isElement(part, 'blockquote', 'q')) return undefined
      const said = plain(textWithoutTimes(part))
      if (said.includes(name) && said.includes(text) && !isElement(part, ...PHRASES)) {
        const rest = withoutKnown(said, [text, name])
        return /\p{L}/u.test(rest) || holdsOwn(part, entry) ? undefined : part
      }
    }
    return undefined
  }
}

/** Parts of a sentence. */
const PHRASES = [
  'a',
  'abbr',
  'b',
  'cite',
  'code',
  'em',
  'i',
  'mark',
  'small',
  'span',
  'strong',
  'u',
]

function textWithoutTimes(part: HtmlElement): string {
  const times = [...elements(part)].filter((element) => isElement(element, 'time')).map(textOf)
  return times.reduce((text, time) => text.replace(time, ''), textOf(part))
}

function knowledgeOf(mentions: readonly ShownMention[]) {
  const urls = mentions.flatMap((mention) => mention.urls)
  const authors = mentions.flatMap(({ author }) => (author.url === '' ? [] : [author.url]))
  const said = mentions.flatMap((mention) => [...textsOf(mention), plain(mention.name ?? '')])
  const texts = said.filter((text) => text.length >= TELLING)
  const names = mentions.flatMap(({ author }) => plain(author.name) || [])
  const photos = mentions.flatMap(({ author }) => author.photo ?? [])
  // The longest first: a name may stand in a text.
  const words = [...new Set([...said, ...names])]
    .filter(Boolean)
    .toSorted((one, other) => other.length - one.length)
  return {
    urls: new Set(urls),
    authors: new Set(authors),
    links: new Set([...urls, ...authors, ...mentions.flatMap(({ html }) => linksIn(html))]),
    photos: new Set(photos),
    names,
    texts,
    words,
  }
}

function textsOf({ text, html }: ShownMention): string[] {
  const shown = html === '' ? '' : plain(textOf(parseHtml(html)))
  return [plain(text), shown].filter((one) => one !== '')
}

function linksIn(html: string): string[] {
  if (html === '') return []
  return [...elements(parseHtml(html))].flatMap((element) => linkOf(element) ?? [])
}

function linkOf(element: HtmlElement, base?: URL): string | undefined {
  const href = isElement(element, 'a') ? attribute(element, 'href') : undefined
  const url = href === undefined ? undefined : parseUrl(href, base)
  return url && /^https?:$/.test(url.protocol) ? url.href : undefined
}

/** What is left when everything known is taken away; of a text that is cut short, as much as there is. */
function withoutKnown(text: string, words: readonly string[]): string {
  let left = text
  for (const word of words) {
    if (left.length === 0) break
    if (left.includes(word)) left = left.replaceAll(word, '')
    else left = withoutBeginning(left, word)
  }
  return left
}

/** Layouts cut long texts: where the beginning of one stands, it goes as far as it goes on alike. */
function withoutBeginning(text: string, word: string): string {
  const at = word.length <= TELLING ? -1 : text.indexOf(word.slice(0, TELLING))
  if (at === -1) return text
  let length = TELLING
  while (text[at + length] === word[length] && length < word.length) length++
  return text.slice(0, at) + text.slice(at + length)
}

function plain(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, '')
}
