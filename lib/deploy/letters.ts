import { isCurrent, letterIdOf, readLetter, type Letter } from '../delivery/letter.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { parseUrl } from '../web/parse-url.ts'
import type { BuiltSite } from './built-site.ts'
import { GONE } from './content.ts'
import { letterContext } from './letter-context.ts'
import { letterOf } from './letter.ts'
import type { PlannedDelivery } from './plan.ts'

export interface LetterSources {
  /** Where the build left its letters, for the functions too. */
  readonly files: DeployFiles | undefined
  /** Where there is an output folder: pages of which there is no letter. */
  readonly site?: BuiltSite | undefined
  /** What it says of them. */
  readonly ledger?: Ledger | undefined
  readonly now: () => Date
}

/**
 * Finds what a delivery says to its recipient: as the build wrote it down, under the name by which the
 * functions know it too; or else as the built page says it.
 */
export function openLetters({
  files,
  site,
  ledger,
  now,
}: LetterSources): (delivery: PlannedDelivery) => Promise<Letter | undefined> {
  return async (delivery) => {
    const { recipient, content } = delivery
    if (recipient === null || content === GONE) return undefined
    const letter = await findLetter(delivery, recipient)
    // It may have waited for its next try for longer than its recipient may read it.
    return letter && isCurrent(letter, now()) ? letter : undefined
  }

  async function findLetter(
    delivery: PlannedDelivery,
    recipient: string,
  ): Promise<Letter | undefined> {
    const { source, content } = delivery
    for (const place of placesOf(delivery, site, ledger?.site)) {
      const letter = files && (await readLetter(files, letterIdOf(place), recipient))
      const isOutdated = letter?.url === source.href && letter.version !== content
      if (letter && !(isOutdated && site)) return moveLetter(letter, source)
    }
    return letterOnSite(delivery, recipient)
  }

  async function letterOnSite(
    { post, source }: PlannedDelivery,
    recipient: string,
  ): Promise<Letter | undefined> {
    const html = await site?.htmlAt(source)
    const settings = ledger?.site
    const record = Object.values(ledger?.posts ?? {}).find(({ path }) => path === post)
    const context =
      record && settings ? letterContext(record, recipient, settings) : { audience: [recipient] }
    return html === undefined ? undefined : letterOf(html, source, context)
  }
}

/** Where the source stands, and where the build believed that it would stand. */
function placesOf(
  { source, hashedAt }: PlannedDelivery,
  site: BuiltSite | undefined,
  settings: SiteRecord | undefined,
): URL[] {
  const places = hashedAt ? [source, hashedAt] : [source]
  const me = settings && parseUrl(settings.me)
  if (!me || !site) return places
  const below = source.href.slice(site.url.href.length)
  return [...places, new URL(below, new URL(`${settings.pathPrefix}/`.replace(/\/+$/, '/'), me))]
}

/** The letter with the addresses that its post has where it was really deployed. */
function moveLetter(letter: Letter, source: URL): Letter {
  if (letter.url === source.href) return letter
  const [from, to] = rootsOf(new URL(letter.url), source)
  const html = letter.html?.replaceAll(`="${from}`, `="${to}`)
  return { ...letter, url: source.href, ...(html !== undefined && { html }) }
}

/** What is left of two addresses when the path that they end in alike is taken away. */
function rootsOf(one: URL, other: URL): [string, string] {
  const [ones, others] = [one.pathname.split('/'), other.pathname.split('/')]
  while (ones.length > 1 && others.length > 1 && ones.at(-1) === others.at(-1)) {
    ones.pop()
    others.pop()
  }
  return [`${one.origin}${ones.join('/')}/`, `${other.origin}${others.join('/')}/`]
}
