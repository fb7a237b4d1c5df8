import * as v from 'valibot'
import type { Message, MessageSink, MessageType, Privacy } from '../delivery/message.ts'
import { discardBody, readText } from '../web/body.ts'
import { ResponseError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { mentionKey } from '../webmention/equivalence.ts'
import { displayedHtml } from './displayed-html.ts'
import { webUrl } from './page-address.ts'

const API = new URL('https://webmention.io/api/mentions.jf2')
/** Small enough for a page to be far from the limit of a body. */
const PER_PAGE = 50
/** Twenty thousand mentions; more than that is a server that repeats itself. */
const MAX_PAGES = 400

const Text = v.nullish(v.string())

/** What we read of webmention.io's jf2; what else is there does not matter. */
const Mention = v.object({
  'wm-source': v.string(),
  'wm-target': v.string(),
  'wm-property': Text,
  'wm-private': v.nullish(v.unknown()),
  author: v.nullish(v.object({ name: Text, url: Text, photo: v.fallback(Text, undefined) })),
  url: v.fallback(Text, undefined),
  published: Text,
  name: v.fallback(Text, undefined),
  rsvp: v.fallback(Text, undefined),
  content: v.fallback(v.nullish(v.object({ text: Text, html: Text })), undefined),
})
type Mention = v.InferOutput<typeof Mention>
const Feed = v.object({ children: v.array(v.unknown()) })

export interface ImportOptions extends WebOptions {
  readonly token: string
  /** Only what was sent to this domain, of an account that has several. */
  readonly domain?: string
  readonly sink: Pick<MessageSink, 'accept'>
  readonly api?: URL
}

export interface Imported {
  /** Keys of those that were handed over, the oldest first. */
  readonly keys: readonly string[]
  readonly private: number
  /** Entries that could not be read as mentions. */
  readonly unreadable: number
}

/**
 * Takes over what webmention.io has kept, with the private ones as private. A mention that is here already
 * is updated; one that is sent again later updates what was imported.
 *
 * @throws {ResponseError} if the token is refused, or the answer is not what it should be
 * @throws {FetchError}
 *
 * @see [webmention.io, API](https://github.com/aaronpk/webmention.io#api)
 */
export async function importMentions({
  token,
  domain,
  sink,
  api = API,
  ...web
}: ImportOptions): Promise<Imported> {
  const keys: string[] = []
  let unreadable = 0
  let secret = 0
  for (let page = 0; page < MAX_PAGES; page++) {
    const response = await mentionsRequest(api, { token, domain, page }, web)
    const children = await processMentionsResponse(response)
    for (const child of children) {
      const message = messageOf(child)
      if (!message) {
        unreadable += 1
        continue
      }
      const key = mentionKey(new URL(message.source), new URL(message.target))
      await sink.accept(key, message)
      keys.push(key)
      if (message.privacy === 'private') secret += 1
    }
    if (children.length < PER_PAGE) break
  }
  return { keys, private: secret, unreadable }
}

/** The token stays out of addresses, and so out of the logs on the way; and it follows no redirect. */
function mentionsRequest(
  api: URL,
  { token, domain, page }: { token: string; domain: string | undefined; page: number },
  { fetch, signal }: WebOptions,
): Promise<Response> {
  const url = new URL(api)
  const query = { 'per-page': String(PER_PAGE), page: String(page), 'sort-dir': 'up' }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  if (domain !== undefined) url.searchParams.set('domain', domain)
  return fetch(url, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    redirect: 'error',
    signal: signal ?? null,
  })
}

async function processMentionsResponse(response: Response): Promise<readonly unknown[]> {
  if (!response.ok) {
    await discardBody(response)
    const isRefused = response.status === 401 || response.status === 403
    throw new ResponseError(
      isRefused ? 'the token was refused' : `the answer was ${response.status}`,
    )
  }
  const feed = v.safeParse(Feed, parseJson(await readText(response)))
  if (!feed.success) throw new ResponseError('the answer is no jf2 feed')
  return feed.output.children
}

/** @returns `undefined` for what is no mention */
function messageOf(child: unknown): Message | undefined {
  const result = v.safeParse(Mention, child)
  if (!result.success) return undefined
  const mention = result.output
  const source = webUrl(mention['wm-source'])
  const target = webUrl(mention['wm-target'])
  if (!source || !target) return undefined
  const { author, content, published, name, rsvp } = mention
  const authorUrl = webUrl(author?.url ?? undefined)
  const photo = webUrl(author?.photo ?? undefined)
  const url = webUrl(mention.url ?? undefined)
  const type = typeOf(mention)
  return {
    protocol: 'webmention',
    source: source.href,
    target: target.href,
    ...(url && url.href !== source.href && { url: url.href }),
    author: {
      name: author?.name ?? '',
      ...(authorUrl && { url: authorUrl.href }),
      ...(photo && { photo: photo.href }),
    },
    type,
    privacy: privacyOf(mention),
    host: source.host,
    ...(name && { title: name }),
    text: content?.text ?? '',
    ...(content?.html && { html: displayedHtml(content.html) }),
    ...(published && { published }),
    ...(type === 'rsvp' && rsvp && { rsvp }),
    ...((type === 'reply' || type === 'rsvp') && { inReplyTo: target.href }),
  }
}

function typeOf({ 'wm-property': property }: Mention): MessageType {
  switch (property) {
    case 'in-reply-to':
      return 'reply'
    case 'like-of':
      return 'like'
    case 'repost-of':
      return 'repost'
    case 'bookmark-of':
      return 'bookmark'
    case 'follow-of':
      return 'follow'
    case 'rsvp':
      return 'rsvp'
    default:
      return 'mention'
  }
}

/** Only a clear "no" makes it public. */
function privacyOf({ 'wm-private': secret }: Mention): Privacy {
  if (secret === false) return 'public'
  return secret === undefined || secret === null ? 'unsure' : 'private'
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ResponseError('the answer is no JSON')
  }
}
