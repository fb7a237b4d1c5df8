/**
 * Alice and Bob, written from the text of the private-webmention draft and from nothing else: not from our
 * documentation, and without a line of our code. Where the text leaves something open, it is a choice of the peer's.
 *
 * @see [private-webmention draft](https://indieweb.org/private-webmention-brainstorming)
 * @module
 */
import { randomBytes } from 'node:crypto'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

interface Answer {
  readonly status: number
  /** Each line of the head by itself, as it came. */
  readonly lines: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export type Reply = {
  readonly status?: number
  readonly headers?: readonly (readonly [name: string, value: string])[]
  readonly body?: string
}

/** What an answer of form fields looks like: the draft shows a form without a type. */
export type Dialect = 'form' | 'form without a type' | 'json'

/** Where and how a link stands on a home page. */
export type LinkPlace =
  'html' | 'html, relative' | 'html, href first' | 'header' | 'header, relative'

/** An HTTP client of a few lines. Every name of these tests is this machine. */
export function ask(
  url: URL,
  { method = 'GET', headers = {}, form }: AskOptions = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        ...{ host: '127.0.0.1', port: url.port, path: url.pathname + url.search, method },
        headers: {
          host: url.host,
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...headers,
        },
      },
      (response) => {
        const lines = Array.from({ length: response.rawHeaders.length / 2 }, (_, at) => {
          const [name = '', value = ''] = response.rawHeaders.slice(2 * at, 2 * at + 2)
          return [name.toLowerCase(), value] as const
        })
        bodyOf(response).then((body) => {
          resolve({ status: response.statusCode ?? 0, lines, body })
        }, reject)
      },
    )
    sent.once('error', reject)
    sent.end(form && new URLSearchParams(form).toString())
  })
}

interface AskOptions {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: Readonly<Record<string, string>>
}

export interface BobOptions {
  readonly link?: LinkPlace
  /** How his authorization endpoint answers. */
  readonly answers?: Dialect
  /** What he wants of Alice's token endpoint. */
  readonly asks?: 'form' | 'json'
  /** Whether nothing but a first line that says `IndieAuth` is a challenge for him. */
  readonly readsFirstLineOnly?: boolean
  /** Somebody else's address, instead of his own, that his codes speak for. */
  readonly claims?: string
}

/** Bob receives: his webmention endpoint, his authorization endpoint and his home page. */
export async function startBob({
  link = 'html',
  answers = 'form',
  asks = 'form',
  readsFirstLineOnly = true,
  claims,
}: BobOptions = {}) {
  const codes = new Set<string>()
  const messages: { source: string; page: string }[] = []
  const problems: string[] = []
  const work: Promise<void>[] = []
  const server = await serve('bob.localhost', async ({ pathname }, form) => {
    if (pathname === '/webmention-endpoint') {
      const verifying = verify(new URL(form['source'] ?? ''), form['target'] ?? '')
      work.push(verifying.catch((error: unknown) => void problems.push(String(error))))
      return { status: 202 }
    }
    if (pathname === '/auth') {
      if (!codes.delete(form['code'] ?? '')) return { status: 400, body: 'error=invalid_grant' }
      return fields({ me: claims ?? server.url.href }, answers)
    }
    return homePage(server.url, link, {
      authorization_endpoint: '/auth',
      webmention: '/webmention-endpoint',
    })
  })

  async function verify(source: URL, target: string): Promise<void> {
    const first = await ask(source)
    const challenges = first.lines.filter(([name]) => name === 'www-authenticate')
    const [challenge] = challenges.map(([, value]) => value)
    const isChallenge = readsFirstLineOnly
      ? challenge === 'IndieAuth'
      : challenges.some(([, value]) => /\bindieauth\b/i.test(value))
    if (first.status !== 401 || !isChallenge) throw new Error(`${first.status} ${challenge}`)

    // "For now, we will assume there is a pre-established relationship".
    const code = randomBytes(16).toString('hex')
    codes.add(code)
    const tokenEndpoint = await findLink(new URL('/', source), 'token_endpoint')
    const answer = await ask(tokenEndpoint, {
      method: 'POST',
      headers: asks === 'json' ? { accept: 'application/json' } : {},
      form: { code, me: claims ?? server.url.href },
    })
    const token = read(answer.body, asks)['access_token']
    if (answer.status !== 200 || !token) throw new Error(`no token: ${answer.status}`)

    const { status, body } = await ask(source, { headers: { authorization: `Bearer ${token}` } })
    if (status !== 200 || !body.includes(target)) throw new Error(`not for me: ${status}`)
    messages.push({ source: source.href, page: body })
  }

  return {
    ...server,
    messages,
    problems,
    async settle() {
      while (work.length > 0) await work.shift()
    },
  }
}

export interface AliceOptions {
  readonly link?: LinkPlace
  /** The lines of her 401. */
  readonly challenges?: readonly string[]
  /** How her token endpoint answers. */
  readonly answers?: Dialect
  /** What she wants of Bob's authorization endpoint. */
  readonly asks?: 'form' | 'json'
}

