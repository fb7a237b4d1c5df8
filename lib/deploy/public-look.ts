import type { WebOptions } from '../web/fetch.ts'
import { isSecretUrl } from '../web/secret-url.ts'
import { createHostLimit } from './host-limit.ts'
import { readPublicText, type PublicText } from './public-texts.ts'
import { findTokens } from './token-search.ts'

/** Pages of one list, such as a feed or an API: newest first, so that what was told lately is on the first ones. */
const MOST_PAGES = 5

/** What was found at one place, without its text. */
interface Reading extends Pick<PublicText, 'place' | 'feeds' | 'next' | 'trouble'> {
  readonly found: ReadonlySet<string>
}

/** Reads a public place, each once in a run, and says which of the run's tokens stand there. */
export type PublicReader = (place: URL) => Promise<Reading>

export function createPublicReader(tokens: readonly string[], web: WebOptions): PublicReader {
  const readings = new Map<string, Promise<Reading>>()
  const limit = createHostLimit()

  return (place) => {
    const reading = readings.get(place.href) ?? limit.run(place, () => read(place))
    readings.set(place.href, reading)
    return reading
  }

  async function read(place: URL): Promise<Reading> {
    const { text, ...reading } = await readPublicText(place, web)
    return { ...reading, found: findTokens(text, tokens) }
  }
}

export interface LookOptions {
  readonly reader: PublicReader
  /** Where everybody may read what the target was sent. */
  readonly listings: readonly URL[]
  /** Our own: what stands there is no finding. */
  readonly site: URL
}

/**
 * Looks at the public places of a target: itself, the feeds that it names, and the listings. Each list is read to its
 * end, or for some pages.
 *
 * A target whose address is itself a secret is no public place, nor is a list that is asked for by that address.
 */
export async function lookAt(
  target: URL,
  { reader, listings, site }: LookOptions,
): Promise<readonly Reading[]> {
  const place = withoutFragment(target)
  const isSecret = isSecretUrl(place)
  const page = isSecret ? undefined : await reader(place)
  const lists = [...(page?.feeds ?? []), ...listings]
  const spellings = [place.href, encodeURIComponent(place.href)]
  const isPublic = ({ href, origin }: URL) =>
    origin !== site.origin && !(isSecret && spellings.some((spelling) => href.includes(spelling)))
  const readings = await Promise.all(lists.filter(isPublic).map((list) => readList(list, reader)))
  return [...(page ? [page] : []), ...readings.flat()]
}

async function readList(first: URL, reader: PublicReader): Promise<readonly Reading[]> {
  const pages: Reading[] = []
  let place: URL | undefined = first
  while (place && pages.length < MOST_PAGES) {
    const page: Reading = await reader(place)
    pages.push(page)
    place = page.next
  }
  return pages
}

function withoutFragment(url: URL): URL {
  const copy = new URL(url)
  copy.hash = ''
  return copy
}
