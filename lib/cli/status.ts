import { isReachable, type Recipients } from '../deploy/candidates.ts'
import { exposedAt } from '../deploy/exposure-report.ts'
import { describeNotSpoken, notSpoken, type NotSpoken } from '../deploy/settled.ts'
import { whyNotBuilt } from '../ledger/absence.ts'
import { latestOf } from '../ledger/issue.ts'
import { readerState } from '../ledger/invitation.ts'
import {
  type DeliveryRecord,
  type Ledger,
  type LinkState,
  type PostRecord,
} from '../ledger/ledger.ts'
import { exposureOf, type Exposure } from '../ledger/watch-record.ts'
import { redactSecrets } from '../web/redaction.ts'
import { UsageError, type Command } from './command.ts'
import { formatSilent, silentPages } from './silent-pages.ts'
import { byPath, openSite, printable, recipientName, SITE_HELP, SITE_OPTIONS } from './site.ts'

interface RecipientStatus {
  readonly recipient: string | null
  readonly state: LinkState
  /** Why the last build wrote no page for this recipient, where that is so. */
  readonly notBuilt?: string
  /** Where everybody could read its link, and since when that is known. */
  readonly exposed?: Exposure
  /** Of the latest try; `null` when nothing was tried. */
  readonly outcome: DeliveryRecord['outcome'] | null
  readonly at: string | null
  /** By which protocol. */
  readonly protocol: string | null
  /** Where no protocol was spoken: what was found, and when it is looked at again. */
  readonly notSpoken?: NotSpoken
}

interface PostStatus extends Pick<PostRecord, 'visibility' | 'access'> {
  readonly post: string
  readonly recipients: readonly RecipientStatus[]
}

/** Whose site it is, and the addresses that its options give to recipients. */
interface Owner {
  readonly me: string | undefined
  readonly recipients: Recipients
}

/** Who may read what, and who has been told. Prints no secret. */
export const statusCommand: Command = {
  name: 'status',
  summary: 'Shows who may read each post, and whether they were told.',
  parameters: '[options]',
  help: SITE_HELP,
  options: SITE_OPTIONS,

  async run({ positionals, values }, context) {
    if (positionals.length > 0) throw new UsageError('it takes no arguments')
    const ledger = await openSite(values, context).read()
    const posts = statusOf(ledger, context.now())
    const silent = silentPages(ledger)
    const owner = { me: ledger.site?.me, recipients: ledger.site?.recipients ?? {} }
    context.terminal.out(
      values['json']
        ? `${JSON.stringify({ posts, ...(silent.length > 0 && { silent }) }, null, 2)}\n`
        : `${table(posts, owner)}${formatSilent(silent)}`,
    )
    return 0
  },
}

function statusOf(ledger: Ledger, now: Date): PostStatus[] {
  const entries = Object.entries(ledger.posts)
  return entries
    .toSorted(([, one], [, other]) => byPath(one, other))
    .map(([postId, record]) => {
      const deliveries = ledger.deliveries.filter(
        ({ post }) => post === record.path || post === postId,
      )
      return {
        post: record.path,
        visibility: record.visibility,
        access: record.access,
        recipients: recipientsOf(record, deliveries, ledger, now),
      }
    })
}

/** One row for each recipient: what became of the links before the latest does not matter here. */
function recipientsOf(
  record: PostRecord,
  deliveries: readonly DeliveryRecord[],
  { site, watches }: Ledger,
  now: Date,
): RecipientStatus[] {
  const { links, absent } = record
  const surroundings = { invitations: site?.invitations ?? 'once', watches, now }
  const recipients = [...new Set(links.map(({ recipient }) => recipient))]
  return recipients.flatMap((recipient) => {
    const link = latestOf(links.filter((candidate) => candidate.recipient === recipient))
    if (!link) return []
    const delivery = latestTry(deliveries.filter((candidate) => candidate.recipient === recipient))
    const known = delivery && notSpoken(delivery)
    const state = readerState(record, link, surroundings)
    const exposure = state === 'exposed' ? exposureOf(watches, link.token) : undefined
    return {
      recipient,
      state,
      ...(exposure && { exposed: { at: exposure.at, place: redactSecrets(exposure.place) } }),
      ...(state === 'not-built' && { notBuilt: whyNotBuilt(absent) }),
      outcome: delivery?.outcome ?? null,
      at: delivery?.lastTry ?? delivery?.firstTry ?? null,
      protocol: delivery?.protocol ?? null,
      ...(known && { notSpoken: { ...known, reason: redactSecrets(known.reason) } }),
    }
  })
}

function latestTry(deliveries: readonly DeliveryRecord[]): DeliveryRecord | undefined {
  const triedAt = ({ lastTry, firstTry }: DeliveryRecord) =>
    Date.parse(lastTry ?? firstTry ?? '') || 0
  return deliveries.toSorted((one, other) => triedAt(other) - triedAt(one))[0]
}

function table(posts: readonly PostStatus[], owner: Owner): string {
  const shown = posts.filter(({ recipients }) => recipients.length > 0)
  if (shown.length === 0) return 'There are no private posts yet.\n'
  const names = shown.flatMap(({ recipients }) => recipients.map(nameOf))
  const width = Math.max(...names.map(({ length }) => length))
  const states = shown.flatMap(({ recipients }) => recipients.map(stateText))
  const stateWidth = Math.max('revoked'.length, ...states.map(({ length }) => length))
  const blocks = shown.map(({ post, visibility, access, recipients }) => {
    const rows = recipients.map((row) =>
      `  ${nameOf(row).padEnd(width)}  ${stateText(row).padEnd(stateWidth)}  ${told(row, owner)}`.trimEnd(),
    )
    const kind = access === 'gate' ? `${visibility}, gate` : visibility
    return [`${printable(post)} (${kind})`, ...rows, ''].join('\n')
  })
  return `${blocks.join('\n')}`
}

function nameOf(row: RecipientStatus): string {
  return printable(recipientName(row))
}

function stateText({ state, notBuilt }: RecipientStatus): string {
  return notBuilt === undefined ? state : `not built: ${notBuilt}`
}

/** What the author still has to do stands where it can be seen. */
function told(
  { recipient, state, exposed, outcome, at, protocol, notSpoken: known }: RecipientStatus,
  { me, recipients: aliases }: Owner,
): string {
  if (exposed) return `${exposedAt(exposed)}: private-posts rotate`
  if (outcome !== null) {
    const day = at === null ? '' : ` ${at.slice(0, 10)}`
    const why = known ? `: ${printable(describeNotSpoken(known))}` : ''
    return `${outcome}${day}${protocol === null ? '' : ` by ${protocol}`}${why}`
  }
  if (state !== 'live') return ''
  if (recipient !== null && recipient === me) return 'yours: private-posts links'
  if (recipient !== null && isReachable(recipient, aliases)) return 'not told yet'
  return 'hand the link over: private-posts links'
}
