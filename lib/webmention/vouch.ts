import { discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { isHtml } from '../web/media-type.ts'
import { parsePage, type PageParser, type PageReading } from '../web/page-parser.ts'

const MAX_VOUCH_BYTES = 1024 * 1024

/** A page that came from `url`, and the host that it should link to. */
export interface VouchPage {
  readonly html: string
  readonly url: string
  readonly hostname: string
}

export const VOUCH_PAGE: PageReading<VouchPage, boolean, 'vouch'> = { name: 'vouch' }

export interface VouchOptions {
  readonly fetch: Fetch
  readonly isDenied: (url: URL) => boolean | Promise<boolean>
  readonly parse?: PageParser
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
  { fetch, isDenied, parse = parsePage }: VouchOptions,
): Promise<boolean> {
  if (vouch.hostname === source.hostname || (await isDenied(vouch))) return false
  try {
    const response = await fetch(vouch, { headers: { accept: 'text/html' } })
    const url = new URL(response.url || vouch.href)
    if (!response.ok || !isHtml(response) || url.hostname === source.hostname) {
      await discardBody(response)
      return false
    }
    const html = await readText(response, { maxBytes: MAX_VOUCH_BYTES })
    return await parse(VOUCH_PAGE, { html, url: url.href, hostname: source.hostname })
  } catch (error) {
    if (error instanceof FetchError) return false
    throw error
  }
}
