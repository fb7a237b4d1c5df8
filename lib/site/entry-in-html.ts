import { entryAmong, jf2OfItem } from '../rel-pm/message-body.ts'
import { MAX_ELEMENTS, parseHtml } from '../web/html.ts'
import { parseMicroformats } from '../webmention/microformats.ts'

/** The message in HTML that somebody sent, as jf2. What has no h-entry is all of it the message. */
export function entryInHtml({
  html,
  url,
}: {
  readonly html: string
  readonly url: string
}): Readonly<Record<string, unknown>> {
  const document = parseHtml(html, { maxElements: MAX_ELEMENTS })
  const { items } = parseMicroformats(document, new URL(url))
  const entry = entryAmong(items)
  return entry ? jf2OfItem(entry) : { type: 'entry', content: { html } }
}
