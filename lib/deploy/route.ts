/**
 * Which protocol carries a delivery: the first, in the author's order, that its recipient speaks.
 *
 * 1. `considerProtocols` (candidates.ts) – what could carry it at all: made for such a post, not excluded by a
 *    pin, and known where to ask
 * 2. {@link Routing.candidatesFor} – in which order they are asked: first the one by which the post may have
 *    arrived already, or else the one that the recipient was found to speak in the last week; then the author's
 *    order. What is removed is told by the protocol that delivered it, and by no other
 * 3. {@link Routing.discover} – where the recipient accepts it; asked once in a run, and anew in each run, since
 *    endpoints move
 * 4. `deliverItem` (deliver.ts) – the first that is spoken carries it, the next only after a permanent refusal
 * 5. {@link Routing.learned} – the one that worked is remembered
 *
 * A protocol that could not be asked (no answer, no DNS) keeps the delivery pending. To go on with the next would
 * send to the second choice whenever the first has a bad minute, and then for a week; only what is remembered
 * comes before it. After three days of silence it passes for one that is not spoken.
 *
 * @module
 */
import type { DeliveryProtocol } from '../delivery/delivery.ts'
import type { DeliveryRecord, RouteRecord } from '../ledger/ledger.ts'
import type { WebOptions } from '../web/fetch.ts'
import { watchAnswers } from './again-soon.ts'
import {
  considerProtocols,
  isCandidate,
  isOwnTarget,
  type Addressee,
  type Candidate,
  type Consideration,
  type Recipients,
} from './candidates.ts'
import { GONE } from './content.ts'
import type { HostLimit } from './host-limit.ts'
import { carrierOf } from './outcome.ts'
import type { PlannedDelivery } from './plan.ts'

/** Within a week somebody who begins to speak what the author prefers is found to. */
const LIFETIME = 7 * 24 * 60 * 60 * 1000

export interface Routing {
  /** All protocols of the site, and why one is out of the question. */
  consider(delivery: PlannedDelivery): readonly Consideration[]
  /** Those to ask, in this order. */
  candidatesFor(delivery: PlannedDelivery, record: DeliveryRecord | undefined): readonly Candidate[]
  /**
   * Where the candidate's destination accepts it, or `undefined` if it is not spoken there. Asked once in a run.
   *
   * @param failed What it threw before: then it is asked once more, together with all who wait for the same.
   */
  discover(candidate: Candidate, failed?: unknown): Promise<URL | undefined>
  /** Whether what {@link discover} threw may soon be over. */
  isBrief(error: unknown): boolean
  /** What is to be remembered when the candidate has delivered; `undefined` if nothing is new. */
  learned(delivery: PlannedDelivery, candidate: Candidate): RouteRecord | undefined
  /** Names what is allowed and possible: under another name, what was not sent is looked at again. */
  policyFor(delivery: PlannedDelivery): string
}

export interface RoutingOptions {
  /** In the author's order. */
  readonly protocols: readonly DeliveryProtocol[]
  readonly recipients: Recipients
  /** What earlier runs have learned. */
  readonly routes: readonly RouteRecord[]
  readonly deliveries: readonly PlannedDelivery[]
  readonly policy: string
  readonly now: () => Date
  readonly limit: HostLimit
  readonly web: WebOptions
}

/** One that a run has put to a destination. */
interface Question {
  readonly answer: Promise<URL | undefined>
  error?: unknown
}

