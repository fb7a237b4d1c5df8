import type { DeliveryProtocol, Parcel, Receipt } from '../../lib/delivery/delivery.ts'

/** A protocol that does as it is told, and writes everything down. */
export interface ScriptedProtocol extends DeliveryProtocol {
  /** What it was asked to discover, and what it was given. */
  readonly asked: string[]
  readonly given: Parcel[]
  /** Where an endpoint is discovered, by the destination's href; throws what it throws. */
  spoken: (destination: URL) => string | undefined
  answer: (parcel: Parcel) => Receipt
}

export const DELIVERED: Receipt = { outcome: 'delivered', reason: 'taken' }
export const PENDING: Receipt = { outcome: 'pending', reason: 'not now' }
export const REFUSED: Receipt = { outcome: 'refused', reason: 'that would publish it' }
export const FAILED: Receipt = { outcome: 'failed', reason: 'they will not have it' }

/** By default it is spoken everywhere, and takes everything. */
export function scriptedProtocol(
  name: string,
  options: Partial<ScriptedProtocol> = {},
): ScriptedProtocol {
  const protocol: ScriptedProtocol = {
    name,
    asked: [],
    given: [],
    spoken: () => `https://${name}.example/`,
    answer: () => DELIVERED,
    async discover(destination) {
      protocol.asked.push(destination.href)
      const endpoint = protocol.spoken(destination)
      return endpoint === undefined ? undefined : new URL(endpoint)
    },
    async deliver(parcel) {
      protocol.given.push(parcel)
      return protocol.answer(parcel)
    },
    ...options,
  }
  return protocol
}

/** One that carries words to an address, or to a profile, and cannot take them back. */
export function scriptedMessenger(
  name: string,
  reaches: 'profile' | 'address',
  options: Partial<ScriptedProtocol> = {},
): ScriptedProtocol {
  const carries = (exposure: string) => exposure !== 'public'
  return scriptedProtocol(name, { reaches, takesBack: false, carries, ...options })
}

/** What it was given since the last time it was asked that. */
export function takeGiven({ given }: ScriptedProtocol): string[] {
  return given.splice(0).map(({ destination }) => destination.href)
}
