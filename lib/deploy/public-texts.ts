import { MAX_BODY_BYTES, discardBody, readText } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { mediaType } from '../web/media-type.ts'
import { feedsOf, nextOf } from './feed-links.ts'

/** What everybody gets at an address: a text, or why there is none. */
export interface PublicText {
  readonly place: URL
  readonly text: string
  /** Why this look says little or nothing. */
  readonly trouble?: string
  readonly feeds: readonly URL[]
  /** Where a list goes on. */
  readonly next: URL | undefined
}

/** No texts. Feeds without an extension, and old ones, are called whatever their host knows. */
const NO_TEXT =
  /^(?:audio|font|image|model|video)\/(?!.*\+xml$)|^application\/(?:pdf|zip|wasm|.*(?:zip|compressed|tar)|vnd\.(?!.*\+(?:json|xml)$).*)$/
/** One byte less than the fetch allows, so that a longer body is cut here and not refused there. */
const MOST_BYTES = MAX_BODY_BYTES - 1

/**
 * Reads what everybody can read at an address: without credentials, and whatever the status is, because an error
 * page may list the newest comments as well.
 */
export async function readPublicText(
  place: URL,
  { fetch, signal }: WebOptions,
): Promise<PublicText> {
  try {
    const response = await fetch(place, {
      headers: {
        accept: 'text/html, application/xml, application/json, */*;q=0.5',
        'cache-control': 'no-cache',
      },
      signal: signal ?? null,
    })
    if (NO_TEXT.test(mediaType(response))) {
      await discardBody(response)
      return nothingAt(place, `is ${mediaType(response)}`)
    }
    const text = await readText(response, { maxBytes: MOST_BYTES, truncate: true })
    const url = new URL(response.url || place.href)
    const trouble = response.ok ? undefined : `answered ${response.status}`
    const feeds = await feedsOf(response, text, url)
    return {
      ...{ place, text, feeds, next: nextOf(response, text, url) },
      ...(trouble !== undefined && { trouble }),
    }
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    return nothingAt(place, error.message)
  }
}

function nothingAt(place: URL, trouble: string): PublicText {
  return { place, text: '', trouble, feeds: [], next: undefined }
}
