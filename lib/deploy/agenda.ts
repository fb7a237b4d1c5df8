import type { DeliveryProtocol, SourceExposure } from '../delivery/delivery.ts'
import type { DeliveryRecord, Ledger } from '../ledger/ledger.ts'
import { pairOf } from '../ledger/journal.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { LONGEST_WAIT } from '../web/retry-after.ts'
import { looksLikeGateName } from '../web/token-alphabet.ts'
import { GONE } from './content.ts'
import type { Absentee } from './departures.ts'
import { goneSince } from './outcome.ts'
import { settledReason } from './settled.ts'
import type { Plan, PlannedDelivery } from './plan.ts'

/** A receiver's status page is kept for three days by the largest of them; then nothing is to be learned. */
const STATUS_LIFETIME = 3 * 24 * 60 * 60 * 1000

/**
 * What is to be done about one (source, target) pair.
 *
 * - `send`: it is due · `follow`: delivered, but the receiver had not come to an end with it
 * - `rest`: nothing to do, and nothing is asked of anybody
 */
export type AgendaItem =
  | {
      readonly step: 'send'
      readonly delivery: PlannedDelivery
      readonly record: DeliveryRecord | undefined
      readonly why: 'new' | 'changed' | 'due again' | 'forced' | 'removed' | 'in flight'
      /** Id of the post that has to count as deleted before this is sent. */
      readonly departure?: string
    }
  | {
      readonly step: 'follow'
      readonly record: DeliveryRecord
      readonly statusUrl: URL
      /** What goes by another protocol if this one's receiver rejects it; not of what is gone. */
      readonly delivery?: PlannedDelivery
    }
  | {
      readonly step: 'rest'
      readonly record: DeliveryRecord
      readonly outcome: DeliveryRecord['outcome']
      readonly reason: string
    }

export interface Agenda {
  readonly items: readonly AgendaItem[]
  /** Records of pairs that nobody wants and nobody was told of. */
  readonly obsolete: readonly DeliveryRecord[]
}

export interface AgendaRules {
  readonly settings: SiteRecord
  readonly site: URL
  readonly now: Date
  readonly protocols: readonly DeliveryProtocol[]
  /** What is allowed and possible in this run, for what was not in another. */
  readonly policyFor: (delivery: PlannedDelivery) => string
  /** The post of a source, if the last build had no page of it, and its link was not taken back. */
  readonly absenteeOf: (record: DeliveryRecord) => Absentee | undefined
  /** Pages that are gone, by their URL paths: since when. */
  readonly gone?: Ledger['gone']
  readonly force: boolean
}

/**
 * Compares what the build wants with what the ledger knows.
 *
 * An unchanged post is told only to those who have not got it yet; a changed one to all; and whoever
 * was told of a link that is no longer there is told once more, so that they can forget it. A post that has
 * only vanished from the build keeps its links, until a deploy without it was seen.
 */
export function compareWithLedger(
  { deliveries }: Plan,
  records: readonly DeliveryRecord[],
  rules: AgendaRules,
): Agenda {
  const known = new Map(records.map((record) => [pairOf(record), record]))
  const wanted = new Set(deliveries.map(pairOf))
  const unwanted = records.filter(
    (record) => record.source.startsWith(rules.site.href) && !wanted.has(pairOf(record)),
  )
  return {
    items: [
      ...deliveries.map((delivery) => decide(delivery, known.get(pairOf(delivery)), rules)),
      ...unwanted
        .filter((record) => record.known)
        .map(
          (record) => leaveAlone(record, rules) ?? letGo(record, rules) ?? takeBack(record, rules),
        ),
    ],
    obsolete: unwanted.filter(
      (record) => !record.known || (!leaveAlone(record, rules) && letGo(record, rules)),
    ),
  }
}

/** A post that has no page today may have one tomorrow: nobody is told anything of it. */
function leaveAlone(record: DeliveryRecord, rules: AgendaRules): AgendaItem | undefined {
  const absentee = rules.absenteeOf(record)
  if (!absentee || (absentee.isGone && whyLetGo(record, rules) === undefined)) return undefined
  return { step: 'rest', record, outcome: 'skipped', reason: absentee.reason }
}

