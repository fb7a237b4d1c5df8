import { capabilityUrl } from '../capability-url/capability-url.ts'
import type { SourceExposure } from '../delivery/delivery.ts'
import type { Ledger, Link, PostRecord } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { parseHtml } from '../web/html.ts'
import { pagePath, type BuiltPage, type BuiltSite } from './built-site.ts'
import { hashOf } from './content.ts'
import { findEntry, isPermalink, linksOf } from './entry.ts'
import type { GatedCopies } from './gated-copy.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** A (source, target) pair that the author wants delivered, as of this build. */
export interface PlannedDelivery {
  /** Input path of a private post; of a public one, the path of its page. */
  readonly post: string
  /** Recipient id, or `null` where nobody is named. */
  readonly recipient: string | null
  readonly source: URL
  readonly target: URL
  readonly exposure: SourceExposure
  /** Hash of what the source says now; of a gated one, what it says to this recipient. */
  readonly content: string
  /** Where the page stood when it was hashed, if elsewhere. */
  readonly hashedAt?: URL
}

/** A recipient without a website: the author gives them the link. */
export interface Handover {
  readonly post: string
  readonly recipient: string
  readonly source: URL
}

/** Everything that this build wants told to anybody. */
export interface Plan {
  readonly deliveries: readonly PlannedDelivery[]
  readonly handovers: readonly Handover[]
}

const NO_COPIES: GatedCopies = { contentFor: async () => undefined }

/** `/~bob`, `/@bob`: where several people live on one host, each has a path like this. */
const SHARED_HOST = /^\/[~@]/

/** A link with its page in this build. */
interface LinkedPage {
  readonly link: Link
  readonly source: URL
  readonly content: string
  /** What the author hands over to whoever has no website. */
  readonly handover: URL
}

/** Reads from the ledger and the built pages who is to be told of what. No network. */
export async function planDeliveries(
  ledger: Ledger,
  settings: SiteRecord,
  site: BuiltSite,
  gated: GatedCopies = NO_COPIES,
): Promise<Plan> {
  const deliveries = new Map<string, PlannedDelivery>()
  const handovers: Handover[] = []
  const add = (delivery: PlannedDelivery) => {
    const pair = pairOf(delivery)
    if (!deliveries.has(pair)) deliveries.set(pair, delivery)
  }
  for (const record of Object.values(ledger.posts)) {
    const pages = await linkedPages(record, settings, { site, gated })
    for (const delivery of privateDeliveries(record, pages)) {
      if (!isAuthors(delivery.target, settings, site)) add(delivery)
    }
    handovers.push(...handoversOf(record, pages))
  }
  for await (const page of site.pages()) {
    if (isBelow(page.path, settings.prefix)) continue
    for (const delivery of publicDeliveries(page, settings, site)) add(delivery)
  }
  return { deliveries: [...deliveries.values()], handovers }
}

/** One text for a (source, target) pair. */
export function pairOf({ source, target }: { source: URL | string; target: URL | string }): string {
  return `${String(source)} ${String(target)}`
}

/** The address of a gated post, which is the same for all its readers. */
export function gatedUrl(site: URL, { gatePrefix }: SiteRecord, gate: string): URL {
  return new URL(`${gatePrefix.replace(/^\//, '')}${gate}/`, site)
}

/** What somebody follows who is let through the gate without signing in. */
export function invitationUrl(site: URL, { paths }: SiteRecord, { token }: Link): URL {
  return new URL(`${paths.invitation.replace(/^\//, '')}${token}`, site)
}

