import { redactTokens } from '../capability-url/redaction.ts'
import type { DeliveryProtocol, Parcel, Receipt } from '../delivery/delivery.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { discoverWebmentionEndpoint } from './discovery.ts'
import { publicLister } from './public-listers.ts'
import { processWebmentionResponse, webmentionRequest, type WebmentionAnswer } from './sender.ts'
import { followStatus } from './status-page.ts'

/** The largest receiver refuses a longer one, and what it refuses is final. */
const MAX_SOURCE_BYTES = 512
/** An endpoint that moves more often than that goes in circles. */
const MAX_MOVES = 5

export interface WebmentionDeliveryOptions {
  /**
   * What to do where the receiver is known to publish the sources it is sent and the source is a
   * capability URL: hand it over nevertheless, with or without a warning in the receipt, or not at all.
   */
  readonly exposure: 'refuse' | 'warn' | 'allow'
  readonly now: () => Date
}

/** Carries posts by Webmention. */
export function createWebmentionDelivery({
  exposure,
  now,
}: WebmentionDeliveryOptions): DeliveryProtocol {
  return {
    name: 'webmention',
    discover: (target, options) => discoverWebmentionEndpoint(target, { ...options, now }),
    follow: (statusUrl, options) => followStatus(statusUrl, { ...options, now }),
    deliver,
  }

  async function deliver(parcel: Parcel, endpoint: URL, options: WebOptions): Promise<Receipt> {
    const bytes = Buffer.byteLength(parcel.source.href)
    if (bytes > MAX_SOURCE_BYTES) {
      const reason = `the source URL has ${bytes} bytes; receivers take at most ${MAX_SOURCE_BYTES}`
      return { outcome: 'failed', reason }
    }
    try {
      return await deliverTo(parcel, endpoint, options)
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      const { kind, notBefore } = error
      const reason = redactTokens(error.message)
      if (kind === 'refused') return { outcome: 'refused', reason }
      return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
    }
  }

  /** Posts to the endpoint, and to where it moved. Each is judged before it learns anything. */
  async function deliverTo(parcel: Parcel, first: URL, options: WebOptions): Promise<Receipt> {
    let endpoint = first
    let warning: string | undefined
    for (let move = 0; move <= MAX_MOVES; move++) {
      warning ??= exposureOf(parcel, endpoint)
      if (warning && exposure === 'refuse') return { outcome: 'refused', reason: warning }

      const response = await webmentionRequest(endpoint, parcel, options)
      const answer = await processWebmentionResponse(response, endpoint, now())
      if (answer.status !== 'moved') return receiptOf(answer, warning)
      endpoint = answer.location
    }
    return { outcome: 'failed', reason: `the endpoint moved more than ${MAX_MOVES} times` }
  }

  /** What would become public if the parcel went to this endpoint. */
  function exposureOf(parcel: Parcel, endpoint: URL): string | undefined {
    const lister = parcel.exposure === 'capability' ? publicLister(endpoint) : undefined
    if (!lister || exposure === 'allow') return undefined
    return (
      `${lister.host} would publish the post's secret address: ${lister.why} (${lister.see}). ` +
      'Set "access: gate" on the post, which needs no secret address, or hand the link over by mail ' +
      'or chat: "private-posts links" prints it'
    )
  }
}

function receiptOf(
  answer: Exclude<WebmentionAnswer, { status: 'moved' }>,
  warning: string | undefined,
): Receipt {
  switch (answer.status) {
    case 'accepted': {
      const { statusUrl } = answer
      const reason = warning ? `${answer.reason}. Warning: ${warning}` : answer.reason
      return { outcome: 'delivered', reason, ...(statusUrl && { statusUrl }) }
    }
    case 'deferred': {
      const { reason, notBefore } = answer
      return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
    }
    case 'rejected':
      return { outcome: 'failed', reason: answer.reason }
  }
}
