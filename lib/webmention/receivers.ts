import { discardBody } from '../web/body.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { relsInHeader } from '../web/rel-discovery.ts'
import { discoverReceiver, type WebmentionOptions } from './discovery.ts'
import {
  isOfEndpoint,
  recognisePublisher,
  WORDPRESS_REL,
  type Receiver,
  type RecognisedPublisher,
} from './publishers.ts'

/** What a sender has seen of receivers in one run, so that a page is not fetched again to judge its receiver. */
export interface SeenReceivers {
  /** Finds the endpoint of `target`, and keeps what its page tells of the receiver. */
  discover(target: URL, options: WebmentionOptions): Promise<URL | undefined>
  /** The publisher at an endpoint, by what was seen already. */
  publisherAt(endpoint: URL): RecognisedPublisher | undefined
  /**
   * The same. An endpoint at another host than its page is asked once for its headers, because the page's
   * headers say nothing about it.
   */
  examine(endpoint: URL, options: WebOptions): Promise<RecognisedPublisher | undefined>
  /** Keeps what the endpoint's own answer tells; returns the publisher that only this answer has shown. */
  learn(endpoint: URL, headers: Headers): RecognisedPublisher | undefined
}

export function createSeenReceivers(): SeenReceivers {
  const seen = new Map<string, Receiver>()
  const publisherAt = (endpoint: URL) => recognisePublisher(seen.get(endpoint.href) ?? { endpoint })

  const learn = (endpoint: URL, headers: Headers) => {
    if (publisherAt(endpoint)) return undefined
    seen.set(endpoint.href, { endpoint, headers, rels: relsOf(headers, endpoint) })
    return publisherAt(endpoint)
  }

  return {
    publisherAt,
    learn,

    async discover(target, options) {
      const receiver = await discoverReceiver(target, options)
      if (receiver) seen.set(receiver.endpoint.href, receiver)
      return receiver?.endpoint
    },

    async examine(endpoint, options) {
      const receiver = seen.get(endpoint.href)
      const known = publisherAt(endpoint)
      if (known || !receiver || isOfEndpoint(receiver)) return known
      const headers = await headersOf(endpoint, options)
      return headers && learn(endpoint, headers)
    },
  }
}

/** The headers of the endpoint; none where it does not answer, which the delivery will find out as well. */
async function headersOf(
  endpoint: URL,
  { fetch, signal }: WebOptions,
): Promise<Headers | undefined> {
  try {
    const response = await fetch(endpoint, { method: 'HEAD', signal: signal ?? null })
    await discardBody(response)
    return response.headers
  } catch (error) {
    if (error instanceof FetchError) return undefined
    throw error
  }
}

function relsOf(headers: Headers, endpoint: URL) {
  return relsInHeader({ headers }, endpoint, [WORDPRESS_REL])
}
