import { resolve } from 'node:path'
import { redactSecrets } from '../web/redaction.ts'
import { isReachable } from '../deploy/candidates.ts'
import { createHold } from '../deploy/hold.ts'
import {
  explainRoutes,
  type Choice,
  type ProtocolExplanation,
  type RouteExplanation,
} from '../deploy/route-explanation.ts'
import { settingsOf } from '../deploy/send.ts'
import { describeNotSpoken, notSpoken, type NotSpoken } from '../deploy/settled.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { findRecipient } from '../ledger/revoke.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { createGuardedFetch, userAgentOf } from '../web/guarded-fetch.ts'
import { parseUrl, parseWebUrl } from '../web/parse-url.ts'
import { formatUserAddress, parseUserAddress } from '../web/user-address.ts'
import { textOption, urlOption, UsageError, type Command } from './command.ts'
import { createSendProtocols } from './send-protocols.ts'
import { formatSilent, silentPages } from './silent-pages.ts'
import { DEFAULT_LEDGER, openSite, printable, SITE_OPTIONS } from './site.ts'

/** `private-posts routes`: by which protocol somebody would be told, and why. */
export const routesCommand: Command = {
  name: 'routes',
  summary: 'Explains by which protocol a recipient is told of posts, and why.',
  parameters: '[recipient] [options]',
  help: [
    'Without a recipient: of everybody in an audience. They are asked as "send" would ask them;',
    'nothing is sent. It says too which pages that public posts link to took no mentions, as "send" found.',
    'Ends with 0 if there is a route, with 3 if there is none.',
    '',
    '--site URL        where the site is deployed (default: where its author is at home)',
    '--allow-loopback  for development: visit sites on this machine too',
    `--ledger FILE     the ledger (default ${DEFAULT_LEDGER})`,
    '--json            print one JSON object',
  ],
  options: { ...SITE_OPTIONS, site: { type: 'string' }, 'allow-loopback': { type: 'boolean' } },

  async run({ positionals, values }, context) {
    if (positionals.length > 1) throw new UsageError('name one recipient, or none for all')
    const ledger = await openSite(values, context).read()
    const settings = settingsOf(ledger)
    const [query] = positionals
    const recipients =
      query === undefined ? knownTo(ledger) : [recipientOf(query, ledger, settings)]
    const site = urlOption(values, 'site') ?? new URL(settings.pathPrefix, settings.me)
    const ledgerFile = resolve(context.cwd, textOption(values, 'ledger') ?? DEFAULT_LEDGER)
    const allowLoopback = values['allow-loopback'] === true
    const where = { site, settings, ledgerFile, allowLoopback }
    const { protocols, policy } = createSendProtocols(where, context)
    const guarded = createGuardedFetch({
      ...{ allowLoopback, userAgent: userAgentOf(site), redact: redactSecrets },
    })
    try {
      const web = { fetch: guarded.fetch, signal: context.signal }
      const now = context.now()
      const hold = createHold(ledger, settings, now)
      const rules = { recipients: settings.recipients, routes: ledger.routes, hold, now }
      const routes: KnownRoute[] = []
      for (const recipient of recipients) {
        const explained = await explainRoutes(recipient, { ...rules, protocols, policy, web })
        const known = lastLook(ledger, recipient)
        routes.push({ ...explained, ...(known && { notSpoken: known }) })
      }
      const silent = query === undefined ? silentPages(ledger) : []
      const text = values['json']
        ? `${JSON.stringify({ routes, ...(silent.length > 0 && { silent }) }, null, 2)}\n`
        : `${format(routes, settings.recipients)}${formatSilent(silent)}`
      context.terminal.out(text)
      // Whom the author tells by mail or by word of mouth needs no route, unless they are asked for.
      const asked = routes.filter(
        (route) => query !== undefined || isReachable(route.recipient, settings.recipients),
      )
      return asked.every(hasRoute) ? 0 : 3
    } finally {
      await guarded.close()
    }
  },
}

/** A route, and what `send` remembers of a target that spoke no protocol: until then it does not ask again. */
interface KnownRoute extends RouteExplanation {
  readonly notSpoken?: NotSpoken
}

