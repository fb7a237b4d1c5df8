import * as v from 'valibot'
import type { Message, MessageAuthor } from '../delivery/message.ts'
import { readKept } from '../store/kept.ts'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { storeKey, updateEntry } from '../store/store.ts'
import { discardBody, readText } from '../web/body.ts'
import { withDeadline } from '../web/deadline.ts'
import { FetchError } from '../web/errors.ts'
import { isHtml } from '../web/media-type.ts'
import { parsePage, type PageReading } from '../web/page-parser.ts'
import { normalForm } from './equivalence.ts'
import { limitsOf, type WebmentionReceiverOptions } from './receiver.ts'

const MAX_PAGE_BYTES = 1024 * 1024
const HOUR = 60 * 60 * 1000
/** How long is remembered who somebody is, and that their page says nothing. */
const KNOWN_MS = 24 * HOUR
const UNKNOWN_MS = HOUR
/** Author pages of one site, whatever its hosts are called: any page may name any address as its author's. */
const PER_SITE: Rate = { name: 'author-page', limit: 20, seconds: 600 }
/** Many addresses may redirect to one site. */
const IN_ALL: Rate = { name: 'author-pages', limit: 100, seconds: 600 }

/** Who wrote an entry, as far as its page says; the author's own page may say more. */
export interface EntryAuthor extends MessageAuthor {
  readonly page?: { readonly url: string; readonly isSameSite: boolean }
}

/** A page as it was fetched. */
export interface AuthorPage {
  readonly html: string
  /** Where it came from, after redirects. */
  readonly url: string
  /** As the entry names it. */
  readonly page: string
}

const AuthorCard = v.object({ name: v.string(), photo: v.exactOptional(v.string()) })
export type AuthorCard = Readonly<v.InferOutput<typeof AuthorCard>>
const Known = v.object({ card: v.nullable(AuthorCard) })

export const AUTHOR_PAGE: PageReading<AuthorPage, AuthorCard | undefined, 'author'> = {
  name: 'author',
}

type AuthorPageOptions = Pick<
  WebmentionReceiverOptions,
  'fetch' | 'store' | 'now' | 'isDenied' | 'limits' | 'parse'
>

/**
 * The author of an entry, by the page that the entry names where it says no more itself. A page that cannot be had
 * changes nothing.
 *
 * It is fetched without any token, and remembered. Where the entry is not public, only a page of the same site is
 * fetched, without redirects: no other site learns that there is something to read.
 *
 * @see [authorship, step 7](https://indieweb.org/authorship-spec#Algorithm)
 */
export async function completeAuthor(
  { page, ...known }: EntryAuthor,
  { privacy, before }: Pick<Message, 'privacy'> & { readonly before: Message | undefined },
  options: AuthorPageOptions,
): Promise<MessageAuthor> {
  const isPublic = privacy === 'public'
  if (!page || !(isPublic || page.isSameSite)) return known
  const url = new URL(page.url)
  const card = await findCard(url, isPublic ? 'follow' : 'error', options)
  if (card) return { ...card, url: page.url }
  // What the page said at an earlier time is no reason to ask the owner again.
  return before?.author.url === page.url ? before.author : known
}

async function findCard(
  page: URL,
  redirect: 'follow' | 'error',
  { store, now, ...options }: AuthorPageOptions,
): Promise<AuthorCard | undefined> {
  const key = storeKey('author-page', normalForm(page), redirect)
  const kept = await readKept(store, key, Known)
  if (kept) return kept.value.card ?? undefined
  if (await options.isDenied(page)) return undefined
  const count = createRateLimit(store, now)
  const { siteOf } = await import('../web/same-site.ts')
  if ((await count(PER_SITE, siteOf(page))) !== undefined) return undefined
  if ((await count(IN_ALL, '')) !== undefined) return undefined
  const card = await withDeadline(
    fetchCard(page, redirect, options),
    limitsOf(options).redeeming,
  ).catch((error: unknown) => {
    if (error instanceof FetchError) return undefined
    throw error
  })
  const expires = new Date(now().getTime() + (card ? KNOWN_MS : UNKNOWN_MS))
  await updateEntry(store, key, () => ({ value: { card: card ?? null }, expires }))
  return card
}

/** @throws {FetchError} */
async function fetchCard(
  page: URL,
  redirect: 'follow' | 'error',
  { fetch, isDenied, parse = parsePage }: Omit<AuthorPageOptions, 'store' | 'now'>,
): Promise<AuthorCard | undefined> {
  const response = await fetch(page, { headers: { accept: 'text/html' }, redirect })
  const url = new URL(response.url || page.href)
  if (!response.ok || !isHtml(response) || (await isDenied(url))) {
    await discardBody(response)
    return undefined
  }
  const html = await readText(response, { maxBytes: MAX_PAGE_BYTES })
  return parse(AUTHOR_PAGE, { html, url: url.href, page: page.href })
}