async function linkedPages(
  { access, gate, visibility, links }: PostRecord,
  settings: SiteRecord,
  { site, gated }: { readonly site: BuiltSite; readonly gated: GatedCopies },
): Promise<LinkedPage[]> {
  if (visibility === 'public') return []
  const pages: LinkedPage[] = []
  for (const link of links) {
    if (link.revoked) continue
    if (access === 'link') {
      const source = capabilityUrl(site.url, settings.prefix, link.token)
      const content = await site.contentAt(source)
      if (content !== undefined) pages.push({ link, source, content, handover: source })
    } else if (gate !== undefined && link.recipient !== null) {
      const source = gatedUrl(site.url, settings, gate)
      const content = await gated.contentFor(gate, link.recipient, source)
      const handover = invitationUrl(site.url, settings, link)
      if (content !== undefined) pages.push({ link, source, content, handover })
    }
  }
  return pages
}

/** To each named profile its own copy, and to the parent the copy of whoever lives there. */
function* privateDeliveries(
  { path, access, implied, inReplyTo }: PostRecord,
  pages: readonly LinkedPage[],
): Generator<PlannedDelivery> {
  const exposure = access === 'gate' ? 'gated' : 'capability'
  for (const { link, source, content } of pages) {
    const { recipient } = link
    if (recipient === null || !isProfile(recipient) || recipient === implied) continue
    yield { post: path, recipient, source, target: new URL(recipient), exposure, content }
  }
  if (inReplyTo === undefined) return
  const target = new URL(inReplyTo)
  const page = pageForParent(target, pages)
  if (!page) return
  const { link, source, content } = page
  yield { post: path, recipient: link.recipient, source, target, exposure, content }
}

/**
 * The copy that the parent's author may learn the address of: of the recipient whose profile lies on
 * the way to the parent, or else of the only one who lives on its host. Where people share a host and
 * none of them is on the way, the parent may be a stranger's, who gets nothing.
 */
function pageForParent(target: URL, pages: readonly LinkedPage[]): LinkedPage | undefined {
  const atHost = pages.flatMap((page) => {
    const { recipient } = page.link
    const profile = recipient !== null && isProfile(recipient) ? new URL(recipient) : undefined
    return profile?.host === target.host ? [{ page, profile }] : []
  })
  const onTheWay = atHost
    .filter(({ profile }) => leadsTo(profile, target))
    .sort((one, other) => other.profile.pathname.length - one.profile.pathname.length)
  const [only, ...others] = atHost.filter(({ profile }) => !SHARED_HOST.test(profile.pathname))
  const found = onTheWay[0] ?? (others.length === 0 ? only : undefined)
  return found?.page ?? pages.find(({ link }) => link.recipient === null)
}

/** Whether a path lies below another, so that `/bo` does not lead to `/bob/7`. */
function leadsTo(profile: URL, target: URL): boolean {
  const folder = `${profile.pathname.replace(/\/$/, '')}/`
  return `${target.pathname}/`.startsWith(folder)
}

function handoversOf({ path }: PostRecord, pages: readonly LinkedPage[]): Handover[] {
  return pages.flatMap(({ link: { recipient }, handover: source }) =>
    recipient === null || isProfile(recipient) ? [] : [{ post: path, recipient, source }],
  )
}

/** A public post tells everybody that it links to, save itself and its author. */
function publicDeliveries(
  { path, url, html }: BuiltPage,
  settings: SiteRecord,
  site: BuiltSite,
): PlannedDelivery[] {
  // Most pages of a site are not posts, and parsing is what takes the time.
  if (!html.includes('h-entry')) return []
  const document = parseHtml(html, { scripting: false })
  const entry = findEntry(document)
  if (!entry || !isPermalink(entry, document, url)) return []

  const content = hashOf(entry, document, url)
  return linksOf(entry, document, url)
    .filter((target) => !isAuthors(target, settings, site))
    .map((target) => ({
      post: pagePath(path),
      recipient: null,
      source: url,
      target,
      exposure: 'public',
      content,
    }))
}

function isAuthors(target: URL, { me }: SiteRecord, site: BuiltSite): boolean {
  return target.origin === site.url.origin || target.href === new URL(me).href
}

function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(`${prefix.replace(/^\/+|\/+$/g, '')}/`)
}

function isProfile(recipient: string): boolean {
  return /^https?:\/\//i.test(recipient) && canParseUrl(recipient)
}
