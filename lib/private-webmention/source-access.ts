import { createPeerTokens, type PeerToken } from '../jwt/peer-tokens.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { createRateLimit } from '../store/rate-limit.ts'
import type { Store } from '../store/store.ts'
import { createTicketTokens } from '../ticketing/ticket-tokens.ts'
import { discardBody } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { timeLimit } from '../web/time-limit.ts'
import type { FetchedSource, SourceAccess } from '../webmention/source-access.ts'
import { createCodeRedemption, placeOf } from './code-redemption.ts'
import type { SeedCodeMint } from './seed-code.ts'
import { createSeedExchange } from './seed-exchange.ts'
import { createSourceClaims } from './source-claims.ts'
import { fetchChain, type ChainEnd } from './source-chain.ts'
import { namesTokenEndpoint } from './token-endpoint.ts'

/** The example of Webmention §4.4, for all redirects and the body. */
const FETCH_TIMEOUT = 5_000

export interface SourceAccessOptions {
  readonly fetch: Fetch
  readonly store: Store
  readonly secrets: Secrets
  readonly now: () => Date
  /** The owner. */
  readonly me: URL
  /** From our own authorization endpoint; without it, no source learns who we are unless it sent a code. */
  readonly mintSeedCode?: SeedCodeMint
  /** Whether a sender without a code may learn, for certain, who asks; by default each may. */
  readonly mayIdentifyTo?: (source: URL) => boolean | Promise<boolean>
  /** Whether the owner trusts the host of a source: then it may have its token endpoint on another origin. */
  readonly isTrusted?: (source: URL) => boolean | Promise<boolean>
}

/** Gets at private sources for the receiver: with a sender's code, with a ticket, or as in seed 002. */
export function createSourceAccess({
  fetch,
  store,
  secrets,
  now,
  me,
  mintSeedCode,
  mayIdentifyTo = () => true,
  isTrusted = () => false,
}: SourceAccessOptions): SourceAccess {
  const tokens = createPeerTokens({ store, secrets, now })
  const tickets = createTicketTokens({ tokens, fetch, now })
  const rateLimit = createRateLimit(store, now)
  const claims = createSourceClaims({ store, now })
  const redeem = createCodeRedemption({ fetch, claims, tokens, now })
  const exchangeSeedCode = createSeedExchange({
    ...{ fetch, tokens, rateLimit, now, me, mayIdentifyTo, isTrusted },
    ...(mintSeedCode && { mintSeedCode }),
  })

  return { redeem, fetch: fetchSource }

  /**
   * Shows a token at once where one came with this very source; otherwise only after a 401, the ones that
   * we have first.
   */
  async function fetchSource(source: URL): Promise<FetchedSource> {
    const kept = await tokens.find(placeOf(source))
    if (kept) {
      const shown = await fetchWith(source, kept.access_token)
      if (shown?.authenticated) {
        // It was lent perhaps, to whoever named its realm; what it opens is its sender's.
        await claims.claim(placeOf(source)[1], { realm: kept.realm ?? '' })
        return shown
      }
      if (shown) await discardBody(shown.response)
      if (shown?.response.status === 401) await forget(source, kept)
    }

    const plain = await fetchChain(source, undefined, web())
    if (!asksWhoWeAre(source, plain)) return { ...plain, authenticated: false }

    let last: FetchedSource = { ...plain, authenticated: false }
    for (const findToken of [ticketFor, seedTokenFor, exchangeSeedCode]) {
      const token = await findToken(source, plain.response)
      if (token === undefined) continue
      const shown = await fetchWith(source, token)
      if (shown?.authenticated) {
        await discardBody(last.response)
        await claims.claim(placeOf(source)[1], 'ourselves')
        return shown
      }
      // What lies elsewhere is not the source: it still says 401, and nothing more may be told of it.
      const isRefusal = shown?.response.status === 401 || shown?.response.status === 403
      if (shown) await discardBody(isRefusal ? last.response : shown.response)
      if (shown && isRefusal) last = shown
    }
    return last
  }

  /** `undefined`: with this token, it leads where we do not go. */
  async function fetchWith(source: URL, token: string): Promise<FetchedSource | undefined> {
    const end = await fetchChain(source, token, web()).catch((error: unknown) => {
      if (error instanceof FetchError && error.kind === 'refused') return undefined
      throw error
    })
    if (!end) return undefined
    const isHome = end.chain.every(({ origin }) => origin === source.origin)
    const { status } = end.response
    return { ...end, authenticated: isHome && status !== 401 && status !== 403 }
  }

  /** A token that is no good any more must not keep us from exchanging the next code. */
  async function forget(source: URL, { realm }: PeerToken): Promise<void> {
    await tokens.forget(placeOf(source))
    if (realm !== undefined) await tokens.forget(['realm', source.origin, realm])
  }

  function ticketFor(source: URL): Promise<string | undefined> {
    return tickets.find(source)
  }

  async function seedTokenFor({ origin }: URL): Promise<string | undefined> {
    return (await tokens.find(['seed', origin]))?.access_token
  }

  function web() {
    return { fetch, signal: timeLimit(FETCH_TIMEOUT) }
  }
}

/**
 * Whether the source itself, and not a place that it redirects to, says 401 in a way that we understand.
 *
 * @see [seed 002, Protocol Flow](https://indieweb.org/private-webmention-brainstorming#Protocol_Flow)
 */
function asksWhoWeAre(source: URL, { response, chain }: ChainEnd): boolean {
  if (response.status !== 401) return false
  if (!chain.every(({ origin }) => origin === source.origin)) return false
  const challenges = response.headers.get('www-authenticate') ?? ''
  return /(^|[,\s])(indieauth|bearer)\b/i.test(challenges) || namesTokenEndpoint(response)
}