/** Alice sends: her message behind a 401, her token endpoint and her home page. */
export async function startAlice({
  link = 'html',
  challenges = ['IndieAuth'],
  answers = 'form',
  asks = 'form',
}: AliceOptions = {}) {
  const tokens = new Map<string, string>()
  let message = { for: '', page: '' }
  const server = await serve('alice.localhost', async ({ pathname }, form, headers) => {
    if (pathname === '/token') {
      const me = await confirm(form['code'] ?? '', form['me'] ?? '')
      if (me === undefined) return { status: 400, body: 'error=invalid_grant' }
      const token = randomBytes(16).toString('hex')
      tokens.set(token, me)
      return fields({ access_token: token }, answers)
    }
    if (pathname === '/message/1') {
      const token = /^Bearer (.+)$/.exec(headers['authorization'] ?? '')?.[1]
      const reader = token === undefined ? undefined : tokens.get(token)
      if (reader !== undefined && reader === message.for) return htmlPage(message.page)
      const lines = challenges.map((line) => ['WWW-Authenticate', line] as const)
      return { ...htmlPage('<form>Who are you?</form>', lines), status: 401 }
    }
    return homePage(server.url, link, { token_endpoint: '/token' })
  })

  /** "Alice's token endpoint verifies the authorization code against Bob's authorization endpoint". */
  async function confirm(code: string, me: string): Promise<string | undefined> {
    const endpoint = await findLink(new URL(me), 'authorization_endpoint')
    const answer = await ask(endpoint, {
      method: 'POST',
      headers: asks === 'json' ? { accept: 'application/json' } : {},
      form: { code },
    })
    return answer.status === 200 && read(answer.body, asks)['me'] === me ? me : undefined
  }

  return {
    ...server,
    source: new URL('/message/1', server.url),
    /** Writes to the owner of a home page. @returns The status of the receiver's answer. */
    async send(target: URL): Promise<number> {
      const words = `Had a great time last night, <a href="${target.href}">you</a>!`
      const content = `<p class="p-content p-name">${words}</p>`
      const author = `<a href="${server.url.href}" rel="author" class="p-author h-card">Alice</a>`
      message = { for: target.href, page: `<article class="h-entry">${author}${content}</article>` }
      const form = { source: new URL('/message/1', server.url).href, target: target.href }
      const endpoint = await findLink(target, 'webmention')
      return (await ask(endpoint, { method: 'POST', form })).status
    },
  }
}

type Handler = (
  url: URL,
  form: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
) => Promise<Reply>

async function serve(host: string, handle: Handler) {
  const server = createServer((incoming, outgoing) => {
    answerTo(incoming, outgoing).catch(() => outgoing.writeHead(500).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(`http://${host}:${(server.address() as AddressInfo).port}/`)
  return {
    url,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function answerTo(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const form = Object.fromEntries(new URLSearchParams(await bodyOf(incoming)))
    const { authorization = '' } = incoming.headers
    const target = new URL(incoming.url ?? '/', url)
    const { status = 200, headers = [], body = '' } = await handle(target, form, { authorization })
    for (const [name, value] of headers) outgoing.appendHeader(name, value)
    outgoing.writeHead(status).end(body)
  }
}

async function bodyOf(stream: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += String(chunk)
  return text
}

function fields(record: Readonly<Record<string, string>>, dialect: Dialect): Reply {
  if (dialect === 'json') {
    const headers = [['Content-Type', 'application/json']] as const
    return { headers, body: JSON.stringify(record) }
  }
  const body = Object.entries(record).map(([name, value]) => `${name}=${value}`)
  const headers = [['Content-Type', 'application/x-www-form-urlencoded']] as const
  return { body: body.join('&'), ...(dialect === 'form' && { headers }) }
}

function read(body: string, dialect: 'form' | 'json'): Readonly<Record<string, string>> {
  if (dialect === 'json') return JSON.parse(body) as Record<string, string>
  return Object.fromEntries(new URLSearchParams(body.trim()))
}

function homePage(url: URL, place: LinkPlace, links: Readonly<Record<string, string>>): Reply {
  const each = Object.entries(links).map(([rel, path]) => {
    const href = place.endsWith('relative') ? path : new URL(path, url).href
    if (place.startsWith('header')) return `<${href}>; rel="${rel}"`
    return place === 'html, href first'
      ? `<LINK href='${href}' rel='me ${rel}'>`
      : `<link rel="${rel}" href="${href}">`
  })
  if (place.startsWith('header')) {
    return htmlPage(
      '<h1>Home</h1>',
      each.map((line) => ['Link', line] as const),
    )
  }
  return htmlPage(`<head>${each.join('')}</head><h1>Home</h1>`)
}

function htmlPage(body: string, headers: Reply['headers'] = []): Reply {
  return { headers: [['Content-Type', 'text/html'], ...headers], body }
}

/** "by looking for a `rel=token_endpoint` link on Alice's home page". */
async function findLink(page: URL, rel: string): Promise<URL> {
  const { body, lines } = await ask(page)
  const inHeader = lines
    .filter(([name]) => name === 'link')
    .flatMap(([, value]) => value.split(/,\s*(?=<)/))
    .map((link) => ({
      rel: /rel="?([^";]+)/.exec(link)?.[1],
      href: /^<([^>]*)>/.exec(link)?.[1],
    }))
  const inPage = [...body.matchAll(/<link\s[^>]*>/gi)].map(([tag]) => ({
    rel: /\srel=["']([^"']*)/i.exec(tag)?.[1],
    href: /\shref=["']([^"']*)/i.exec(tag)?.[1],
  }))
  const found = [...inHeader, ...inPage].find((link) => link.rel?.split(' ').includes(rel))
  if (found?.href === undefined) throw new Error(`no ${rel} at ${page.href}`)
  return new URL(found.href, page)
}
