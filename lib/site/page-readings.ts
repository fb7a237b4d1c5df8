import type { DISPLAYED_HTML } from '../inbox/displayed-markup.ts'
import type { CLIENT_PAGE } from '../indieauth/client-information.ts'
import type { MARKDOWN } from '../intertalk/formatted.ts'
import type { ENTRY_IN_HTML } from '../rel-pm/message-body.ts'
import type { ALTERNATES_IN_PAGE } from '../web/alternate-links.ts'
import type { SANITISED_HTML, TEXT_OF_HTML } from '../web/markup-readings.ts'
import type { PageReading } from '../web/page-parser.ts'
import type { RELS_IN_PAGE } from '../web/rel-discovery.ts'
import type { AUTHOR_PAGE } from '../webmention/author-page.ts'
import type { SOURCE_PAGE } from '../webmention/source-reading.ts'
import type { VOUCH_PAGE } from '../webmention/vouch.ts'

/** Reads a text; its types are those of the reading. */
export type ReadPage = (input: unknown) => unknown

/**
 * What the worker threads can read, by the names of the readings. The function of a reading is loaded when it is
 * asked for: a thread that looks for links needs no parser for Markdown.
 */
export const PAGE_READINGS: ReadonlyMap<string, () => Promise<ReadPage>> = new Map([
  reading<typeof ALTERNATES_IN_PAGE>(
    'alternates',
    async () => (await import('../web/alternates-in-html.ts')).alternatesInHtml,
  ),
  reading<typeof AUTHOR_PAGE>(
    'author',
    async () => (await import('../webmention/author-card.ts')).readAuthorPage,
  ),
  reading<typeof CLIENT_PAGE>(
    'client',
    async () => (await import('../indieauth/client-page.ts')).appInHtml,
  ),
  reading<typeof DISPLAYED_HTML>('displayed', async () => {
    const { displayedHtml } = await import('../inbox/displayed-html.ts')
    return (parts) => parts.map(displayedHtml)
  }),
  reading<typeof ENTRY_IN_HTML>(
    'pm entry',
    async () => (await import('./entry-in-html.ts')).entryInHtml,
  ),
  reading<typeof MARKDOWN>(
    'markdown',
    async () => (await import('../intertalk/markdown.ts')).renderMarkdown,
  ),
  reading<typeof RELS_IN_PAGE>(
    'rels',
    async () => (await import('../web/rels-in-html.ts')).relsInHtml,
  ),
  reading<typeof SANITISED_HTML>(
    'sanitised',
    async () => (await import('../web/sanitise.ts')).sanitiseHtml,
  ),
  reading<typeof SOURCE_PAGE>(
    'source',
    async () => (await import('../webmention/source-page.ts')).readSource,
  ),
  reading<typeof TEXT_OF_HTML>('text', async () => {
    const { textOfHtml } = await import('../web/html-text.ts')
    return ({ html, maxLength }) => textOfHtml(html, maxLength)
  }),
  reading<typeof VOUCH_PAGE>(
    'vouch',
    async () => (await import('../webmention/link-search.ts')).linksToHost,
  ),
])

/** Name and function fit together, because the types of both are those of one {@link PageReading}. */
function reading<Reading extends PageReading<never, unknown>>(
  name: Reading['name'],
  load: () => Promise<FunctionOf<Reading>>,
): readonly [string, () => Promise<ReadPage>] {
  return [name, load as () => Promise<ReadPage>]
}

type FunctionOf<Reading> =
  Reading extends PageReading<infer Input, infer Output> ? (input: Input) => Output : never
