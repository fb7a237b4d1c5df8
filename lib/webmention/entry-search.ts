import { MAX_ELEMENTS, parseHtml } from '../web/html.ts'
import { normalForm, normalFormOf } from './equivalence.ts'
import { linksBelow } from './link-search.ts'
import { isItem, linksToTarget, urlsOfValue, valuesOf } from './microformats.ts'
import type { Item, ItemValue, Microformats } from './microformats.ts'

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
/** A page of posts has some dozen of them, seldom in feeds within feeds. */
const MAX_CANDIDATES = 100
const MAX_FEED_DEPTH = 3

/** An entry of a page, with the feed that it stands in. */
export interface FoundEntry {
  readonly entry: Item
  readonly feed?: Item
}

/** What an entry is looked for by. */
interface EntrySearch {
  /** Where the page really came from. */
  readonly url: URL
  readonly source: URL
  readonly target: URL
}

/** Of the entries that mention the target, the one that the page is about: with its URL, or the first. */
export function findEntry(
  { items }: Microformats,
  { target, url, source }: EntrySearch,
): FoundEntry | undefined {
  const own = [normalForm(url), normalForm(source)]
  const isOwn = ({ entry }: FoundEntry) =>
    valuesOf(entry, 'url')
      .flatMap(urlsOfValue)
      .some((link) => own.includes(normalFormOf(link) ?? ''))
  const candidates = candidatesIn(items).slice(0, MAX_CANDIDATES)
  const sorted = [...candidates.filter(isOwn), ...candidates.filter((one) => !isOwn(one))]
  return sorted.find(({ entry }) => mentions(entry, normalForm(target), url))
}

function candidatesIn(items: readonly Item[], feed?: Item, depth = 0): FoundEntry[] {
  return items.flatMap((item) => {
    const types = item.type ?? []
    if (types.some((type) => ENTRY_TYPES.includes(type)))
      return [{ entry: item, ...(feed && { feed }) }]
    if (!types.includes('h-feed') || depth >= MAX_FEED_DEPTH) return []
    return candidatesIn(item.children ?? [], item, depth + 1)
  })
}

/** Whether the target is anywhere in the entry: a URL of its own, or linked to in its content. */
function mentions(item: Item, target: string, url: URL): boolean {
  const inValue = (value: ItemValue): boolean => {
    if (typeof value === 'string') return normalFormOf(value) === target
    if (isItem(value) && mentions(value, target, url)) return true
    if (urlsOfValue(value).some((own) => normalFormOf(own) === target)) return true
    return 'html' in value && linksInHtml(value.html, target, url)
  }
  const children = item.children ?? []
  return (
    linksToTarget(item) ||
    Object.values(item.properties).flat().some(inValue) ||
    children.some((child) => mentions(child, target, url))
  )
}

function linksInHtml(html: unknown, target: string, url: URL): boolean {
  if (typeof html !== 'string') return false
  const document = parseHtml(html, { scripting: false, maxElements: MAX_ELEMENTS })
  return linksBelow(document, url, (link) => link === target)
}
