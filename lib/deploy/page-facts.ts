import * as v from 'valibot'
import { contentKey, openContentCache } from '../store/content-cache.ts'
import { isPermalink, linksOf } from '../web/h-entry.ts'
import { NO_MENTIONS, type ShownMentions } from '../webmention/shown-mentions.ts'
import { hashOf, mainOf } from './content.ts'
import { parsePage } from './own-words.ts'

const PageFacts = v.object({
  /** {@link contentHash} of the page. */
  content: v.string(),
  /** Where the post links to that the page shows and is the permalink of; `undefined` for every other page. */
  links: v.optional(v.array(v.string())),
})
/** What a plan has to know of a page. It depends on the page, its address, and the mentions that it shows. */
type PageFacts = v.InferOutput<typeof PageFacts>

/** Reads pages; what a run before has read in the same words is not parsed again. */
export interface PageReader {
  factsOf(html: string, page: URL, shown?: ShownMentions): PageFacts
  /** Keeps what this run has read. */
  save(): Promise<void>
}

/** To be raised when the same page gives other facts. */
const VERSION = 1

/** @param folder Where the facts are kept; without it, they are not. */
export function openPageReader(folder?: string): PageReader {
  const isValue = (value: unknown): value is PageFacts => v.is(PageFacts, value)
  const cache =
    folder === undefined
      ? undefined
      : openContentCache({ folder, name: 'page-facts', version: VERSION, isValue })
  return {
    factsOf(html, page, shown = NO_MENTIONS) {
      const key = contentKey(html, page.href, JSON.stringify(shown.of(page)))
      const known = cache?.get(key)
      if (known) return known
      const facts = readFacts(html, page, shown)
      cache?.set(key, facts)
      return facts
    },
    save: async () => cache?.save(),
  }
}

function readFacts(html: string, page: URL, shown: ShownMentions): PageFacts {
  const { document, search } = parsePage(html, page, shown)
  const { entry } = search
  const content = hashOf(entry ?? mainOf(document), document, page)
  if (!entry || !isPermalink(entry, document, page)) return { content }
  return { content, links: linksOf(entry, document, page).map(({ href }) => href) }
}
