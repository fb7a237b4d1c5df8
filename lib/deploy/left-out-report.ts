import { countText } from '../web/count-text.ts'
import type { LeftOut, Survey, WhyLeftOut } from './left-out.ts'
import type { DeliveryRow } from './report.ts'

/** So many pages are named for each reason, and so many of their entries. */
const MAX_PAGES = 5
const MAX_NAMES = 3

const REASONS: Readonly<Record<WhyLeftOut, string>> = {
  'no-entry': 'no h-entry: write class="h-entry" on the element around the post',
  'several-entries': 'several entries, and none has a u-url with the address of this page',
  'listed-entry': 'its entry is in an h-feed, and has no u-url with the address of this page',
  'other-permalink': 'its u-url is another address',
}

/** The pages that are left out for people: a line for each reason. Empty if there are none. */
export function formatLeftOut(leftOut: readonly LeftOut[]): string {
  if (leftOut.length === 0) return ''
  const lines = Object.entries(REASONS).flatMap(([why, reason]) => {
    const pages = leftOut.filter((page) => page.why === why)
    return pages.length === 0
      ? []
      : [`  ${reason} (${countText(pages.length, 'page')}): ${listOf(pages)}`]
  })
  const these = leftOut.length === 1 ? 'this page' : 'these pages'
  return `Left out: no webmentions are sent for the links on ${these}.\n${lines.join('\n')}\n`
}

/** Why there is nothing to deliver; `undefined` if there is something. */
export function whyNothing(
  rows: readonly DeliveryRow[],
  { leftOut, pages, unbuilt }: Survey,
): string | undefined {
  if (rows.length > 0) {
    return rows.every(({ reason }) => reason === 'unchanged')
      ? 'nothing has changed since the last delivery'
      : undefined
  }
  const reasons = [
    pages === 0 && unbuilt === 0 ? 'the output has no page' : undefined,
    pages > 0 && leftOut.length === 0 ? 'no post links to another site' : undefined,
    leftOut.length > 0
      ? `${countText(leftOut.length, 'page')} with links to other sites ${leftOut.length === 1 ? 'is' : 'are'} left out`
      : undefined,
    unbuilt > 0
      ? `${countText(unbuilt, 'private post')} ${unbuilt === 1 ? 'has' : 'have'} no page, such as drafts`
      : undefined,
  ]
  return reasons.filter((reason) => reason !== undefined).join('; ')
}

function listOf(pages: readonly LeftOut[]): string {
  const shown = pages.slice(0, MAX_PAGES).map(({ post, names }) => `${post}${namesOf(names)}`)
  const more = pages.length - shown.length
  return [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join(', ')
}

function namesOf(names: readonly string[]): string {
  if (names.length === 0) return ''
  const shown = names.slice(0, MAX_NAMES).map((name) => `“${name}”`)
  return ` (${shown.join(', ')}${names.length > shown.length ? ', …' : ''})`
}
