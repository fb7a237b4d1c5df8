import type { SourceExposure } from '../delivery/delivery.ts'
import type { Ledger, PostRecord } from '../ledger/ledger.ts'
import { ownerAddress } from '../ledger/owner-address.ts'
import { pairOf } from '../ledger/journal.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { isSameUser, parseAcctUrl } from '../web/user-address.ts'
import { pagePath, type BuiltPage, type BuiltSite } from './built-site.ts'
import { addressOf, profileOf, type Recipients } from './candidates.ts'
import { copiesOf, type Copy } from './copies.ts'
import { isOwnAddress, mayShowEntry } from '../web/h-entry.ts'
import type { GatedCopies } from './gated-copy.ts'
import type { PageReader } from './page-facts.ts'

/** A (source, target) pair that the author wants delivered, as of this build. */
export interface PlannedDelivery {
  /** Input path of a private post; of a public one, the path of its page. */
  readonly post: string
  /** Recipient id, or `null` where nobody is named. */
  readonly recipient: string | null
  readonly source: URL
  /** A page; or the recipient's address as an `acct:` URL, where no page of theirs is known. */
  readonly target: URL
  readonly exposure: SourceExposure
  /** Hash of what the source says now; of a gated one, what it says to this recipient. */
  readonly content: string
  /** Where the page stood when it was hashed, if elsewhere. */
  readonly hashedAt?: URL
}

/** A recipient of whom neither website nor address is known: the author gives them the link. */
export interface Handover {
  readonly post: string
  readonly recipient: string
  readonly source: URL
}

/** Everything that this build wants told to anybody. */
export interface Plan {
  readonly deliveries: readonly PlannedDelivery[]
  readonly handovers: readonly Handover[]
  /** The public pages that show a post, also those that tell nobody; not known where the build is no longer there. */
  readonly posts?: ReadonlySet<string>
}

const NO_COPIES: GatedCopies = {
  htmlFor: async () => undefined,
  contentFor: async () => undefined,
}

/** `/~bob`, `/@bob`: where several people live on one host, each has a path like this. */
const SHARED_HOST = /^\/[~@]/

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
    const copies = await copiesOf(record, settings, { site, gated })
    for (const delivery of privateDeliveries(record, copies, { settings, reader: site.reader })) {
      if (!isAuthors(delivery.target, settings, site.url)) add(delivery)
    }
    handovers.push(...handoversOf(record, copies, settings))
  }
  const posts = new Set<string>()
  for await (const page of site.pages()) {
    const found = isBelow(page.path, settings.prefix)
      ? undefined
      : publicDeliveries(page, settings, site)
    if (!found) continue
    posts.add(page.url.href)
    for (const delivery of found) add(delivery)
  }
  return { deliveries: [...deliveries.values()], handovers, posts }
}

/** Where a recipient is told: at their website, or else at their address. */
export function homeOf(recipient: string, { recipients }: SiteRecord): URL | undefined {
  return profileOf(recipient, recipients) ?? addressOf(recipient, recipients)
}

/** To each whose home is known their own copy, and to the parent the copy of whoever lives there. */
function* privateDeliveries(
  { path, access, implied, inReplyTo }: PostRecord,
  copies: readonly Copy[],
  { settings, reader }: { readonly settings: SiteRecord; readonly reader: PageReader },
): Generator<PlannedDelivery> {
  const exposure = access === 'gate' ? 'gated' : 'capability'
  const parent = parseWebUrl(inReplyTo ?? '')
  for (const { link, source, html } of copies) {
    const { recipient } = link
    const target = recipient === null ? undefined : homeOf(recipient, settings)
    if (!target || (recipient === implied && parent)) continue
    const { content } = reader.factsOf(html, source)
    yield { post: path, recipient, source, target, exposure, content }
  }
  const copy = parent && copyForParent(parent, copies, settings.recipients)
  if (!parent || !copy) return
  const { link, source, html } = copy
  const { content } = reader.factsOf(html, source)
  yield { post: path, recipient: link.recipient, source, target: parent, exposure, content }
}

/**
 * The copy that the parent's author may learn the address of: of the recipient whose profile lies on
 * the way to the parent, or else of the only one who lives on its host. Where people share a host and
 * none of them is on the way, the parent may be a stranger's, who gets nothing.
 */
function copyForParent(
  target: URL,
  copies: readonly Copy[],
  recipients: Recipients,
): Copy | undefined {
  const atHost = copies.flatMap((copy) => {
    const { recipient } = copy.link
    const profile = recipient === null ? undefined : profileOf(recipient, recipients)
    return profile?.host === target.host ? [{ copy, profile }] : []
  })
  const onTheWay = atHost
    .filter(({ profile }) => leadsTo(profile, target))
    .sort((one, other) => other.profile.pathname.length - one.profile.pathname.length)
  const [only, ...others] = atHost.filter(({ profile }) => !SHARED_HOST.test(profile.pathname))
  const found = onTheWay[0] ?? (others.length === 0 ? only : undefined)
  return found?.copy ?? copies.find(({ link }) => link.recipient === null)
}

/** Whether a path lies below another, so that `/bo` does not lead to `/bob/7`. */
function leadsTo(profile: URL, target: URL): boolean {
  const folder = `${profile.pathname.replace(/\/$/, '')}/`
  return `${target.pathname}/`.startsWith(folder)
}

function handoversOf(
  { path }: PostRecord,
  copies: readonly Copy[],
  settings: SiteRecord,
): Handover[] {
  return copies.flatMap(({ link: { recipient }, handover: source }) =>
    recipient === null || homeOf(recipient, settings) ? [] : [{ post: path, recipient, source }],
  )
}

/** A public post tells everybody that it links to, save itself and its author; `undefined` for a page that is none. */
function publicDeliveries(
  { path, url, html }: BuiltPage,
  settings: SiteRecord,
  site: BuiltSite,
): PlannedDelivery[] | undefined {
  // Most pages of a site are not posts, and parsing is what takes the time.
  if (!mayShowEntry(html)) return undefined
  const { content, links } = site.reader.factsOf(html, url, site.shown)
  return links
    ?.map((link) => new URL(link))
    .filter((target) => !isAuthors(target, settings, site.url) && !isOwnAddress(target, url))
    .map((target) => ({
      post: pagePath(path),
      recipient: null,
      source: url,
      target,
      exposure: 'public',
      content,
    }))
}

/** Whether it is the author who would be told: by name, at their address, or through their own posts. */
export function isAuthors(target: URL, settings: SiteRecord, site: URL): boolean {
  const address = parseAcctUrl(target)
  const owner = address && ownerAddress(settings, site)
  if (owner) return isSameUser(address, owner)
  return target.origin === site.origin || target.href === new URL(settings.me).href
}

/** Whether a page of the output folder lies below a place of the site. */
export function isBelow(path: string, prefix: string): boolean {
  return path.startsWith(`${prefix.replace(/^\/+|\/+$/g, '')}/`)
}