export function createRouting({
  protocols,
  recipients,
  routes,
  deliveries,
  policy,
  now,
  limit,
  web,
}: RoutingOptions): Routing {
  const considered = new WeakMap<PlannedDelivery, readonly Consideration[]>()
  const questions = new Map<string, Question>()
  /** Errors that may soon be over. */
  const brief = new WeakSet<Error>()
  const known = new Map<string, RouteRecord[]>()
  for (const route of routes) known.set(route.to, [...(known.get(route.to) ?? []), route])
  const routesTo = (delivery: PlannedDelivery) => known.get(otherEndOf(delivery, recipients)) ?? []
  const own = deliveries.filter((delivery) => isOwnTarget(delivery, recipients))
  const toldAnyway = new Set(own.map(copyOf))

  return { consider, candidatesFor, discover, isBrief, learned, policyFor }

  function consider(delivery: PlannedDelivery): readonly Consideration[] {
    const known = considered.get(delivery)
    if (known) return known
    const isToldAnyway = toldAnyway.has(copyOf(delivery))
    const isEnd = delivery.content === GONE
    const all = considerProtocols({ ...delivery, isToldAnyway, isEnd }, protocols, recipients)
    considered.set(delivery, all)
    return all
  }

  function candidatesFor(
    delivery: PlannedDelivery,
    record: DeliveryRecord | undefined,
  ): readonly Candidate[] {
    const candidates = consider(delivery).filter(isCandidate)
    if (delivery.content === GONE) return candidates.filter((one) => canTakeBack(one, record))
    const first =
      carrierOf(record, delivery.content) ??
      rememberedRoute(delivery, candidates, {
        ...{ routes: routesTo(delivery), recipients, policy, now: now() },
      })?.protocol
    const isFirst = ({ protocol }: Candidate) => protocol.name === first
    return [...candidates.filter(isFirst), ...candidates.filter((candidate) => !isFirst(candidate))]
  }

  function discover(
    { protocol, destination }: Candidate,
    failed?: unknown,
  ): Promise<URL | undefined> {
    const key = `${protocol.name} ${destination.href}`
    const known = questions.get(key)
    if (known && (failed === undefined || known.error !== failed)) return known.answer
    const answers = watchAnswers(web.fetch)
    const options = { ...web, fetch: answers.fetch }
    const answer = limit.run(destination, () => protocol.discover(destination, options))
    const question: Question = { answer }
    questions.set(key, question)
    answer.catch((error: unknown) => {
      question.error = error
      if (answers.isBrief() && error instanceof Error) brief.add(error)
    })
    return answer
  }

  function isBrief(error: unknown): boolean {
    return error instanceof Error && brief.has(error)
  }

  function learned(delivery: PlannedDelivery, { protocol }: Candidate): RouteRecord | undefined {
    const candidates = consider(delivery).filter(isCandidate)
    // Where there is no choice, there is nothing to remember.
    if (delivery.content === GONE || candidates.length < 2) return undefined
    const context = { routes: routesTo(delivery), recipients, policy, now: now() }
    if (rememberedRoute(delivery, candidates, context)?.protocol === protocol.name) return undefined
    return {
      to: otherEndOf(delivery, recipients),
      exposure: delivery.exposure,
      choice: choiceOf(candidates, policy),
      protocol: protocol.name,
      expires: new Date(now().getTime() + LIFETIME).toISOString(),
    }
  }

  function policyFor(delivery: PlannedDelivery): string {
    return choiceOf(consider(delivery).filter(isCandidate), policy)
  }
}

interface Memory {
  readonly routes: readonly RouteRecord[]
  readonly recipients: Recipients
  readonly policy: string
  readonly now: Date
}

/** The protocol that whom this concerns was found to speak, under the same circumstances and not long ago. */
export function rememberedRoute(
  addressee: Addressee,
  candidates: readonly Candidate[],
  { routes, recipients, policy, now }: Memory,
): RouteRecord | undefined {
  const to = otherEndOf(addressee, recipients)
  const choice = choiceOf(candidates, policy)
  return routes.find(
    (route) =>
      route.to === to &&
      route.exposure === addressee.exposure &&
      route.choice === choice &&
      isAhead(Date.parse(route.expires), now.getTime()),
  )
}

/** A memory that lasts longer than any is long was written down by a clock that was wrong. */
function isAhead(time: number, now: number): boolean {
  return time > now && time <= now + LIFETIME
}

/** Whom a delivery reaches: the recipient at home, or a page. */
function otherEndOf({ recipient, target }: Addressee, recipients: Recipients): string {
  if (recipient !== null && isOwnTarget({ recipient, target }, recipients)) return recipient
  const page = new URL(target)
  page.hash = ''
  return page.href
}

function choiceOf(candidates: readonly Candidate[], policy: string): string {
  const ways = candidates.map(({ protocol: { name, reaches = 'page' }, destination }) =>
    reaches === 'page' ? name : `${name} ${destination.href}`,
  )
  return [policy, ...ways].join('; ')
}

/** A record from before there was a choice names no protocol. */
function canTakeBack({ protocol }: Candidate, record: DeliveryRecord | undefined): boolean {
  const isTeller = record?.protocol === undefined || record.protocol === protocol.name
  return isTeller && protocol.takesBack !== false
}

/** One recipient's copy of a post. */
function copyOf({ source, recipient }: Pick<PlannedDelivery, 'source' | 'recipient'>): string {
  return `${source.href} ${recipient}`
}