/** What cannot be taken back is said once, and then forgotten. */
function letGo(record: DeliveryRecord, rules: AgendaRules): AgendaItem | undefined {
  const reason = whyLetGo(record, rules)
  return reason === undefined ? undefined : { step: 'rest', record, outcome: 'skipped', reason }
}

/** Nothing is sent where the words themselves were: those cannot be taken back. */
function whyLetGo(record: DeliveryRecord, rules: AgendaRules): string | undefined {
  const { protocol: name } = record
  const protocol = rules.protocols.find((candidate) => candidate.name === name)
  if (protocol?.takesBack === false) return `what was sent by ${name} cannot be taken back`
  const isSpoken = name === undefined || protocol !== undefined
  return isSpoken ? undefined : `it was sent by ${name}, which this site does not speak any more`
}

/** What a source was when it was sent, by where it lies. */
function exposureOf({ source }: DeliveryRecord, { settings, site }: AgendaRules): SourceExposure {
  const below = (prefix: string): string | undefined => {
    const { href } = new URL(prefix.replace(/^\/+/, ''), site)
    return source.startsWith(href) ? source.slice(href.length) : undefined
  }
  if (below(settings.prefix) !== undefined) return 'capability'
  const [name = '', ...rest] = below(settings.gatePrefix)?.split('/') ?? []
  return looksLikeGateName(name) && rest.join('/') === '' ? 'gated' : 'public'
}

function decide(
  delivery: PlannedDelivery,
  record: DeliveryRecord | undefined,
  rules: AgendaRules,
): AgendaItem {
  const send = (why: 'new' | 'changed' | 'due again' | 'forced' | 'in flight') =>
    ({ step: 'send', delivery, record, why }) as const
  if (!record) return send('new')
  if (rules.force) return send('forced')
  if (record.content !== delivery.content) return send('changed')
  if (record.inFlight) return send('in flight')
  return isDue(record, delivery, rules) ? send('due again') : rest(record, rules, delivery)
}

/** The last send of a pair that is no longer there. */
function takeBack(record: DeliveryRecord, rules: AgendaRules): AgendaItem {
  const isTold = record.content === GONE
  const { post, recipient } = record
  const [source, target] = [new URL(record.source), new URL(record.target)]
  const exposure = exposureOf(record, rules)
  const delivery = { post, recipient, source, target, exposure, content: GONE } as const
  const since = goneSince(record.source, rules.gone) ?? ''
  const isGoneSince = record.outcome === 'delivered' && since > (record.lastTry ?? since)
  const isOver = isTold && !isGoneSince && !isDue(record, delivery, rules)
  if (isOver && !rules.force) return rest(record, rules)
  const departure = rules.absenteeOf(record)?.postId
  return {
    ...{ step: 'send', delivery, record, why: 'removed' },
    ...(departure !== undefined && { departure }),
  }
}

function isDue(
  { outcome, nextTry, policy }: DeliveryRecord,
  delivery: PlannedDelivery,
  { now, policyFor }: AgendaRules,
): boolean {
  const isTime = nextTry === undefined || isOver(Date.parse(nextTry), now.getTime())
  switch (outcome) {
    case 'pending':
      return isTime
    case 'skipped':
      return isTime || (policy !== undefined && policy !== policyFor(delivery))
    case 'refused':
      return policy !== policyFor(delivery) || (nextTry !== undefined && isTime)
    case 'delivered':
    case 'failed':
      return false
  }
}

/** A wait further ahead than any is long was written down by a clock that was wrong. */
function isOver(time: number, now: number): boolean {
  return time <= now || time > now + 2 * LONGEST_WAIT
}

function rest(
  record: DeliveryRecord,
  { now, protocols }: AgendaRules,
  delivery?: PlannedDelivery,
): AgendaItem {
  const { outcome, reason, statusUrl, lastTry = '', protocol: name } = record
  if (outcome === 'pending' || outcome === 'refused') {
    return { step: 'rest', record, outcome, reason }
  }
  const { followed = STATUS_LIFETIME } = protocols.find((one) => one.name === name) ?? {}
  const isRecent = now.getTime() - Date.parse(lastTry) <= followed
  if (outcome === 'delivered' && statusUrl !== undefined && isRecent) {
    return {
      ...{ step: 'follow', record, statusUrl: new URL(statusUrl) },
      ...(delivery && { delivery }),
    }
  }
  return { step: 'rest', record, outcome: 'skipped', reason: settledReason(record) }
}