function lastLook({ deliveries }: Ledger, recipient: string): NotSpoken | undefined {
  const looks = deliveries
    .filter((record) => record.recipient === recipient || record.target === recipient)
    .flatMap((record) => notSpoken(record) ?? [])
  const last = looks.toSorted((one, other) => (one.nextTry < other.nextTry ? 1 : -1))[0]
  return last && { ...last, reason: redactSecrets(last.reason) }
}

function hasRoute({ link, gate }: RouteExplanation): boolean {
  return link.protocol !== null || gate.protocol !== null
}

/** Everybody who has a link, or had one. */
function knownTo({ posts }: Ledger): string[] {
  const links = Object.values(posts).flatMap((post) => post.links)
  return [...new Set(links.flatMap(({ recipient }) => recipient ?? []))].toSorted()
}

/**
 * Whom the author means: somebody of an audience or of the options, or whoever has this URL or address.
 *
 * @throws {UsageError} for what can be nobody
 */
function recipientOf(query: string, ledger: Ledger, { recipients }: SiteRecord): string {
  const links = Object.values(ledger.posts).flatMap((post) => post.links)
  const known = findRecipient({ links }, query)
  if (known !== undefined) return known
  if (Object.hasOwn(recipients, query)) return query
  const url = parseWebUrl(query)
  if (url) return url.href
  const address = parseUserAddress(query.replace(/^acct:/i, ''))
  if (address) return formatUserAddress(address)
  if (parseUrl(query)?.protocol === 'mailto:') return query
  const names = ['', ...knownTo(ledger)].map(printable).join('\n  ')
  throw new UsageError(
    `"${redactSecrets(query)}" is nobody in an audience, no profile URL and no address. Known: ${names}`,
  )
}

function format(routes: readonly KnownRoute[], recipients: SiteRecord['recipients']): string {
  if (routes.length === 0) return 'Nobody is in an audience yet.\n'
  const texts = routes.map((route) =>
    isReachable(route.recipient, recipients) ? formatRoute(route) : formatHandover(route),
  )
  return texts.join('\n')
}

/** Somebody of whom nothing is known by which a protocol could begin: each of them would say the same. */
function formatHandover({ recipient }: RouteExplanation): string {
  return [
    printable(recipient),
    '  told by you: private-posts links has the link, or the invitation',
    `  A protocol could, if you set option recipients[${printable(JSON.stringify(recipient))}] with their profile or address.`,
    '',
  ].join('\n')
}

function formatRoute({ recipient, link, gate, protocols, notSpoken: known }: KnownRoute): string {
  return [
    printable(recipient),
    `  posts with links of their own: ${choiceText(link)}`,
    `  gated posts: ${choiceText(gate)}`,
    ...protocols.flatMap(protocolLines),
    ...(known ? [`  when send asked last: ${printable(describeNotSpoken(known))}`] : []),
    '',
  ].join('\n')
}

function choiceText({ protocol, endpoint, reason, remembered }: Choice): string {
  const memory = remembered
    ? `; ${remembered.protocol} is remembered until ${remembered.until}`
    : ''
  const what =
    protocol === null ? `no route: ${reason}` : `by ${protocol} at ${endpoint}, ${reason}`
  return printable(`${what}${memory}`)
}

function protocolLines(explained: ProtocolExplanation): string[] {
  const { protocol, trace } = explained
  const lines = [
    `  - ${protocol}: ${findingText(explained)}`,
    ...trace.map((step) => `      ${step}`),
  ]
  return lines.map(printable)
}

function findingText({ link, gate, destination, speaks, endpoint, trouble }: ProtocolExplanation) {
  if (link !== null && gate !== null)
    return `not considered: ${[...new Set([link, gate])].join('; ')}`
  const kind = link === null ? (gate === null ? '' : 'no gated posts; ') : 'gated posts only; '
  if (trouble !== null) return `${kind}${destination} could not be asked: ${trouble}`
  return `${kind}${speaks ? `spoken by ${destination}, at ${endpoint}` : `not spoken by ${destination}`}`
}
