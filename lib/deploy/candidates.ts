import type { DeliveryProtocol, SourceExposure } from '../delivery/delivery.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { acctUrl, parseUserAddress } from '../web/user-address.ts'

/** A protocol that could carry a delivery, and where it begins to ask. */
export interface Candidate {
  readonly protocol: DeliveryProtocol
  readonly destination: URL
}

/** The same for one that could not, with the reason for the author. */
export type Consideration =
  Candidate | { readonly protocol: DeliveryProtocol; readonly whyNot: string }

/** For whom a source is, as far as a protocol has to know it. */
export interface Addressee {
  readonly recipient: string | null
  readonly target: URL
  readonly exposure: SourceExposure
  /** The same post goes to the recipient themselves as well: at somebody's page, only the page is told. */
  readonly isToldAnyway?: boolean
  /** It tells of the end of what was sent: a pin is for what is sent from now on. */
  readonly isEnd?: boolean
}

/** What the author knows of the recipients besides their names. */
export type Recipients = SiteRecord['recipients']

const POSTS = {
  public: 'public posts',
  capability: 'posts with links of their own',
  gated: 'gated posts',
} as const

/**
 * Looks at each protocol of the site, in the author's order: whether it is made for such a post, and whether
 * it is known where it would begin. Asks nobody.
 */
export function considerProtocols(
  addressee: Addressee,
  protocols: readonly DeliveryProtocol[],
  recipients: Recipients,
): readonly Consideration[] {
  const { recipient, exposure, isEnd = false } = addressee
  const isFree = recipient === null || isEnd
  const pinned = isFree ? undefined : recordOf(recipient, recipients)?.protocol
  const isSpoken = protocols.some(({ name }) => name === pinned)
  return protocols.map((protocol) => {
    if (pinned !== undefined && pinned !== protocol.name) {
      const whyNot = `the recipient is pinned to ${pinned}${isSpoken ? '' : ', which this site does not speak'}`
      return { protocol, whyNot }
    }
    if (protocol.carries?.(exposure) === false) {
      return { protocol, whyNot: `it does not carry ${POSTS[exposure]}` }
    }
    const destination = destinationOf(addressee, protocol, recipients)
    return typeof destination === 'string'
      ? { protocol, whyNot: destination }
      : { protocol, destination }
  })
}

export function isCandidate(consideration: Consideration): consideration is Candidate {
  return 'destination' in consideration
}

/** Where the recipient is at home on the web, if that is known. */
export function profileOf(recipient: string, recipients: Recipients): URL | undefined {
  return webUrl(recipient) ?? webUrl(recordOf(recipient, recipients)?.profile)
}

/** The recipient's `user@domain` as a URL, if it is known. */
export function addressOf(recipient: string, recipients: Recipients): URL | undefined {
  const address =
    parseUserAddress(recipient) ?? parseUserAddress(recordOf(recipient, recipients)?.address ?? '')
  return address && acctUrl(address)
}

/** Whether anything is known by which a protocol could begin; everybody else is told by the author. */
export function isReachable(recipient: string, recipients: Recipients): boolean {
  return [profileOf, addressOf].some((find) => find(recipient, recipients) !== undefined)
}

/** Whether the target is the recipient themselves, and not a page of theirs. */
export function isOwnTarget(
  { recipient, target }: Pick<Addressee, 'recipient' | 'target'>,
  recipients: Recipients,
): boolean {
  if (recipient === null) return false
  const own = [profileOf(recipient, recipients), addressOf(recipient, recipients)]
  return own.some((url) => url?.href === target.href)
}

/** Where the protocol begins to ask, or why that is not known. */
function destinationOf(
  addressee: Addressee,
  { reaches = 'page' }: DeliveryProtocol,
  recipients: Recipients,
): URL | string {
  const { recipient, target, isToldAnyway = false } = addressee
  if (reaches === 'page') return webUrl(target.href) ?? 'they are no page that could be notified'
  if (recipient === null) return 'nobody is named whom it could be sent to'
  if (isToldAnyway && !isOwnTarget(addressee, recipients)) {
    return 'the recipient gets the post at their own address'
  }
  return reaches === 'profile'
    ? (profileOf(recipient, recipients) ?? unknown(recipient, 'profile'))
    : (addressOf(recipient, recipients) ?? unknown(recipient, 'address'))
}

function unknown(recipient: string, what: 'profile' | 'address'): string {
  return `no ${what} is known: option recipients[${JSON.stringify(recipient)}].${what}`
}

function webUrl(text: string | undefined): URL | undefined {
  const url = text === undefined ? undefined : parseWebUrl(text)
  if (url) url.hash = ''
  return url
}

function recordOf(recipient: string, recipients: Recipients): Recipients[string] | undefined {
  return Object.hasOwn(recipients, recipient) ? recipients[recipient] : undefined
}
