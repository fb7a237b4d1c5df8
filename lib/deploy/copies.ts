import { capabilityUrl } from '../capability-url/capability-url.ts'
import type { Link, PostRecord } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { BuiltSite } from './built-site.ts'
import type { GatedCopies } from './gated-copy.ts'

/** One reader's copy of a private post, as this build made it. */
export interface Copy {
  readonly link: Link
  readonly source: URL
  readonly html: string
  /** What the author hands over to whoever cannot be told. */
  readonly handover: URL
}

/** Where the copies of a build are found. */
export interface CopyPlaces {
  readonly site: BuiltSite
  readonly gated: GatedCopies
}

/** The copies of a post that there are, for each link that works. */
export async function copiesOf(
  { access, gate, visibility, absent, links }: PostRecord,
  settings: SiteRecord,
  { site, gated }: CopyPlaces,
): Promise<Copy[]> {
  if (visibility === 'public' || absent) return []
  const copies: Copy[] = []
  for (const link of links) {
    if (link.revoked || link.unbuilt) continue
    if (access === 'link') {
      const source = capabilityUrl(site.url, settings.prefix, link.token)
      const html = await site.htmlAt(source)
      if (html !== undefined) copies.push({ link, source, html, handover: source })
    } else if (gate !== undefined && link.recipient !== null) {
      const source = gatedUrl(site.url, settings, gate)
      const html = await gated.htmlFor(gate, link.recipient)
      const handover = invitationUrl(site.url, settings, link)
      if (html !== undefined) copies.push({ link, source, html, handover })
    }
  }
  return copies
}

/** The address of a gated post, which is the same for all its readers. */
export function gatedUrl(site: URL, { gatePrefix }: SiteRecord, gate: string): URL {
  return new URL(`${gatePrefix.replace(/^\//, '')}${gate}/`, site)
}

/** What somebody follows who is let through the gate without signing in. */
export function invitationUrl(site: URL, { paths }: SiteRecord, { token }: Link): URL {
  return new URL(`${paths.invitation.replace(/^\//, '')}${token}`, site)
}
