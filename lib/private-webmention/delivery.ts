import type { DeliveryProtocol, Parcel, Receipt } from '../delivery/delivery.ts'
import type { Secrets } from '../jwt/secrets.ts'
import { isAsSafeAs } from '../web/endpoint-safety.ts'
import { discoverWebmentionEndpoint } from '../webmention/discovery.ts'
import { handOver, type EndpointJudgement } from '../webmention/handover.ts'
import { followStatus } from '../webmention/status-page.ts'
import { canParseUrl } from '../web/parse-url.ts'

export interface PrivateWebmentionDeliveryOptions {
  readonly secrets: Secrets
  readonly now: () => Date
}

/**
 * Carries gated posts: a webmention with a `code` that gets its recipient a token, and the `realm` that the
 * token will be good for. A receiver that knows neither finds a source that it cannot read, and no more.
 *
 * A receiver that lists its sources in public may have it: the source URL of a gated post is no secret.
 * The code is, so it goes to the endpoint that the recipient's own page names, and nowhere else.
 *
 * @see [Private-Webmention, Sending](https://indieweb.org/Private-Webmention)
 */
export function createPrivateWebmentionDelivery({
  secrets,
  now,
}: PrivateWebmentionDeliveryOptions): DeliveryProtocol {
  return {
    name: 'private-webmention',
    carries: (exposure) => exposure === 'gated',
    discover: (target, options) => discoverWebmentionEndpoint(target, { ...options, now }),
    async follow(statusUrl, options) {
      const progress = await followStatus(statusUrl, { ...options, now })
      if (typeof progress === 'string' || !UNOPENED.test(progress.rejected)) return progress
      return { rejected: `${progress.rejected}. ${signInHint('The receiver')}` }
    },
    async deliver(parcel, endpoint, options) {
      const recipient = recipientAt(parcel)
      if (recipient === undefined) {
        return handOver(parcel, endpoint, { ...options, now, judge: async () => ({}) })
      }
      const realm = secrets.nameOf('realm', `${parcel.source.origin} ${recipient}`)
      const judge = async (place: URL): Promise<EndpointJudgement> => {
        const why = whyNoCodeFor(place, endpoint, parcel.target)
        if (why !== undefined) return { refused: why }
        // A new one for each attempt: the one before may be spent, or on somebody's disk.
        const code = await secrets.issue('webmention-code', { recipient })
        return { credentials: { code, realm } }
      }
      const receipt = await handOver(parcel, endpoint, { ...options, now, judge })
      return withHint(withoutEcho(receipt, realm), parcel)
    },
  }
}

/**
 * Whom the code would be for: the recipient of a gated post, if the target is their own page. What stands
 * at somebody else's gets no code, or else one reader could read as another.
 */
function recipientAt({ exposure, recipient, target }: Parcel): string | undefined {
  if (exposure !== 'gated' || recipient === null || !canParseUrl(recipient)) return undefined
  const { protocol, origin, pathname } = new URL(recipient)
  if (protocol !== 'https:' && protocol !== 'http:') return undefined
  const folder = pathname.replace(/\/?$/, '/')
  const isOwn = origin === target.origin && `${target.pathname}/`.startsWith(folder)
  return isOwn ? recipient : undefined
}

function whyNoCodeFor(place: URL, discovered: URL, target: URL): string | undefined {
  if (place.origin !== discovered.origin) {
    return `the endpoint at ${discovered.host} moved to ${place.host}: a code goes only where the recipient's own page says`
  }
  if (isAsSafeAs(target, place)) return undefined
  return `the endpoint at ${place.host} is not encrypted: a code would be for anybody on the way`
}

/** How a receiver that knows no private webmention says what came of it: the page asked who it is, or showed nothing. */
const UNOPENED = /unauthori[sz]ed|forbidden|token|no_link|not_found|answered 40[13]$/i
/** An answer about something else than the source: this webmention was not wanted, or is for no page there. */
const UNWANTED = /block|spam|denied|refused|vouch|"?target/i

/** Says what is left to do where a receiver was told, but cannot get at the post. */
function withHint(receipt: Receipt, { target }: Parcel): Receipt {
  const { outcome, reason } = receipt
  const isAnswer = /^the receiver answered 4(00|01|03|22)\b/.test(reason)
  if (outcome !== 'failed' || !isAnswer || UNWANTED.test(reason)) return receipt
  return { ...receipt, reason: `${reason}. ${signInHint(target.host)}` }
}

function signInHint(receiver: string): string {
  return `${receiver} cannot open the post by itself; the reader can sign in at the address that "private-posts links" prints`
}

/** The beginning of a code of ours, and as much of the rest as somebody left of it. */
const CODE = /eyJ[\w.-]+/g

/** A receiver may repeat in its explanation what it was sent; that is not for the ledger or a log. */
function withoutEcho(receipt: Receipt, realm: string): Receipt {
  return { ...receipt, reason: receipt.reason.replace(CODE, '…').replaceAll(realm, '…') }
}
