import { ownPageIdentity } from '../web/page-identity.ts'
import { webUrlsOf } from './author-card.ts'
import { valuesOf, type Item } from './microformats.ts'

interface OriginalOptions {
  /** Where the page really came from. */
  readonly url: URL
  readonly source: URL
  readonly target: URL
}

/** The permalink that an entry names as its own, where that is another page than the one that was fetched. */
export function originalOf(
  entry: Item,
  { url, source, target }: OriginalOptions,
): string | undefined {
  const urls = webUrlsOf(valuesOf(entry, 'url')).filter(
    (one) => ownPageIdentity(one) !== ownPageIdentity(target),
  )
  const here = [url, source].map(ownPageIdentity)
  return urls.some((one) => here.includes(ownPageIdentity(one))) ? undefined : urls[0]?.href
}
