import { expiryOf, type PeerToken, type PeerTokens } from '../jwt/peer-tokens.ts'
import { FetchError, ResponseError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { timeLimit } from '../web/time-limit.ts'
import { processTokenResponse } from '../web/token-response.ts'
import type { CodeOffer, CodeOutcome } from '../webmention/source-access.ts'
import { codeRequest } from './code-exchange.ts'
import { EXCHANGE_TIMEOUT, MAX_CODE_LENGTH } from './private-webmention.ts'
import type { SourceClaims } from './source-claims.ts'
import { findTokenEndpoint } from './token-endpoint.ts'

/** A name of 128 bits has 22 characters. */
const MAX_REALM_LENGTH = 512

export interface CodeRedemptionOptions {
  readonly fetch: Fetch
  readonly claims: SourceClaims
  readonly tokens: PeerTokens
  readonly now: () => Date
}

/**
 * Exchanges the code of a webmention. The token is kept for the source and, if the sender named a realm,
 * for that realm at the source's origin. A realm for which we have a token needs no exchange; but whoever
 * names one has proven nothing, since the code was not used: the token is lent to the fetch, and only what
 * it opens is proof.
 *
 * @see [Private-Webmention, Receiving](https://indieweb.org/Private-Webmention)
 */
export function createCodeRedemption({ fetch, claims, tokens, now }: CodeRedemptionOptions) {
  return async (offer: CodeOffer): Promise<CodeOutcome> => {
    const { source, code, realm = '' } = offer
    if (code === '' || code.length > MAX_CODE_LENGTH) return refused('invalid_code')
    if (realm.length > MAX_REALM_LENGTH) return refused('invalid_realm')
    try {
      const known = realm === '' ? undefined : await tokens.find(['realm', source.origin, realm])
      if (known) return await lend(source, realm, known)
      const token = await exchange(offer)
      if (!token) return refused('no_token_endpoint')
      if (realm !== '') await tokens.keep(['realm', source.origin, realm], token)
      return (await keep(source, realm, token)) ? { redeemed: true } : refused('contested')
    } catch (error) {
      if (error instanceof ResponseError) return refused('access_token_error')
      if (error instanceof FetchError) return refused('unreachable')
      throw error
    }
  }

  async function exchange({ source, code, realm }: CodeOffer): Promise<PeerToken | undefined> {
    const web = { fetch, signal: timeLimit(EXCHANGE_TIMEOUT) }
    const endpoint = await findTokenEndpoint(source, web)
    if (!endpoint) return undefined
    const response = await codeRequest(endpoint, code, web)
    const { access_token, expires_in } = await processTokenResponse(response)
    const expires = expiryOf(expires_in, now()).toISOString()
    return { access_token, expires, ...(realm && { realm }) }
  }

  async function lend(source: URL, realm: string, token: PeerToken): Promise<CodeOutcome> {
    const place = placeOf(source)
    if (!(await claims.isOpenTo(place[1], { realm }))) return refused('contested')
    if (!(await tokens.find(place))) await tokens.keep(place, token)
    return refused('known_realm')
  }

  async function keep(source: URL, realm: string, token: PeerToken): Promise<boolean> {
    const place = placeOf(source)
    const isUncontested = await claims.claim(place[1], { realm })
    if (isUncontested) await tokens.keep(place, token)
    else await tokens.forget(place)
    return isUncontested
  }
}

/** Where the token of a source is kept. What follows a "#" is not told to a server. */
export function placeOf(source: URL): readonly ['source', string] {
  const page = new URL(source)
  page.hash = ''
  return ['source', page.href]
}

function refused(reason: string): CodeOutcome {
  return { redeemed: false, reason }
}
