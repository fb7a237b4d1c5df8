import type { DeliveryProtocol, Parcel, Receipt } from '../delivery/delivery.ts'
import type { Secrets } from '../jwt/secrets.ts'
import type { WebOptions } from '../web/fetch.ts'
import { domainUrl, parseAcctUrl, type UserAddress } from '../web/user-address.ts'
import { discoverProvider } from './discovery.ts'
import { conversationOf, messageOf, type Addressbook } from './post-message.ts'
import { sendToProviders } from './sender.ts'

export interface IntertalkDeliveryOptions {
  /** The owner's. */
  readonly address: UserAddress
  readonly secrets: Pick<Secrets, 'seeds'>
  readonly now: () => Date
  readonly allowLoopback?: boolean
  /** The addresses of recipients who are named otherwise in an audience. */
  readonly recipients?: Addressbook
}

/** Milliseconds for which a provider's no, or its silence, holds for everybody there. */
const FAILURE_MEMORY = 60_000
/** Requests of one run that are remembered: more than one deploy sends. */
const MAX_REQUESTS = 1_000

interface Sent {
  readonly at: number
  readonly receipt: Promise<Receipt>
}

/**
 * Carries posts as messages: each recipient has a conversation with the owner, unless the post shows its
 * audience. Then they all are in one, and a provider that has several of them is sent one request.
 */
export function createIntertalkDelivery({
  address,
  secrets,
  now,
  allowLoopback = false,
  recipients = {},
}: IntertalkDeliveryOptions): DeliveryProtocol {
  const sent = new Map<string, Sent>()
  return {
    name: 'intertalk',
    reaches: 'address',
    takesBack: false,
    carries: (exposure) => exposure !== 'public',
    async discover(destination, web) {
      const recipient = parseAcctUrl(destination)
      if (!recipient || recipient.domain === address.domain) return undefined
      return discoverProvider(recipient.domain, { ...web, now, allowLoopback })
    },
    async explain(destination) {
      const recipient = parseAcctUrl(destination)
      const isInClear = recipient && domainUrl(recipient.domain).protocol === 'http:'
      if (!isInClear) return []
      return [`${recipient.domain} is this machine: messages go there without HTTPS`]
    },
    deliver,
  }

  async function deliver(parcel: Parcel, _endpoint: URL, web: WebOptions): Promise<Receipt> {
    const recipient = parseAcctUrl(parcel.destination)
    if (!recipient) return { outcome: 'skipped', reason: 'the recipient has no address' }
    const letter = await parcel.letter()
    if (!letter) return { outcome: 'skipped', reason: 'what the post says is no longer known' }

    // Themselves they are by the address that the parcel goes to, whatever the audience calls them.
    const others = letter.audience.filter((id) => id !== parcel.recipient)
    const conversation = conversationOf(others, { recipient, owner: address, recipients })
    const message = messageOf(letter, conversation, { owner: address, sentAt: now() })
    return once(`${recipient.domain} ${message.id}`, async () => {
      const options = { ...web, secrets, now, allowLoopback, only: [recipient.domain] }
      const [provider] = await sendToProviders(message, options)
      return (
        provider?.receipt ?? { outcome: 'skipped', reason: 'the recipient is at our own domain' }
      )
    })
  }

  /** The deploy comes once for each recipient; a provider is sent one request for all of them. */
  async function once(name: string, send: () => Promise<Receipt>): Promise<Receipt> {
    const earlier = sent.get(name)
    if (earlier) {
      // What was thrown was told to whoever came first.
      const receipt = await earlier.receipt.catch(() => undefined)
      const isRecent = now().getTime() < earlier.at + FAILURE_MEMORY
      if (receipt && (receipt.outcome === 'delivered' || isRecent)) return receipt
    }
    const receipt = send()
    sent.delete(name)
    sent.set(name, { at: now().getTime(), receipt })
    for (const oldest of [...sent.keys()].slice(0, -MAX_REQUESTS)) sent.delete(oldest)
    return receipt
  }
}
