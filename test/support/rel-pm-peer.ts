/**
 * Somebody else's software for `rel=pm`, from the text of the document alone and the field names that are known
 * for it. It shares no code with ours, takes every shortcut that a small script would take, and refuses what the
 * document lets it refuse.
 *
 * @see https://indieweb.org/private-messaging-brainstorming
 * @see protocols.md 5.1
 * @module
 */
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'

export interface PmPeerOptions {
  readonly fetch: Fetch
  /** The home page, as it is written in a `from`. */
  readonly me: string
  /** The endpoint, as the home page names it. */
  readonly pm: string
  /** Where the home page names it. */
  readonly rel?: 'header' | 'html'
  /** Whether step 3 has a form of its own here; otherwise step 4 is the check. */
  readonly checks?: boolean
  /** Seconds that the tokens of the alternate example live here. Without it there are none. */
  readonly standing?: number
}

export interface PeerMessage {
  readonly uid: string
  readonly author: unknown
  readonly audience: readonly string[]
  readonly content: { readonly text: string; readonly html?: string }
  readonly published?: string
  readonly 'in-reply-to'?: string
}

export function createPmPeer({
  fetch,
  me,
  pm,
  rel = 'header',
  checks = true,
  standing,
}: PmPeerOptions) {
  /** As the sender: what waits here, for whom, and the tokens that others gave for good. */
  const outbox = new Map<string, { readonly to: string; readonly entry: PeerMessage }>()
  const standingTokens = new Map<string, string>()
  /** As the recipient: tokens that were made here, and what came with them. */
  const tokens = new Map<string, { readonly message?: string; readonly from: string }>()
  const inbox: { readonly from: string; readonly entry: PeerMessage }[] = []
  const works: Promise<void>[] = []
  let count = 0

  const home: Endpoint = async () =>
    rel === 'header'
      ? new Response('', { headers: { link: `<${pm}>; rel=pm` } })
      : new Response(`<!doctype html><title>${me}</title><link rel="pm" href="${pm}">`, {
          headers: { 'content-type': 'text/html' },
        })

  const endpoint: Endpoint = async (request) => {
    const bearer = /^Bearer (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    if (bearer !== undefined) return push(bearer, (await request.json()) as PeerMessage)

    const form = Object.fromEntries(new URLSearchParams(await request.text()))
    if (form['check'] !== undefined && checks) {
      const isMine = form['from'] === me && outbox.get(form['check'])?.to === form['to']
      return new Response(null, { status: isMine ? 200 : 404 })
    }
    if (form['token'] !== undefined && form['message'] === undefined) {
      tokens.delete(form['token'])
      return new Response(null, { status: 200 })
    }
    if (form['message'] === undefined) return new Response(null, { status: 400 })
    works.push(form['deliver_to'] === undefined ? ask(form) : bring(form))
    return new Response(null, { status: 202 })
  }

  return { home, endpoint, send, settle, inbox, standingTokens, tokens }

  /** Steps 1 and 2, or only 5 and 6 where there is a token already. */
  async function send(
    to: string,
    entry: Omit<PeerMessage, 'author' | 'audience'>,
  ): Promise<number> {
    const theirs = await find(to)
    if (theirs === undefined) throw new Error(`${to} has no rel=pm`)
    const whole = { type: 'entry', author: me, audience: [to], ...entry }
    outbox.set(entry.uid, { to, entry: whole })
    const token = standingTokens.get(to)
    if (token !== undefined) return deliver(theirs, token, whole)
    const fields = { message: entry.uid, from: me, to }
    return post(theirs, standing === undefined ? fields : { ...fields, standing: 'true' })
  }

  /** What is left of step 2, then 3 and 4. */
  async function ask({ message = '', from = '', to = '', ...rest }: Record<string, string>) {
    const theirs = to === me ? await find(from) : undefined
    if (theirs === undefined) return
    if (checks && (await post(theirs, { check: message, from, to })) !== 200) return
    const token = `secret-of-${new URL(me).host}-${++count}`
    tokens.set(token, { message, from })
    const fields: Record<string, string> = { message, to, deliver_to: pm, token }
    if (standing !== undefined && rest['standing'] === 'true') {
      fields['standing_token'] = `for-good-of-${new URL(me).host}-${++count}`
      fields['expires_in'] = String(standing)
      tokens.set(fields['standing_token'], { from })
    }
    await post(theirs, fields)
  }

  /** Steps 5 and 6. */
  async function bring({
    message = '',
    to = '',
    deliver_to,
    token = '',
    ...rest
  }: Record<string, string>) {
    const waiting = outbox.get(message)
    if (waiting?.to !== to || (await find(to)) !== deliver_to || deliver_to === undefined) return
    if (rest['standing_token'] !== undefined) standingTokens.set(to, rest['standing_token'])
    await deliver(deliver_to, token, waiting.entry)
  }

  function push(bearer: string, entry: PeerMessage): Response {
    const grant = tokens.get(bearer)
    if (!grant) return new Response(null, { status: 401 })
    if (grant.message !== undefined) tokens.delete(bearer)
    if (grant.message !== undefined && grant.message !== entry.uid) {
      return new Response(null, { status: 403 })
    }
    inbox.push({ from: grant.from, entry })
    return new Response(null, { status: 201 })
  }

  async function find(page: string): Promise<string | undefined> {
    const response = await fetch(new URL(page))
    const inHeader = /<([^>]*)>;\s*rel="?pm"?/.exec(response.headers.get('link') ?? '')?.[1]
    const found = inHeader ?? /<link rel="pm" href="([^"]*)"/.exec(await response.text())?.[1]
    return found === undefined ? undefined : new URL(found, page).href
  }

  async function deliver(url: string, token: string, entry: unknown): Promise<number> {
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/jf2+json',
    }
    const init = { method: 'POST', headers, body: JSON.stringify(entry) }
    return (await fetch(new URL(url), init)).status
  }

  async function post(url: string, fields: Record<string, string>): Promise<number> {
    const init = { method: 'POST', body: new URLSearchParams(fields) }
    return (await fetch(new URL(url), init)).status
  }

  async function settle(): Promise<void> {
    while (works.length > 0) await works.shift()
  }
}
