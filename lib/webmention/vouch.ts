import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { baseUrl, MAX_ELEMENTS, parseHtml } from '../web/html.ts'
import { isHtml } from '../web/media-type.ts'
import { linksBelow } from './link-search.ts'

const MAX_VOUCH_BYTES = 1024 * 1024

export interface VouchOptions {
  readonly fetch: Fetch
  readonly isDenied: (url: URL) => boolean | Promise<boolean>
}

/**
 * Whether a page of somebody else links to the site of the source. A hint for who decides, no more: a
 * page that cannot be had is one that does not vouch.
 *
 * @see [Vouch](https://indieweb.org/Vouch)
 */
export async function verifyVouch(
  vouch: URL,
  source: URL,
  { fetch, isDenied }: VouchOptions,
): Promise<boolean> {
  if (vouch.hostname === source.hostname || (await isDenied(vouch))) return false
  try {
    const response = await fetch(vouch, { headers: { accept: 'text/html' } })
    const url = new URL(response.url || vouch.href)
    if (!response.ok || !isHtml(response) || url.hostname === source.hostname) {
      await discardBody(response)
      return false
    }
    const body = await readText(response, { maxBytes: MAX_VOUCH_BYTES })
    const document = parseHtml(body, { scripting: false, maxElements: MAX_ELEMENTS })
    const isOfSource = (link: string) => new URL(link).hostname === source.hostname
    return linksBelow(document, baseUrl(document, url), isOfSource)
  } catch (error) {
    if (error instanceof FetchError) return false
    throw error
  }
}
