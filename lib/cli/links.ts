import { capabilityUrl } from '../capability-url/capability-url.ts'
import { gatedUrl, invitationUrl } from '../deploy/copies.ts'
import { exposedAt } from '../deploy/exposure-report.ts'
import { whyNotBuilt } from '../ledger/absence.ts'
import { linkEnd, readerState } from '../ledger/invitation.ts'
import type { Ledger, Link, LinkState, PostRecord } from '../ledger/ledger.ts'
import { exposureOf } from '../ledger/watch-record.ts'
import { ConfigurationError } from '../web/errors.ts'
import { UsageError, urlOption, type Command, type OptionValues } from './command.ts'
import { mailLink } from './mail-link.ts'
import { drawQrCode } from './qr.ts'
import {
  byPath,
  deployedAt,
  openSite,
  printable,
  recipientName,
  requirePostId,
  SITE_HELP,
  SITE_OPTIONS,
} from './site.ts'

/** A link as `--json` prints it. */
interface LinkRow {
  readonly post: string
  readonly recipient: string | null
  /** What this recipient opens: of a gated post, its address for whoever can sign in, else the invitation. */
  readonly url: string
  /** The address of a gated post, which opens nothing by itself; `null` for every other. */
  readonly gate: string | null
  /** Lets its recipient through the gate without signing in; `null` where there is no gate. */
  readonly invitation: string | null
  readonly state: LinkState
  readonly expires: string | null
  readonly issued: string
  /** Why it does not work, or not now; `null` while it does. */
  readonly reason: string | null
  /** `mailto:` link that hands the URL over; `null` for whoever has no mail address. */
  readonly mail: string | null
}

/** The only place that prints capability URLs in full. */
export const linksCommand: Command = {
  name: 'links',
  summary: 'Prints the private links and invitations, to hand them over.',
  parameters: '[post] [options]',
  help: [
    '--site URL     where the site is deployed, with its path prefix (default: what the last build was told)',
    '--qr           draw each live link as a QR code',
    '--all          show revoked and expired links as well',
    ...SITE_HELP,
  ],
  options: {
    ...SITE_OPTIONS,
    site: { type: 'string' },
    qr: { type: 'boolean' },
    all: { type: 'boolean' },
  },

  async run({ positionals, values }, context) {
    const [post, ...others] = positionals
    if (others.length > 0) throw new UsageError('name one post, or none for all')
    if (values['qr'] && values['json']) throw new UsageError('--qr is for people, --json is not')
    const ledger = await openSite(values, context).read()
    const records = recordsOf(ledger, post)
    const rowOf = createRow(ledger, values, context.now())

    if (values['json']) {
      const links = records.flatMap((record) => record.links.map((link) => rowOf(record, link)))
      context.terminal.out(`${JSON.stringify({ links }, null, 2)}\n`)
      return 0
    }
    const shown = records.filter(({ links }) => links.length > 0)
    if (shown.length === 0) context.terminal.out('There are no private links yet.\n')
    for (const record of shown) {
      const rows = record.links.map((link) => rowOf(record, link))
      const qr = values['qr'] ? { inColour: context.terminal.isInteractive } : undefined
      context.terminal.out(describe(record, rows, { all: values['all'] === true, qr }))
    }
    return 0
  },
}

function recordsOf(ledger: Ledger, post: string | undefined): PostRecord[] {
  if (post === undefined) return Object.values(ledger.posts).toSorted(byPath)
  const record = ledger.posts[requirePostId(ledger, post)]
  return record ? [record] : []
}

function createRow({ site, watches }: Ledger, values: OptionValues, now: Date) {
  const base = urlOption(values, 'site') ?? (site && deployedAt(site))
  if (!site || !base) {
    throw new ConfigurationError(
      'The ledger does not say where the site is. To do: build the site once.',
    )
  }
  const reasonFor = (state: LinkState, { absent }: PostRecord, { revoked, token }: Link) => {
    if (state === 'not-built') return whyNotBuilt(absent)
    const exposure = state === 'exposed' ? exposureOf(watches, token) : undefined
    return exposure ? exposedAt(exposure) : (revoked?.reason ?? null)
  }
  return (record: PostRecord, link: Link): LinkRow => {
    const { recipient, invitation, issued } = link
    const own = invitation
      ? invitationUrl(base, site, link)
      : capabilityUrl(base, site.prefix, link.token)
    const gate = invitation && record.gate ? gatedUrl(base, site, record.gate) : undefined
    const signsIn = gate !== undefined && isProfile(recipient)
    const isOnce = invitation === true && site.invitations === 'once'
    const { invitations } = site
    const state = readerState(record, link, { invitations, watches, now })
    return {
      post: record.path,
      recipient,
      url: (signsIn ? gate : own).href,
      gate: gate?.href ?? null,
      invitation: invitation ? own.href : null,
      state,
      expires: linkEnd(link, site.invitations)?.toISOString() ?? null,
      issued,
      reason: reasonFor(state, record, link),
      mail: mailLink(recipient, record.title, own, { isOnce }) ?? null,
    }
  }
}

/** What is shown without `--all`. */
const OPEN_STATES: readonly LinkState[] = ['live', 'not-built', 'exposed']

function isProfile(recipient: string | null): boolean {
  return recipient !== null && /^https?:/i.test(recipient)
}

function describe(
  { path, title }: PostRecord,
  rows: readonly LinkRow[],
  { all, qr }: { all: boolean; qr: { inColour: boolean } | undefined },
): string {
  const shown = rows.filter(({ state }) => all || OPEN_STATES.includes(state))
  const hidden = rows.length - shown.length
  const lines = shown.flatMap((row) => [
    `  ${printable(recipientName(row))} · ${stateText(row)}${until(row)}`,
    `    ${row.url}`,
    ...(row.gate === row.url && row.invitation !== null && row.state === 'live'
      ? [`    signs in there, or, without signing in: ${row.invitation}`]
      : []),
    ...(row.mail !== null && row.state === 'live' ? [`    to mail it: ${row.mail}`] : []),
    ...(qr && row.state === 'live' ? [drawQrCode(new URL(row.url), qr)] : []),
  ])
  if (shown.length === 0) lines.push(`  no live link`)
  if (hidden > 0) lines.push(`  (${hidden} revoked or expired: --all shows them)`)
  return [printable(title ? `${path} · ${title}` : path), ...lines, '', ''].join('\n')
}

function stateText({ state, reason }: LinkRow): string {
  if (state === 'not-built') return `not built: ${reason}`
  if (state === 'exposed') return `exposed: ${reason}`
  return reason === null ? state : `${state} (${reason})`
}

function until({ state, expires }: LinkRow): string {
  if (state !== 'live' || expires === null) return ''
  return ` until ${expires.slice(0, 16).replace('T', ' ')} UTC`
}
