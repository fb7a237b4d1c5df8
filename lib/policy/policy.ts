/**
 * Who may write to the owner: FMTP's whitelist, blacklist and policy, for every protocol.
 *
 * 1. {@link compilePolicy} – reads the lists once; what is no pattern is an error there
 * 2. {@link judge} – allow, deny, hold, and what becomes of everybody else
 * 3. `decisions.ts` – what the owner decides with a button in the inbox, before any list
 *
 * @see FMTP, WHITELIST ("supersedes blacklist"), BLACKLIST, POLICY
 * @module
 */
import { compilePattern, isOwnHost, mainAddressOf, type AddressPattern } from './pattern.ts'

/** What becomes of a message: the inbox takes it, asks the owner first, or forgets it. */
export type Verdict = 'accept' | 'hold' | 'reject'

/** Lists of patterns, as the site is configured. */
export interface PolicyLists {
  readonly allow: readonly string[]
  readonly deny: readonly string[]
  readonly hold: readonly string[]
  /** What becomes of everybody else. */
  readonly otherwise: Verdict
}

/** A verdict, and the list that it comes from; `undefined` where none knows the sender. */
export interface Judgement {
  readonly verdict: Verdict
  readonly by: 'allow' | 'deny' | 'hold' | undefined
}

/** The lists, ready for use. */
export interface Policy {
  /** @param addresses The sender's first, then every host that the message came by. */
  judge(addresses: readonly string[]): Judgement
}

/** @throws {ConfigurationError} naming the pattern that is none */
export function compilePolicy({ allow, deny, hold, otherwise }: PolicyLists): Policy {
  const isAllowed = anyOf(allow)
  const isDenied = ofMainAddress(anyOf(deny))
  const isHeld = ofMainAddress(anyOf(hold))

  return {
    judge(all) {
      const addresses = withoutOwnHost(all)
      const [sender] = addresses
      // Of one address, allow wins over deny. That the sender is allowed does not clear the way for
      // the others: an allowed site that redirects to a denied one brings in the denied one's message.
      const others = addresses.filter((address) => !isAllowed(address))
      if (others.some(isDenied)) return { verdict: 'reject', by: 'deny' }
      if (others.some(isHeld)) return { verdict: 'hold', by: 'hold' }
      if (sender !== undefined && isAllowed(sender)) return { verdict: 'accept', by: 'allow' }
      return { verdict: otherwise, by: undefined }
    },
  }
}

/**
 * Without the host that the sender is at: who is allowed by name is so although everybody else there is denied.
 */
export function withoutOwnHost(addresses: readonly string[]): readonly string[] {
  const [sender, ...others] = addresses
  if (sender === undefined) return []
  return [sender, ...others.filter((address) => !isOwnHost(address, sender))]
}

/**
 * Judges a message by the addresses that it came from, the sender's first.
 *
 * @throws {ConfigurationError} for a pattern that is none; {@link compilePolicy} says so earlier
 */
export function judge(policy: PolicyLists, addresses: readonly string[]): Verdict {
  return compilePolicy(policy).judge(addresses).verdict
}

/**
 * For whoever reads the lists from a configuration, long before anybody writes.
 *
 * @throws {ConfigurationError} naming the pattern that is none
 */
export function validatePolicy(policy: PolicyLists): void {
  compilePolicy(policy)
}

function anyOf(patterns: readonly string[]): AddressPattern {
  const compiled = patterns.map(compilePattern)
  return (address) => compiled.some((matches) => matches(address))
}

/**
 * Who is kept out is so under each of their sub-addresses, which they make as they like. That one is let in
 * does not hold for the others: not every provider gives them all to the same person.
 */
function ofMainAddress(matches: AddressPattern): AddressPattern {
  return (address) => {
    const main = mainAddressOf(address)
    return matches(address) || (main !== undefined && matches(main))
  }
}
