import { redactSecrets, redactTokens } from '../web/redaction.ts'
import type { DeliveryRecord } from '../ledger/ledger.ts'
import type { Handover, PlannedDelivery } from './plan.ts'
import { explain } from './tried.ts'

/** What came of one delivery, for people and for programs. Nothing in it opens a private post. */
export interface DeliveryRow {
  readonly post: string
  readonly recipient: string | null
  readonly source: string
  readonly target: string
  readonly endpoint: string | null
  readonly protocol: string | null
  /** Every protocol that was tried for what the post says now, in that order. */
  readonly tried: readonly TriedRow[]
  readonly outcome: DeliveryRecord['outcome']
  readonly reason: string
  readonly attempts: number
  readonly nextTry: string | null
  /** Whether the source is a private post. */
  readonly private: boolean
}

interface TriedRow {
  readonly protocol: string
  readonly outcome: DeliveryRecord['outcome']
  readonly reason: string
}

/** A row from what the ledger says; `said` is what this run says instead. */
export function rowOf(
  record: DeliveryRecord,
  said: Partial<Pick<DeliveryRow, 'outcome' | 'reason'>> = {},
): DeliveryRow {
  const { post, recipient, source, target, endpoint, protocol, attempts, nextTry } = record
  const outcome = said.outcome ?? record.outcome
  return {
    post,
    recipient: recipient === null ? null : speakable(recipient),
    source: speakable(source),
    target: speakable(target),
    endpoint: endpoint === undefined ? null : speakable(endpoint),
    protocol: protocol ?? null,
    tried: triedBy(record),
    outcome,
    reason: speakable(said.reason ?? reasonOf(record)),
    attempts,
    nextTry: (outcome === 'pending' && nextTry) || null,
    // The one reader of an unlisted post has no name; a gated post has no token.
    private: recipient !== null || redactTokens(source) !== source,
  }
}

function triedBy({ tried, protocol, outcome, reason, attempts }: DeliveryRecord): TriedRow[] {
  const own = protocol === undefined || attempts === 0 ? [] : [{ protocol, outcome, reason }]
  return (tried ?? own).map((entry) => ({ ...entry, reason: speakable(entry.reason) }))
}

/** What came of it, and why it was not the protocol that the author likes best. */
function reasonOf({ tried = [], protocol, carrier, outcome, reason }: DeliveryRecord): string {
  const others = tried.slice(0, -1)
  const isCarried = outcome === 'delivered' || (outcome === 'pending' && carrier !== undefined)
  if (!isCarried || others.length === 0) return reason
  const how = outcome === 'delivered' ? 'delivered' : 'to be delivered'
  return `${how} by ${protocol}, because ${explain(others)}; ${protocol}: ${reason}`
}

/** A row for what this run did not try, with what earlier runs have to say of it. */
export function untriedRow(
  { post, recipient, source, target, content }: PlannedDelivery,
  record: DeliveryRecord | undefined,
  said: Pick<DeliveryRow, 'outcome' | 'reason'>,
): DeliveryRow {
  const before = record ?? { content, known: false, attempts: 0, ...said }
  const pair = { post, recipient, source: source.href, target: target.href }
  return rowOf({ ...before, ...pair, nextTry: undefined }, said)
}

/** A row for somebody whom the author tells. */
export function handoverRow({ post, recipient, source }: Handover): DeliveryRow {
  return {
    post,
    recipient: speakable(recipient),
    source: speakable(source.href),
    target: speakable(recipient),
    endpoint: null,
    protocol: null,
    tried: [],
    outcome: 'skipped',
    reason: `hand the link over: private-posts links ${post}`,
    attempts: 0,
    nextTry: null,
    private: true,
  }
}

/**
 * 1 if something was refused, else 3 if something did not arrive, else 0. That a public post links to
 * an address that we do not visit, such as `http://localhost`, is nobody's fault; that our own site is
 * at one is (nothing was tried then).
 */
export function exitCodeOf(rows: readonly DeliveryRow[]): 0 | 1 | 3 {
  const isFault = (row: DeliveryRow) => row.private || row.attempts === 0
  if (rows.some((row) => row.outcome === 'refused' && isFault(row))) return 1
  return rows.some(({ outcome }) => outcome === 'pending' || outcome === 'failed') ? 3 : 0
}

/**
 * The rows for people: one line each, by post, and a summary.
 *
 * @param nothing Why there is nothing to deliver, where that is so.
 */
export function formatReport(rows: readonly DeliveryRow[], nothing?: string): string {
  const posts = new Map<string, DeliveryRow[]>()
  for (const row of rows) posts.set(row.post, [...(posts.get(row.post) ?? []), row])

  const lines: string[] = []
  for (const [post, of] of posts) lines.push(post, ...of.map(formatRow), '')
  return `${[...lines, summaryOf(rows, nothing)].join('\n')}\n`
}

function formatRow({ outcome, target, reason, nextTry, protocol, tried }: DeliveryRow): string {
  const next = nextTry === null ? '' : `; next try after ${nextTry}`
  // An address is shown as people write it.
  const who = target.replace(/^acct:/, '')
  // Where several were tried, the reason says which.
  const by =
    outcome === 'delivered' && protocol !== null && tried.length < 2 ? `by ${protocol}: ` : ''
  return `  ${outcome.padEnd('delivered'.length)}  ${who}  ${by}${reason}${next}`
}

const OUTCOMES = ['delivered', 'pending', 'refused', 'failed', 'skipped'] as const

function summaryOf(rows: readonly DeliveryRow[], nothing: string | undefined): string {
  const why = nothing === undefined ? 'Nothing to deliver.' : `Nothing to deliver: ${nothing}.`
  if (rows.length === 0) return why
  const counts = OUTCOMES.flatMap((outcome) => {
    const count = rows.filter((row) => row.outcome === outcome).length
    return count === 0 ? [] : [`${count} ${outcome}`]
  })
  return `${counts.join(', ')}.${nothing === undefined ? '' : ` ${why}`}`
}

/** What stands before the host of a URL. */
const USER_INFO = /(?<=:\/\/)[^/?#\s@]*@/g

/** One line without control characters, which a stranger may have put there, and without secrets. */
export function speakable(text: string): string {
  return redactSecrets(text.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').replace(USER_INFO, '…@'))
}
