/**
 * A stranger's server for private messages, written from the text of the brainstorming page alone: neither our
 * documentation nor our code was used. The page names no field and no format, so there are two readings of it.
 *
 * - `strict`: HTML forms with the page's own nouns, and hosts as the page writes them. "The message contents and
 *   secret" are two fields. What is not such a form is refused.
 * - `loose`: JSON with short names, whole URLs, the token in a header, the message in any format. Takes forms as well.
 *
 * It does all that a request makes it do before it answers.
 *
 * @module
 */
import type { TestContext } from 'node:test'
import { listen } from '../../lib/web/node-server.ts'

export type Format = 'jf2' | 'mf2' | 'html' | 'text' | 'form'
export type Reading = 'strict' | 'loose'

interface Fields {
  readonly id?: string | undefined
  readonly sender?: string | undefined
  readonly destination?: string | undefined
  readonly token?: string | undefined
  readonly words?: string | undefined
  /** The one word of ours that a loose reading knows, for the page's alternate example. */
  readonly standing_token?: string | undefined
}

export async function createStranger(t: TestContext, reading: Reading, format: Format = 'form') {
  const outbox = new Map<string, { readonly to: URL; readonly words: string }>()
  const tokens = new Map<string, { readonly id: string; readonly sender: string }>()
  const inbox: { readonly sender: string; readonly words: string }[] = []
  /** What was answered to the messages of step 6. */
  const answers: number[] = []
  let count = 0
  let lastToken = ''
  let standingToken = ''
  const server = await listen(receive)
  t.after(() => server.close())
  const home = new URL(`http://127.0.0.1:${server.port}/`)
  const pm = new URL('messages', home)
  const myself = reading === 'strict' ? home.host : home.href

  return {
    home,
    pm,
    inbox,
    answers,
    send,
    push,
    lastToken: () => lastToken,
    standingToken: () => standingToken,
  }

  /** Steps 1 and 2. */
  async function send(to: URL, words: string): Promise<number> {
    const id = `message-${++count}`
    outbox.set(id, { to, words })
    return post(await find(to), { id, sender: myself })
  }

  async function receive(request: Request): Promise<Response> {
    const url = new URL(request.url)
    if (request.method === 'GET' && url.pathname === '/') return homePage()
    if (request.method === 'GET') return isThere(url.searchParams.get('id') ?? '')
    const fields = await read(request)
    if (!fields) return new Response('this takes forms', { status: 415 })
    const { id, sender, destination, token, words, standing_token = '' } = fields
    standingToken ||= standing_token
    if (token && destination && id) return bring(id, destination, token)
    if (words !== undefined) return take(token, words)
    if (!id || !sender) return new Response('a message ID and a sender', { status: 400 })
    return placeOf(sender).host === home.host ? isThere(id) : ask(id, sender)
  }

  function homePage(): Response {
    return reading === 'strict'
      ? new Response(`<html><link href="/messages" rel="pm">`, {
          headers: { 'content-type': 'text/html' },
        })
      : new Response('home', { headers: { link: `<${pm}>; rel=pm` } })
  }

  /** What is left of step 2, then 3 and 4. */
  async function ask(id: string, sender: string): Promise<Response> {
    const theirs = await find(placeOf(sender))
    const isLegit =
      reading === 'strict'
        ? (await post(theirs, { id, sender })) === 200
        : (await fetch(`${theirs}?id=${id}`)).ok
    if (!isLegit) return new Response('no such message', { status: 404 })
    const token = `secret${++count}`
    tokens.set(token, { id, sender })
    const destination = reading === 'strict' ? pm.host : pm.href
    const status = await post(theirs, { id, destination, token })
    return new Response(null, { status: status < 300 ? 200 : 502 })
  }

  /** Steps 5 and 6. */
  async function bring(id: string, destination: string, token: string): Promise<Response> {
    const waiting = outbox.get(id)
    if (!waiting) return new Response('no such message', { status: 404 })
    const theirs = await find(waiting.to)
    const isSame =
      reading === 'strict' ? theirs.host === placeOf(destination).host : theirs.href === destination
    if (!isSame) return new Response('not the one', { status: 403 })
    lastToken = token
    answers.push(await push(theirs, waiting.words, token))
    return new Response(null, { status: 200 })
  }

  /** The recipient's side of step 6. */
  function take(token: string | undefined, words: string): Response {
    const grant = tokens.get(token ?? '')
    if (!grant) return new Response('the token does not match', { status: 403 })
    tokens.delete(token ?? '')
    inbox.push({ sender: grant.sender, words })
    return new Response(null, { status: 200 })
  }

  function isThere(id: string): Response {
    return new Response(null, { status: outbox.has(id) ? 200 : 404 })
  }

  async function push(url: URL, words: string, token: string): Promise<number> {
    if (format === 'form') return post(url, { token, words })
    const [type, body] = written(words, format)
    const headers = { 'content-type': type, authorization: `Bearer ${token}` }
    return (await fetch(url, { method: 'POST', headers, body })).status
  }

  async function post(url: URL, { id, sender, destination, token, words }: Fields) {
    const given = (fields: Record<string, string | undefined>) =>
      Object.fromEntries(
        Object.entries(fields).flatMap(([k, v]) => (v === undefined ? [] : [[k, v]])),
      )
    const form = given({ message_id: id, sender, destination, token, message: words })
    const standing = sender && 'true'
    const json = given({ id, source: sender, destination, token, content: words, standing })
    const response =
      reading === 'strict'
        ? await fetch(url, { method: 'POST', body: new URLSearchParams(form) })
        : await fetch(url, {
            ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
            body: JSON.stringify(json),
          })
    return response.status
  }

  async function read(request: Request): Promise<Fields | undefined> {
    const type = request.headers.get('content-type') ?? ''
    const isForm = type.startsWith('application/x-www-form-urlencoded')
    if (reading === 'strict' && !isForm) return undefined
    const text = await request.text()
    if (isForm) {
      const form = Object.fromEntries(new URLSearchParams(text))
      const { message_id, id, sender, source, destination, token, secret, message, content } = form
      const { standing_token } = form
      return reading === 'strict'
        ? { id: message_id, sender, destination, token, ...(secret && { words: message }) }
        : { id, sender: source, destination, token, words: content, standing_token }
    }
    const token = /^Bearer (.*)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    const value = JSON.parse(text) as { content?: { text?: string } }
    return { token, words: value.content?.text }
  }

  async function find(page: URL): Promise<URL> {
    const response = await fetch(page)
    const header = /<([^>]*)>; *rel="?pm"?/.exec(response.headers.get('link') ?? '')?.[1]
    const link = /<link[^>]*rel="pm"[^>]*href="([^"]*)"/.exec(await response.text())?.[1]
    const found = header ?? link
    if (found === undefined) throw new Error(`${page} has no rel=pm`)
    return new URL(found, page)
  }
}

function placeOf(text: string): URL {
  return new URL(text.includes('://') ? text : `http://${text}`)
}

function written(words: string, format: Format): readonly [type: string, body: string] {
  switch (format) {
    case 'jf2':
      return ['application/json', JSON.stringify({ type: 'entry', content: words })]
    case 'mf2':
      return [
        'application/mf2+json',
        JSON.stringify({ type: ['h-entry'], properties: { content: [words] } }),
      ]
    case 'html':
      return ['text/html', `<div class="h-entry"><p class="e-content">${words}</p></div>`]
    case 'text':
    case 'form':
      return ['text/plain', words]
  }
}
