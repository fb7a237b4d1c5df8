import type { Receipt } from '../delivery/delivery.ts'
import { formatUserAddress, parseAcctUrl } from '../web/user-address.ts'
import { isCandidate, type Consideration } from './candidates.ts'
import type { PlannedDelivery } from './plan.ts'
import { listOf } from './tried.ts'

/** What is said of a delivery that no protocol can carry: which were asked, and what the author can do. */
export function noRoute(
  { post, target }: Pick<PlannedDelivery, 'post' | 'target'>,
  considered: readonly Consideration[],
): Receipt {
  const reason = whyNoRoute(considered)
  const hint = mailHint(target)
  if (hint === undefined) return { outcome: 'skipped', reason }
  const remedy = `hand the link over: private-posts links ${post}; ${hint}`
  return { outcome: 'skipped', reason: `${reason}: ${remedy}` }
}

/** For whoever wrote an address of mail as one of a protocol: nothing else tells the two apart. */
export function mailHint(target: URL): string | undefined {
  const address = parseAcctUrl(target)
  return address && `if this is a mail address, write mailto:${formatUserAddress(address)}`
}

/** `no webmention or rel-pm endpoint`, or why nobody could be asked. */
export function whyNoRoute(considered: readonly Consideration[]): string {
  const asked = considered.filter(isCandidate).map(({ protocol }) => protocol.name)
  if (asked.length > 0) return `no ${listOf(asked, 'or')} endpoint`
  const whys = new Map<string, string[]>()
  for (const one of considered) {
    if (isCandidate(one)) continue
    whys.set(one.whyNot, [...(whys.get(one.whyNot) ?? []), one.protocol.name])
  }
  if (whys.size === 0) return 'this site speaks no protocol'
  const parts = [...whys].map(([why, names]) => `${listOf(names, 'and')}: ${why}`)
  return `no protocol can carry it (${parts.join('; ')})`
}
