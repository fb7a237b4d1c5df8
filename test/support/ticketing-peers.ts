/**
 * The two living dialects of Ticketing for IndieAuth, as other people wrote them.
 *
 * @see protocols.md 2.4, for where each quirk was seen
 * @module
 */
import type { Endpoint } from '../../lib/web/endpoint.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { parseLinkHeader } from '../../lib/web/link-header.ts'

interface Peer {
  readonly fetch: Fetch
}

const post = (fields: Record<string, string>) => ({
  method: 'POST',
  body: new URLSearchParams(fields),
})

/**
 * Publ 0.8.14: finds a ticket endpoint by the legacy rel only, sends no `iss`, `resource` is the root of the
 * site; `me` in its answer is the subject. Its pages link to the token endpoint by the legacy rel.
 */
export function createPubl({ fetch, site }: Peer & { readonly site: URL }) {
  const tickets = new Map<string, string>()
  const state = { issued: 0, me: undefined as string | undefined }
  const endpoint: Endpoint = async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/_tokens') return redeem(new URLSearchParams(await request.text()))
    return new Response('<link rel="ticket_endpoint" href="/_ticket">', {
      headers: { 'content-type': 'text/html', link: '</_tokens>; rel="token_endpoint"' },
    })
  }
  return { endpoint, sendTicket, state }

  function redeem(form: URLSearchParams): Response {
    const grant = form.get('grant_type')
    const key = form.get(grant === 'refresh_token' ? 'refresh_token' : 'ticket') ?? ''
    const subject = tickets.get(key)
    tickets.delete(key)
    if (subject === undefined) return new Response('Invalid ticket', { status: 400 })
    const at = ++state.issued
    tickets.set(`refresh-${at}`, subject)
    return Response.json({
      access_token: `token-${at}`,
      token_type: 'Bearer',
      me: state.me ?? subject,
      expires_in: 3600,
      refresh_token: `refresh-${at}`,
    })
  }

  async function sendTicket(subject: URL, ticket = 'tttttttttt'): Promise<Response | undefined> {
    const html = await (await fetch(subject)).text()
    const href = /rel="ticket_endpoint" href="([^"]+)"/.exec(html)?.[1]
    if (href === undefined) return undefined
    tickets.set(ticket, subject.href)
    const fields = { ticket, resource: site.href, subject: subject.href }
    return fetch(new URL(href, subject), post(fields))
  }
}

/**
 * WordPress IndieAuth, 2026: requires `ticket`, `resource` and a `subject` of its own; a strict `iss`;
 * metadata; redeems at once; wants JSON whose `me` is its user; refreshes with `resource`.
 */
export function createWordPress({ fetch, user }: Peer & { readonly user: URL }) {
  const tokens: Record<string, string>[] = []
  const endpoint: Endpoint = async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname === '/metadata') {
      return Response.json({
        issuer: user.href,
        authorization_endpoint: new URL('/auth', user).href,
        ticket_endpoint: new URL('/ticket', user).href,
      })
    }
    if (pathname !== '/ticket') {
      return new Response('WordPress', {
        headers: { link: '</metadata>; rel="indieauth-metadata"' },
      })
    }
    const problem = await take(new URLSearchParams(await request.text()))
    return problem === undefined
      ? Response.json({ success: 'Your Ticket Has Been Redeemed' })
      : Response.json({ error: 'invalid_request', error_description: problem }, { status: 400 })
  }
  return { endpoint, tokens }

  async function take(form: URLSearchParams): Promise<string | undefined> {
    const { ticket, resource, subject, iss } = Object.fromEntries(form)
    if (!ticket || !resource || !subject) return 'missing'
    if (subject !== user.href) return 'no such user'
    if (!URL.canParse(resource)) return 'resource'
    if (
      iss !== undefined &&
      (!iss.startsWith('https://') || /[?#@]|\/\.\.?(\/|$)/.test(iss.slice(8)))
    ) {
      return 'iss'
    }
    const base = new URL(iss ?? resource)
    const page = await fetch(base)
    const link = parseLinkHeader(page.headers.get('link') ?? '').find(({ rel }) =>
      rel.includes('indieauth-metadata'),
    )
    if (!link) return 'no metadata'
    const metadata = (await (await fetch(new URL(link.uri, base))).json()) as {
      issuer: string
      token_endpoint: string
    }
    if (iss !== undefined && metadata.issuer !== iss) return 'another issuer'
    const response = await fetch(
      new URL(metadata.token_endpoint),
      post({ grant_type: 'ticket', ticket }),
    )
    const token = (await response.json()) as Record<string, string>
    if (!token['access_token'] || token['me'] !== user.href) return 'me'
    tokens.push(token)
    return undefined
  }
}
