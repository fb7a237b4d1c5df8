import * as v from 'valibot'
import { updateEntry, type Store } from '../store/store.ts'
import { hostOf } from './pattern.ts'
import type { Judgement, Policy } from './policy.ts'

/** `policy/decisions`: hosts that the owner blocked, or always allows, by a button. */
const KEY = 'policy/decisions'
/** More than anybody presses by hand; beyond it the oldest go. */
const MAX_DECISIONS = 1000

const Lists = v.object({ allow: v.array(v.string()), deny: v.array(v.string()) })

/** Hosts, the latest decision first. */
export type DecidedHosts = Readonly<v.InferOutput<typeof Lists>>

export interface Decisions {
  read(): Promise<DecidedHosts>
  block(host: string): Promise<void>
  allow(host: string): Promise<void>
  /** As if there had never been a decision on it. */
  forget(host: string): Promise<void>
}

export function openDecisions(store: Store): Decisions {
  return {
    read: async () => parse((await store.get(KEY))?.value),
    block: (host) => change(host, ({ allow, deny }, name) => ({ allow, deny: [name, ...deny] })),
    allow: (host) => change(host, ({ allow, deny }, name) => ({ allow: [name, ...allow], deny })),
    forget: (host) => change(host, (lists) => lists),
  }

  async function change(
    host: string,
    decide: (others: DecidedHosts, name: string) => DecidedHosts,
  ): Promise<void> {
    const name = hostOf(host)
    const others = (hosts: readonly string[]) => hosts.filter((other) => hostOf(other) !== name)
    await updateEntry(store, KEY, (value) => {
      const { allow, deny } = parse(value)
      const next = decide({ allow: others(allow), deny: others(deny) }, name)
      const bounded = (hosts: readonly string[]) => hosts.slice(0, MAX_DECISIONS)
      return { value: { allow: bounded(next.allow), deny: bounded(next.deny) } }
    })
  }
}

/**
 * Judges by what the owner decided in the inbox, and only then by the configured lists: who presses
 * "block" means it, also of a site that the configuration allows. As there, an allowed sender does not
 * clear the way for the hosts that its message came by.
 *
 * @param addresses The sender's first.
 */
export function judgeSender(
  addresses: readonly string[],
  { policy, decided }: { readonly policy: Policy; readonly decided: DecidedHosts },
): Judgement {
  const isOf = (hosts: readonly string[]) => {
    const names = new Set(hosts.map(hostOf))
    return (address: string) => names.has(hostOf(address))
  }
  if (addresses.some(isOf(decided.deny))) return { verdict: 'reject', by: 'deny' }
  if (!addresses.slice(0, 1).some(isOf(decided.allow))) return policy.judge(addresses)

  const isAllowed = isOf(decided.allow)
  const others = policy.judge(addresses.filter((address) => !isAllowed(address)))
  const isObjection = others.by === 'deny' || others.by === 'hold'
  return isObjection ? others : { verdict: 'accept', by: 'allow' }
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

function parse(value: unknown): DecidedHosts {
  return value === undefined ? { allow: [], deny: [] } : v.parse(Lists, value)
}
