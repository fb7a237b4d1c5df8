import type { Letter } from '../delivery/letter.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { BuiltSite } from './built-site.ts'
import { mayShowEntry } from '../web/h-entry.ts'
import { publicLetterOf } from './letter.ts'
import { isBelow } from './plan.ts'

/** As long as a feed that nobody reads to its end. */
const MAX_LETTERS = 100
const DAY = /(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)/g
/** What time zones can make of a day. */
const SLACK = 2 * 24 * 60 * 60 * 1000

/** A page that may show a post. */
interface Candidate {
  readonly url: URL
  /** No post on it is newer: the latest day that stands in it, in milliseconds. */
  readonly latest: number
}

/**
 * The newest public posts of a site; what has no date comes last. Only so many pages are parsed as may be
 * among them: that is what takes the time.
 */
export async function publicLetters(
  site: BuiltSite,
  { prefix, gatePrefix }: SiteRecord,
): Promise<Letter[]> {
  const candidates: Candidate[] = []
  for await (const { path, url, html } of site.pages()) {
    const isPrivate = isBelow(path, prefix) || isBelow(path, gatePrefix)
    const mayBePost = mayShowEntry(html) && !isPrivate
    if (mayBePost) candidates.push({ url, latest: latestDay(html) })
  }
  candidates.sort((one, other) => other.latest - one.latest)

  let letters: Letter[] = []
  for (const { url, latest } of candidates) {
    const last = letters.length < MAX_LETTERS ? undefined : letters.at(-1)?.published
    if (last !== undefined && Date.parse(last) > latest) break
    const html = await site.htmlAt(url)
    const letter = html === undefined ? undefined : publicLetterOf(html, url, site.shown)
    if (letter) letters = [...letters, letter].sort(byDate).slice(0, MAX_LETTERS)
  }
  return letters
}

function byDate(one: Letter, other: Letter): number {
  const order = ({ published = '', url }: Letter) => `${published} ${url}`
  return order(one) < order(other) ? 1 : -1
}

function latestDay(html: string): number {
  const days = html.match(DAY) ?? []
  const times = days.map((day) => Date.parse(day)).filter((time) => !Number.isNaN(time))
  return times.length === 0 ? -Infinity : Math.max(...times) + SLACK
}
