import { describeNotSpoken, notSpoken, type NotSpoken } from '../deploy/settled.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { redactSecrets } from '../web/redaction.ts'
import { printable } from './site.ts'

/** A page that public posts link to, and that takes no mentions. */
interface SilentPage extends NotSpoken {
  readonly target: string
}

/** So many are named. */
const MAX_SILENT = 5

/** Each once, with what was found there last. */
export function silentPages({ deliveries, posts }: Ledger): readonly SilentPage[] {
  // Nobody is named as the reader of an unlisted post either.
  const unlisted = new Set(Object.entries(posts).flatMap(([id, { path }]) => [id, path]))
  const pages = new Map<string, SilentPage>()
  for (const record of deliveries) {
    const isPublic = record.recipient === null && !unlisted.has(record.post)
    const known = isPublic ? notSpoken(record) : undefined
    const target = redactSecrets(record.target)
    if (known) pages.set(target, { target, ...known, reason: redactSecrets(known.reason) })
  }
  return [...pages.values()]
}

export function formatSilent(silent: readonly SilentPage[]): string {
  if (silent.length === 0) return ''
  const lines = silent
    .slice(0, MAX_SILENT)
    .map((page) => `  ${printable(page.target)}  ${printable(describeNotSpoken(page))}`)
  const more = silent.length - lines.length
  return `\nPublic posts link to pages that take no mentions:\n${lines.join('\n')}\n${more > 0 ? `  and ${more} more\n` : ''}`
}
