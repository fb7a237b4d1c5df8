import {
  attribute,
  elements,
  innerHtml,
  isElement,
  isWithin,
  selfAndAncestors,
  setAttribute,
  textOf,
  type HtmlElement,
} from '../web/html.ts'
import { fragmentOf, pageIdentity } from '../web/page-identity.ts'
import { parseUrl } from '../web/parse-url.ts'
import { normalForm, normalFormOf, sourceForm } from './equivalence.ts'
import { isItem, urlsOfValue, valuesOf } from './microformats.ts'
import type { Item, ItemValue, Microformats } from './microformats.ts'
import { tokensOf } from './parser-work.ts'
import type { PartWords, SourcePart } from './source-part.ts'

/** What may be a post; anything else on a page is part of one, or decoration. */
const ENTRY_TYPES = [
  'h-entry',
  'h-event',
  'h-review',
  'h-recipe',
  'h-product',
  'h-listing',
  'h-cite',
]
/** The properties by which a page shows posts of others; by any other, a post names one that it is about. */
const SHOWN_POSTS = ['comment', 'entry', 'reply']
const PROPERTY = /^(?:p|u|dt|e)-/
const V1_PROPERTY = /^(entry-(content|summary|title)|author|item|description|summary)$/
const CONTENT = ['e-content', 'p-content', 'entry-content']

/** An entry of a page, with the feed that it stands in. */
export interface FoundEntry {
  readonly entry: Item
  readonly feed?: Item
  /** Whether it is the part that the fragment of the source names. */
  readonly isPart?: true
}

/** What an entry is looked for by. */
interface EntrySearch {
  /** Where the page really came from. */
  readonly url: URL
  readonly source: URL
  readonly target: URL
  /** The elements that link to the target. */
  readonly links: readonly HtmlElement[]
  readonly part?: SourcePart
  /** What relative URLs are resolved against. */
  readonly base: URL
}

/**
 * Finds the entry that mentions the target.
 *
 * 1. The part that the fragment names: the entry that it is, holds, or is in; or else its words alone.
 * 2. Without a fragment, or where that part does not mention the target: the entry with the URL of the page.
 * 3. The entry that holds the link in its own words. A comment on the page is an entry of its own.
 */
export function findEntry(microformats: Microformats, search: EntrySearch): FoundEntry | undefined {
  const posts = createPosts(microformats, search)
  return partEntry(posts, search) ?? pageEntry(posts, search)
}

function partEntry(posts: Posts, search: EntrySearch): FoundEntry | undefined {
  const { part } = search
  const named = posts.mentioning.find(({ item }) => hasUrl(item, (url) => isPartUrl(url, search)))
  if (!part) return named && { ...posts.describe(named), isPart: true }
  const { element, words } = part
  const inside = preferred(
    posts.mentioning.filter(({ root }) => isWithin(root, element)),
    search,
  )
  if (inside) return { ...posts.describe(inside), isPart: true }
  const holder = posts.holderOf(element)
  if (holder && posts.mentioning.includes(holder) && !(words && isBesideWords(holder, words))) {
    return { ...posts.describe(holder), isPart: true }
  }
  return words && { entry: entryOfWords(words, search), isPart: true }
}

function pageEntry(posts: Posts, search: EntrySearch): FoundEntry | undefined {
  const post = preferred(posts.mentioning, search)
  return post && posts.describe(post)
}

/** Of several, the one with the URL of the page, or the first. A comment's URL has a fragment. */
function preferred(posts: readonly Post[], { url, source }: EntrySearch): Post | undefined {
  const own = [pageIdentity(url), pageIdentity(source)]
  const isOwn = ({ item }: Post) =>
    hasUrl(item, (link) => fragmentOf(link) === '' && own.includes(pageIdentity(link)))
  return posts.find(isOwn) ?? posts[0]
}

function isPartUrl(link: URL, { url, source }: EntrySearch): boolean {
  if (fragmentOf(source) === '') return false
  const moved = new URL(url)
  moved.hash = source.hash
  return [source, moved].some((part) => sourceForm(part) === sourceForm(link))
}

interface Post {
  readonly root: HtmlElement
  readonly item: Item
}

interface Posts {
  /** Those that link to the target in their own words, in the order of the page. */
  readonly mentioning: readonly Post[]
  /** The post that an element is in, or is. */
  holderOf(element: HtmlElement): Post | undefined
  describe(post: Post): Pick<FoundEntry, 'entry' | 'feed'>
}

