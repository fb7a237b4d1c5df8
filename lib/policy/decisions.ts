import * as v from 'valibot'
import { readKept, updateKept } from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import { domainOf, hostOf, mainAddressOf } from './pattern.ts'
import { withoutOwnHost, type Judgement, type Policy } from './policy.ts'

/** `policy/decisions`: hosts and addresses that the owner blocked, or always allows, by a button. */
const KEY = 'policy/decisions'
/** More than anybody presses by hand; beyond it the oldest go. */
const MAX_DECISIONS = 1000

const Lists = v.object({ allow: v.array(v.string()), deny: v.array(v.string()) })

/** Hosts, and addresses such as `bob@chat.example`; the latest decision first. */
export type DecidedSenders = Readonly<v.InferOutput<typeof Lists>>

const NONE: DecidedSenders = { allow: [], deny: [] }

export interface Decisions {
  read(): Promise<DecidedSenders>
  /** Of a host: with everybody who has an address there. Of an address: with its sub-addresses. */
  block(sender: string): Promise<void>
  allow(sender: string): Promise<void>
  /** As if there had never been a decision on it. */
  forget(sender: string): Promise<void>
}

export function openDecisions(store: Store): Decisions {
  return {
    read: async () => (await readKept(store, KEY, Lists))?.value ?? NONE,
    block: (sender) =>
      change(sender, ({ allow, deny }, name) => ({ allow, deny: [name, ...deny] })),
    allow: (sender) =>
      change(sender, ({ allow, deny }, name) => ({ allow: [name, ...allow], deny })),
    forget: (sender) => change(sender, (lists) => lists),
  }

  async function change(
    sender: string,
    decide: (others: DecidedSenders, name: string) => DecidedSenders,
  ): Promise<void> {
    const name = hostOf(sender)
    const others = (names: readonly string[]) => names.filter((other) => hostOf(other) !== name)
    await updateKept(store, KEY, Lists, (value) => {
      const { allow, deny } = value ?? NONE
      const next = decide({ allow: others(allow), deny: others(deny) }, name)
      const bounded = (names: readonly string[]) => names.slice(0, MAX_DECISIONS)
      return { value: { allow: bounded(next.allow), deny: bounded(next.deny) } }
    })
  }
}

/**
 * Judges by what the owner decided in the inbox, and only then by the configured lists: who presses
 * "block" means it, also of a site that the configuration allows. As there, an allowed sender does not
 * clear the way for the hosts that its message came by.
 *
 * A decision on one person counts more than one on everybody at their host: a friend at a provider that is
 * blocked may write, and who is blocked may not, although the provider is allowed.
 *
 * @param addresses The sender's first.
 */
export function judgeSender(
  addresses: readonly string[],
  { policy, decided }: { readonly policy: Policy; readonly decided: DecidedSenders },
): Judgement {
  const decision = decisionsBySender(decided)
  const [sender, ...others] = withoutOwnHost(addresses)
  if (sender === undefined) return policy.judge([])
  if ([sender, ...others].some((address) => decision(address) === 'deny')) {
    return { verdict: 'reject', by: 'deny' }
  }
  if (decision(sender) !== 'allow') return policy.judge(addresses)

  const unknown = others.filter((address) => decision(address) !== 'allow')
  const objection = policy.judge(unknown)
  const isObjection = objection.by === 'deny' || objection.by === 'hold'
  return isObjection ? objection : { verdict: 'accept', by: 'allow' }
}

/** The narrowest decision: on the address itself, on the one that it is a sub-address of, on its host. */
function decisionsBySender({ allow, deny }: DecidedSenders) {
  const allowed = new Set(allow.map(hostOf))
  const denied = new Set(deny.map(hostOf))
  return (address: string): 'allow' | 'deny' | undefined => {
    const name = hostOf(address)
    const main = mainAddressOf(address)
    if (denied.has(name)) return 'deny'
    if (allowed.has(name)) return 'allow'
    if (main !== undefined && denied.has(main)) return 'deny'
    if (denied.has(domainOf(address))) return 'deny'
    return allowed.has(domainOf(address)) ? 'allow' : undefined
  }
}

/** The lists and the owner's decisions as they are at that moment, for whoever has to know. */
export interface SenderPolicy {
  /** @param addresses The sender's first, then every host that the message came by. */
  judge(addresses: readonly string[]): Promise<Judgement>
  /** Whether nothing is wanted from there, whoever sends it: not even a visit is. */
  isDenied(address: string): Promise<boolean>
}

export function createSenderPolicy(policy: Policy, decisions: Decisions): SenderPolicy {
  const judge = async (addresses: readonly string[]) =>
    judgeSender(addresses, { policy, decided: await decisions.read() })
  return {
    judge,
    isDenied: async (address) => (await judge([address])).by === 'deny',
  }
}
