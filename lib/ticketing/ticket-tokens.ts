import { expiryOf, type PeerToken, type PeerTokens } from '../jwt/peer-tokens.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { Fetch, WebOptions } from '../web/fetch.ts'
import { timeLimit } from '../web/time-limit.ts'
import { processTokenResponse, type ReceivedToken } from '../web/token-response.ts'
import { postForm } from '../web/post-form.ts'
import { nameOfResource, resourcesAbove } from './resource.ts'
import { TICKET_TIMEOUT } from './ticketing.ts'

export interface TicketTokens {
  keep(resource: URL, tokenEndpoint: URL, token: ReceivedToken): Promise<void>
  /** A token for `page`: that of the nearest resource which it lies below. */
  find(page: URL): Promise<string | undefined>
}

export interface TicketTokensOptions {
  readonly tokens: PeerTokens
  readonly fetch: Fetch
  readonly now: () => Date
}

/** The tokens that we got for tickets, by resource. */
export function createTicketTokens({ tokens, fetch, now }: TicketTokensOptions): TicketTokens {
  return { keep, find }

  async function keep(resource: URL, tokenEndpoint: URL, token: ReceivedToken): Promise<void> {
    await keepAt(nameOfResource(resource), tokenEndpoint.href, token)
  }

  async function find(page: URL): Promise<string | undefined> {
    for (const resource of resourcesAbove(page)) {
      const token = await tokens.find(['ticket', resource])
      if (!token) continue
      if (new Date(token.expires) > now()) return token.access_token
      const fresh = await refresh(resource, token)
      if (fresh !== undefined) return fresh
    }
    return undefined
  }

  async function keepAt(
    resource: string,
    token_endpoint: string,
    { access_token, expires_in, refresh_token }: ReceivedToken,
  ): Promise<void> {
    await tokens.keep(['ticket', resource], {
      access_token,
      expires: expiryOf(expires_in, now()).toISOString(),
      ...(refresh_token && { refresh: { refresh_token, token_endpoint } }),
    })
  }

  /** The next token, if the issuer gives it. One that it refuses is forgotten with its refresh token. */
  async function refresh(resource: string, { refresh: last }: PeerToken) {
    if (!last) return undefined
    try {
      const web = { fetch, signal: timeLimit(TICKET_TIMEOUT) }
      const response = await refreshRequest(last, resource, web)
      const next = await processTokenResponse(response)
      // A server that rotates says so; from another the old one stays good.
      const refresh_token = next.refresh_token ?? last.refresh_token
      await keepAt(resource, last.token_endpoint, { ...next, refresh_token })
      return next.access_token
    } catch (error) {
      if (error instanceof ResponseError) await tokens.forget(['ticket', resource])
      else if (!(error instanceof FetchError)) throw error
      return undefined
    }
  }
}

/**
 * Asks the issuer for the next token.
 *
 * @returns Resolves with the response for {@link processTokenResponse}. A redirect is not followed.
 * @see [RFC 6749 §6](https://www.rfc-editor.org/rfc/rfc6749#section-6)
 */
export function refreshRequest(
  { refresh_token, token_endpoint }: NonNullable<PeerToken['refresh']>,
  resource: string,
  web: WebOptions,
): Promise<Response> {
  const fields = { grant_type: 'refresh_token', refresh_token, resource }
  return postForm(new URL(token_endpoint), fields, web)
}
