import {
  letterFileName,
  letterIdOf,
  PUBLIC_LETTERS_FILE,
  type Letter,
  type LetterFile,
  type PublicLetters,
} from '../delivery/letter.ts'
import type { PostRecord } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { openBuiltSite } from './built-site.ts'
import { copiesOf, type CopyPlaces } from './copies.ts'
import { openGatedCopies } from './gated-copy.ts'
import { letterContext } from './letter-context.ts'
import { letterOf } from './letter.ts'
import type { PlannedBuild } from './plan-file.ts'
import { homeOf } from './plan.ts'
import { publicLetters } from './public-letters.ts'

/** Protocols that carry the words of a post. */
const CARRIERS = ['rel-pm', 'intertalk', 'fmtp']
/** The one that gives public posts to whoever asks. */
const PUBLISHER = 'fmtp'

/** Whether a protocol of the site carries the words of its posts. */
export function carriesWords({ protocols }: Pick<SiteRecord, 'protocols'>): boolean {
  return protocols.some((name) => CARRIERS.includes(name))
}

/** Whether a protocol of the site gives public posts to everybody who asks. */
export function publishesWords({ protocols }: Pick<SiteRecord, 'protocols'>): boolean {
  return protocols.includes(PUBLISHER)
}

interface DeployFile {
  readonly name: string
  readonly content: string
}

/**
 * The deploy files with the letters of a build, made of its pages and gated copies. There are none if no
 * protocol of the site needs any.
 */
export async function letterFiles({
  site,
  output,
  ledger,
  files,
}: PlannedBuild): Promise<readonly DeployFile[]> {
  const { site: settings } = ledger
  if (!settings) throw new TypeError('a build leaves its settings in the ledger')
  if (!carriesWords(settings)) return []
  const built = await openBuiltSite(output, site, files)
  const places = { site: built, gated: await openGatedCopies(files) }

  const made: DeployFile[] = []
  for (const [post, record] of Object.entries(ledger.posts)) {
    for (const [id, letters] of await privateLetters(record, settings, places)) {
      const content: LetterFile = { version: 1, post: letterIdOf(post), letters }
      made.push({ name: letterFileName(id), content: JSON.stringify(content) })
    }
  }
  if (publishesWords(settings)) {
    const content: PublicLetters = { version: 1, letters: await publicLetters(built, settings) }
    made.push({ name: PUBLIC_LETTERS_FILE, content: JSON.stringify(content) })
  }
  return made
}

/**
 * The letters of a post by letter id, and therein by recipient: behind the gate, all of them share one address.
 *
 * @param name Of the only file that is wanted.
 */
export async function privateLetters(
  record: PostRecord,
  settings: SiteRecord,
  places: CopyPlaces,
  name?: string,
): Promise<ReadonlyMap<string, Record<string, Letter>>> {
  const letters = new Map<string, Record<string, Letter>>()
  for (const { link, source, html } of await copiesOf(record, settings, places)) {
    const { recipient } = link
    // Who is told by the author themselves gets the link, and no letter.
    if (recipient === null || !homeOf(recipient, settings)) continue
    if (name !== undefined && letterFileName(letterIdOf(source)) !== name) continue
    const letter = letterOf(html, source, letterContext(record, recipient, settings))
    letters.set(letter.id, { ...letters.get(letter.id), [recipient]: letter })
  }
  return letters
}
