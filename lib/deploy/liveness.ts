import type { AgendaItem } from './agenda.ts'
import type { PageContents } from './built-site.ts'
import { GONE } from './content.ts'
import type { Departure } from './departures.ts'
import type { HostLimit } from './host-limit.ts'
import { waitUntilLive, type Expectation, type Liveness, type WaitOptions } from './live.ts'
import type { PlannedDelivery } from './plan.ts'

export interface LivenessOptions extends Omit<WaitOptions, 'onWaiting' | 'shown'> {
  readonly limit: HostLimit
  readonly onWaiting: (source: URL) => void
  readonly departures: readonly Departure[]
}

/** Tells of a source whether it is live as built. Each is looked at once, however many it concerns. */
export function createLiveness(
  items: readonly AgendaItem[],
  site: PageContents,
  { limit, onWaiting, fetch, departures, ...options }: LivenessOptions,
): (source: URL) => Promise<Liveness> {
  const answers = new Map<string, Promise<Liveness>>()
  const deliveries = deliveriesBySource(items)

  return (source) => {
    const answer = answers.get(source.href) ?? wait(source)
    answers.set(source.href, answer)
    return answer
  }

  async function wait(source: URL): Promise<Liveness> {
    const departure = departures.find((one) => one.source.href === source.href)
    const expected = departure
      ? {
          content: undefined,
          mustExist: false,
          mustBeGone: true,
          lost: [],
          isGated: departure.isGated,
        }
      : await expectationOf(source, deliveries.get(source.href) ?? [], site)
    return waitUntilLive(source, expected, {
      ...options,
      shown: site.shown,
      fetch: (url, init) => limit.run(url, () => fetch(url, init)),
      onWaiting: () => onWaiting(source),
    })
  }
}

async function expectationOf(
  source: URL,
  deliveries: readonly PlannedDelivery[],
  site: PageContents,
): Promise<Expectation> {
  const present = deliveries.find(({ content }) => content !== GONE)
  // A private page in the output may be one whose link was revoked since: it is no sign of the deploy.
  const isPrivate = deliveries.some(({ exposure }) => exposure === 'capability')
  return {
    isGated: deliveries.some(({ exposure }) => exposure === 'gated'),
    ...(present?.hashedAt && { hashedAt: present.hashedAt }),
    content: present?.content ?? (isPrivate ? undefined : await site.contentAt(source)),
    mustExist: present !== undefined,
    lost: deliveries.filter(({ content }) => content === GONE).map(({ target }) => target),
  }
}

function deliveriesBySource(items: readonly AgendaItem[]): Map<string, PlannedDelivery[]> {
  const bySource = new Map<string, PlannedDelivery[]>()
  for (const item of items) {
    if (item.step !== 'send') continue
    const { href } = item.delivery.source
    const others = bySource.get(href)
    if (others) others.push(item.delivery)
    else bySource.set(href, [item.delivery])
  }
  return bySource
}
