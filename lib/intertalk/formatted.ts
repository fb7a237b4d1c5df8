import { sanitiseHtml } from '../web/sanitise.ts'
import { formatType } from './format.ts'
import type { IntertalkMessage } from './message.ts'

/** What is longer would be shown as text anyway, once it is HTML; rendering it takes a tenth of a second. */
const MAX_MARKDOWN = 40_000
/** Bare addresses become links up to here: looking for them in four times as much takes sixteen times as long. */
const MAX_LINKIFIED = 8_000

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
      return sanitiseHtml(messageFormatted)
    case 'text/markdown':
      if (messageFormatted.length > MAX_MARKDOWN) return undefined
      return sanitiseHtml(await renderMarkdown(messageFormatted))
    default:
      return undefined
  }
}

/** @NOTE Loaded when there is some: hardly any message needs it, and every function would carry it. */
async function renderMarkdown(markdown: string): Promise<string> {
  const { default: MarkdownIt } = await import('markdown-it')
  return new MarkdownIt({ html: false, linkify: markdown.length <= MAX_LINKIFIED }).render(markdown)
}
