import { readMarkup, SANITISED_HTML } from '../web/markup-readings.ts'
import type { PageReading } from '../web/page-parser.ts'
import { formatType } from './format.ts'
import type { IntertalkMessage } from './message.ts'

/** What is longer would be shown as text anyway, once it is HTML; rendering it takes a tenth of a second. */
const MAX_MARKDOWN = 40_000

/** Markdown as we render it, as far as it is harmless. */
export const MARKDOWN: PageReading<string, string | undefined, 'markdown'> = { name: 'markdown' }

/**
 * What there is to show besides the plain message: markdown as we render it, HTML as far as it is harmless.
 * `undefined` for bytes, for formats that we do not know, and where nothing is left of it.
 *
 * @see intertalk, "`messageFormatted`"
 */
export async function displayHtml({
  messageFormatted,
  format,
}: Pick<IntertalkMessage, 'messageFormatted' | 'format'>): Promise<string | undefined> {
  if (messageFormatted === undefined || format === undefined) return undefined
  switch (formatType(format)) {
    case 'text/html':
      return readMarkup(SANITISED_HTML, messageFormatted)
    case 'text/markdown':
      if (messageFormatted.length > MAX_MARKDOWN) return undefined
      return readMarkup(MARKDOWN, messageFormatted)
    default:
      return undefined
  }
}
