import { displayedHtml } from '../inbox/displayed-html.ts'
import { DISPLAYED_HTML } from '../inbox/displayed-markup.ts'
import { appInHtml } from '../indieauth/client-page.ts'
import { CLIENT_PAGE } from '../indieauth/client-information.ts'
import { MARKDOWN } from '../intertalk/formatted.ts'
import { renderMarkdown } from '../intertalk/markdown.ts'
import { ENTRY_IN_HTML } from '../rel-pm/message-body.ts'
import { ALTERNATES_IN_PAGE } from '../web/alternate-links.ts'
import { alternatesInHtml } from '../web/alternates-in-html.ts'
import { textOfHtml } from '../web/html-text.ts'
import { SANITISED_HTML, TEXT_OF_HTML } from '../web/markup-readings.ts'
import type { PageReading } from '../web/page-parser.ts'
import { RELS_IN_PAGE } from '../web/rel-discovery.ts'
import { relsInHtml } from '../web/rels-in-html.ts'
import { sanitiseHtml } from '../web/sanitise.ts'
import { readAuthorPage } from '../webmention/author-card.ts'
import { AUTHOR_PAGE } from '../webmention/author-page.ts'
import { linksToHost } from '../webmention/link-search.ts'
import { readSource } from '../webmention/source-page.ts'
import { SOURCE_PAGE } from '../webmention/source-reading.ts'
import { VOUCH_PAGE } from '../webmention/vouch.ts'
import { entryInHtml } from './entry-in-html.ts'

/** What the worker threads can read, by the names of the readings. */
export const PAGE_READINGS: ReadonlyMap<string, (input: unknown) => unknown> = new Map([
  reading(ALTERNATES_IN_PAGE, alternatesInHtml),
  reading(AUTHOR_PAGE, readAuthorPage),
  reading(CLIENT_PAGE, appInHtml),
  reading(DISPLAYED_HTML, (parts) => parts.map(displayedHtml)),
  reading(ENTRY_IN_HTML, entryInHtml),
  reading(MARKDOWN, renderMarkdown),
  reading(RELS_IN_PAGE, relsInHtml),
  reading(SANITISED_HTML, sanitiseHtml),
  reading(SOURCE_PAGE, readSource),
  reading(TEXT_OF_HTML, ({ html, maxLength }) => textOfHtml(html, maxLength)),
  reading(VOUCH_PAGE, linksToHost),
])

/** The caller's types are those of the function, because both name the same reading. */
function reading<Input, Output>(
  { name }: PageReading<Input, Output>,
  read: (input: Input) => Output,
): readonly [string, (input: unknown) => unknown] {
  return [name, read as (input: unknown) => unknown]
}
