import type { Message, MessageSink } from '../../lib/delivery/message.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import type { PageParser } from '../../lib/web/page-parser.ts'
import { processQueued } from '../../lib/webmention/process.ts'
import type { ReceiverLimits } from '../../lib/webmention/receiver-limits.ts'
import type { WebmentionReceiverOptions } from '../../lib/webmention/receiver.ts'
import type { CodeOffer, SourceAccess } from '../../lib/webmention/source-access.ts'
import { pathHash } from '../../lib/webmention/targets.ts'
import { createWebmentionEndpoint } from '../../lib/webmention/webmention-endpoint.ts'
import { createWeb } from '../support/web.ts'

export const SITE = new URL('https://alice.example/')
export const POST = 'https://alice.example/post/'
export const SECRET_POST = 'https://alice.example/p/0123456789abcdefghjkmnpqrs/'
export const SOURCE = 'https://bob.example/reply'
export const NOW = new Date('2026-11-21T12:00:00Z')

/** What a site answers: HTML, or any response. A site that is not listed does not exist. */
export type Pages = Record<string, string | (() => Response | Promise<Response>)>

export interface LabOptions {
  readonly pages?: Pages
  readonly store?: Store
  readonly limits?: Partial<ReceiverLimits>
  readonly denied?: readonly string[]
  readonly me?: URL
  readonly site?: URL
  /** By source: as if a token, when there is one for it, had been shown. */
  readonly access?: Partial<SourceAccess>
  /** Which code is good for reading which sources. */
  readonly codes?: Readonly<Record<string, string>>
  readonly parse?: PageParser
}

/** Alice's receiver in a web that exists only in the test, with a clock that a test sets. */
export function createLab({
  pages: first = {},
  store: given,
  limits = {},
  denied = [],
  me = SITE,
  site = SITE,
  access = {},
  codes = {},
  parse,
}: LabOptions = {}) {
  let time = NOW
  const now = () => time
  const pages: Pages = { ...first }
  const store = given ?? createMemoryStore({ now })
  const messages = new Map<string, Message>()
  const offers: CodeOffer[] = []
  const tokens = new Set<string>()
  const fetches: string[] = []
  const troubles: unknown[] = []
  const pending: Promise<unknown>[] = []

  const sink: MessageSink = {
    async accept(key, message) {
      messages.set(key, message)
    },
    async withdraw(key) {
      messages.delete(key)
    },
    async find(key) {
      return messages.get(key)
    },
  }

  const answer: Endpoint = async (request) => {
    const page = pages[request.url]
    if (page === undefined) return new Response('no such page', { status: 404 })
    return typeof page === 'string' ? htmlResponse(page) : page()
  }
  const fetch: Fetch = async (url, init) => {
    fetches.push(url.href)
    const host = Object.keys(pages).some((page) => new URL(page).origin === url.origin)
    if (!host) throw new FetchError(`no such site: ${url.origin}`)
    return createWeb({ [url.origin]: answer }).fetch(url, init)
  }

  const sources: SourceAccess = {
    async redeem(offer) {
      offers.push(offer)
      if (codes[offer.code] !== offer.source.href) {
        return { redeemed: false, reason: 'access_token_error' }
      }
      tokens.add(offer.source.href)
      return { redeemed: true }
    },
    async fetch(source) {
      const chain = [source]
      for (;;) {
        const url = chain.at(-1) ?? source
        const response = await fetch(url)
        const location = response.headers.get('location')
        if (response.status < 300 || response.status > 399 || location === null) {
          return withToken(response, url, chain)
        }
        chain.push(new URL(location, url))
      }
    },
    ...access,
  }

  /** A page that answers 401 is read at its `#private` address, by whoever has a token. */
  async function withToken(response: Response, url: URL, chain: readonly URL[]) {
    if (response.status !== 401 || !tokens.has(url.href)) {
      return { response, authenticated: false, chain }
    }
    const page = pages[`${url.href}#private`]
    const secret = typeof page === 'string' ? htmlResponse(page) : await page?.()
    return { response: secret ?? new Response('', { status: 404 }), authenticated: true, chain }
  }

  const options: WebmentionReceiverOptions = {
    site,
    me,
    paths: { webmention: '/webmention' },
    files: async (name) => (name === 'targets.json' ? TARGETS : undefined),
    store,
    access: sources,
    sink,
    fetch,
    isDenied: ({ host }) => denied.includes(host),
    now,
    limits,
    ...(parse && { parse }),
  }
  // One object: a test may change its options later.
  const process = (id: string) => processQueued(id, options)
  const endpoint = createWebmentionEndpoint(Object.assign(options, { process }))

  function post(
    fields: Record<string, string> | URLSearchParams,
    {
      headers = {},
      clientAddress,
    }: { headers?: Record<string, string>; clientAddress?: string } = {},
  ) {
    const request = new Request(new URL('webmention', site), {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers,
    })
    return endpoint(request, {
      waitUntil: (work) => void pending.push(work.catch((error) => troubles.push(error))),
      ...(clientAddress !== undefined && { clientAddress }),
    })
  }

  return {
    options,
    endpoint,
    store,
    messages,
    offers,
    fetches,
    troubles,
    pages,
    post,
    get: (url: string | URL, headers: Record<string, string> = {}) =>
      endpoint(new Request(new URL(url, site), { headers })),
    /** Sends a mention, waits for what comes of it, and answers the status that its sender sees. */
    async send(fields: Record<string, string> = {}) {
      const response = await post({ source: SOURCE, target: POST, ...fields })
      if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
      await this.settle()
      return this.status(response.headers.get('location') ?? '')
    },
    async settle() {
      while (pending.length > 0) await pending.shift()
    },
    async status(url: string): Promise<{ status: string; private: boolean }> {
      const response = await this.get(url, { accept: 'application/json' })
      const view: Record<string, unknown> = JSON.parse(await response.text())
      return { status: String(view['status']), private: view['private'] === true }
    },
    process: (id: string) => processQueued(id, options),
    /** What the inbox holds, where it is one message. */
    get message(): Message | undefined {
      return [...messages.values()].at(-1)
    },
    wait(seconds: number) {
      time = new Date(time.getTime() + seconds * 1000)
    },
    now,
  }
}

export type Lab = ReturnType<typeof createLab>

export function htmlResponse(html: string, headers: Record<string, string> = {}): Response {
  return new Response(html, { headers: { 'content-type': 'text/html; charset=utf-8', ...headers } })
}

/** An entry of Bob's that links to Alice's post; `inside` is the rest of it. */
export function entry(inside = '', link = `<a href="${POST}">a post</a>`): string {
  return `<!doctype html><title>Bob</title><article class="h-entry"><div class="e-content">See ${link}.</div>${inside}</article>`
}

const TARGETS = new TextEncoder().encode(
  JSON.stringify({
    version: 1,
    public: ['/', '/post/', '/other/', '/café/', '/blog/post/'].map(pathHash),
    private: [new URL(SECRET_POST).pathname, '/private/abcdefghjkmn/'].map(pathHash),
  }),
)
