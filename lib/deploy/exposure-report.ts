import type { Exposure } from '../ledger/watch-record.ts'
import { speakable } from './report.ts'

/** A private link that everybody could read somewhere. Nothing in it opens the post. */
export interface ExposureRow {
  readonly post: string
  readonly recipient: string | null
  /** Where the link stands. */
  readonly place: string
  /** When it was found there. */
  readonly at: string
  /** Whether this run has found it. */
  readonly isNew: boolean
  /** Whether it has a successor: the old link stops working with the next deploy. */
  readonly rotated: boolean
  /** What the author can do. */
  readonly remedy: string
}

/** One look at what everybody can read. */
export interface LookRow {
  readonly target: string
  readonly place: string
  /** Why it says little or nothing; `null` if all is well. */
  readonly trouble: string | null
}

/** When and where, in a few words. */
export function exposedAt({ at, place }: Exposure): string {
  return `found in public on ${at.slice(0, 10)} at ${speakable(place)}`
}

/** What the author can do about a link that is not rotated yet; `why` says what stands in the way of that. */
export function remedyFor(post: string, recipient: string | null, why?: string): string {
  const whom = recipient === null ? '' : ` ${recipient}`
  return (
    `${why === undefined ? '' : `${why} `}To do: private-posts rotate ${post}${whom}, then build and deploy: ` +
    'the link that everybody can read stops working. The new one is not told to this receiver again; hand it ' +
    `over yourself (private-posts links ${post}). Or set "access: gate" on the post, whose address is then no secret.`
  )
}

/** The same for a link that this run has rotated. */
export function rotatedRemedy(post: string): string {
  return (
    'It has a new link. To do: build and deploy, so that the old one stops working. The new one is not told to ' +
    `this receiver again; hand it over yourself (private-posts links ${post}).`
  )
}

/** One line. */
export function formatExposure({ post, recipient, place, at, remedy }: ExposureRow): string {
  return `${post}, the link of ${recipient ?? 'anyone who has it'}: ${exposedAt({ at, place })}. ${remedy}`
}

/** For people; empty if nothing was found. */
export function formatExposures(rows: readonly ExposureRow[]): string {
  if (rows.length === 0) return ''
  const lines = rows.map((row) => `  ${formatExposure(row)}`)
  return ['Private links that everybody can read:', ...lines, ''].join('\n')
}

/** For people who want to know where was looked. */
export function formatLooks(rows: readonly LookRow[]): string {
  if (rows.length === 0) return ''
  const lines = rows.map(
    ({ place, trouble }) => `  ${place}${trouble === null ? '' : `: ${trouble}`}`,
  )
  return ['Looked for private links in public:', ...lines, ''].join('\n')
}