function createPosts({ roots }: Microformats, { url, target, links }: EntrySearch): Posts {
  const page = normalForm(target)
  const rootsByContent = new Set(roots.size > 0 ? links.map(rootByContent) : [])
  const posts = new Map<HtmlElement, Post>()
  // Outer ones come first.
  for (const [root, item] of roots) if (isPost(root, item)) posts.set(root, { root, item })
  const items = new Set([...posts.values()].map(({ item }) => item))
  const holders = new Set(posts.size > 0 ? links.map(holderOf) : [])
  const mentioning = [...posts.values()].filter(
    (post) => holders.has(post) || mentionsByValue(post.item),
  )
  return { mentioning, holderOf, describe }

  function isPost(root: HtmlElement, item: Item): boolean {
    if (!isEntry(item)) return false
    const outer = enclosingRoot(root)
    const isShown = outer === undefined || isShownPost(root, outer, roots.get(outer))
    const isNested = outer !== undefined && isEntry(roots.get(outer))
    // A citation of the target says nothing about it. Without a URL, that of the first link is implied.
    const mayBeCitation = (isNested || item.type?.includes('h-cite')) && !rootsByContent.has(root)
    return isShown && !(mayBeCitation && hasUrl(item, (link) => normalForm(link) === page))
  }

  /** The root of the item whose content an element is in. */
  function rootByContent(element: HtmlElement): HtmlElement | undefined {
    const root = roots.has(element) ? element : enclosingRoot(element)
    return root && isInContent(element, root) ? root : undefined
  }

  function enclosingRoot(root: HtmlElement): HtmlElement | undefined {
    for (const element of selfAndAncestors(root)) {
      if (element !== root && roots.has(element)) return element
    }
    return undefined
  }

  function holderOf(element: HtmlElement): Post | undefined {
    for (const one of selfAndAncestors(element)) {
      const post = posts.get(one)
      if (post) return post
    }
    return undefined
  }

  /** Whether a value of the post is the target, such as `<data class="u-in-reply-to">`, which is no link. */
  function mentionsByValue(item: Item): boolean {
    const isTarget = (value: ItemValue): boolean => {
      if (typeof value === 'string') return normalFormOf(value) === page
      if (isItem(value) && items.has(value)) return false
      return urlsOfValue(value).some((own) => normalFormOf(own) === page)
    }
    return Object.entries(item.properties).some(
      ([name, values]) => !SHOWN_POSTS.includes(name) && values.some(isTarget),
    )
  }

  function describe({ root, item }: Post): Pick<FoundEntry, 'entry' | 'feed'> {
    let feed: Item | undefined
    let isNested = false
    for (const element of selfAndAncestors(root)) {
      const outer = element === root ? undefined : roots.get(element)
      if (isEntry(outer)) isNested = true
      if (outer?.type?.includes('h-feed')) feed ??= outer
    }
    if (!isNested) return { entry: item, ...(feed && { feed }) }
    // Who wrote the page did not write what others say on it.
    return { entry: valuesOf(item, 'author').length > 0 ? item : withAuthor(item, url.host) }
  }
}

function isEntry(item: Item | undefined): boolean {
  return item?.type?.some((type) => ENTRY_TYPES.includes(type)) ?? false
}

/** Whether a post within an item is shown there, rather than quoted in its text or named as what it is about. */
function isShownPost(root: HtmlElement, outer: HtmlElement, item: Item | undefined): boolean {
  const classes = tokensOf(root, 'class')
  const properties = classes.filter((name) => PROPERTY.test(name))
  if (properties.length > 0) {
    return properties.every((name) => SHOWN_POSTS.includes(name.replace(PROPERTY, '')))
  }
  if (!isEntry(item)) return true
  return !classes.includes('item') && !isInContent(root, outer)
}

function isInContent(element: HtmlElement, outer: HtmlElement): boolean {
  for (const one of selfAndAncestors(element)) {
    if (one === outer) return false
    if (one !== element && tokensOf(one, 'class').some((name) => CONTENT.includes(name)))
      return true
  }
  return false
}

/** Whether words within a post belong to none of its properties: a comment without microformats, for example. */
function isBesideWords({ root, item }: Post, { content, author }: PartWords): boolean {
  for (const element of selfAndAncestors(content)) {
    if (element === root) break
    const classes = tokensOf(element, 'class')
    if (classes.some((name) => PROPERTY.test(name) || V1_PROPERTY.test(name))) return false
  }
  return author !== undefined || valuesOf(item, 'content').length > 0
}

function entryOfWords({ content, author, time }: PartWords, { url, base }: EntrySearch): Item {
  for (const element of elements(content)) {
    for (const name of ['href', 'src']) {
      const reference = attribute(element, name)
      const absolute = reference === undefined ? undefined : parseUrl(reference, base)
      if (absolute) setAttribute(element, name, absolute.href)
    }
  }
  const entry: Item = {
    type: ['h-entry'],
    properties: { content: [{ html: innerHtml(content), value: textOf(content).trim() }] },
  }
  const published = time && attribute(time, 'datetime')
  if (published) entry.properties['published'] = [published]
  return withAuthor(entry, author ? cardOf(author, base) : url.host)
}

/** The card of an author who may not have marked it up: the words, and where the first link goes. */
function cardOf(element: HtmlElement, base: URL): Item {
  const all = [element, ...elements(element)]
  const name = all.find((one) => tokensOf(one, 'class').some((word) => /^(p-name|fn)$/.test(word)))
  const link = all.find((one) => isElement(one, 'a') && attribute(one, 'href'))
  const url = parseUrl((link && attribute(link, 'href')) ?? '', base)
  return {
    type: ['h-card'],
    properties: { name: [textOf(name ?? element).trim()], ...(link && url && { url: [url.href] }) },
  }
}

/** The same item: more is known of it, such as the markup of its words. */
function withAuthor(item: Item, author: ItemValue): Item {
  item.properties['author'] = [author]
  return item
}

function hasUrl(item: Item, fits: (url: URL) => boolean): boolean {
  return valuesOf(item, 'url')
    .flatMap(urlsOfValue)
    .some((text) => {
      const url = parseUrl(text)
      return url !== undefined && fits(url)
    })
}
