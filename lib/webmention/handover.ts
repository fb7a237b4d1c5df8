import { redactSecrets } from '../web/redaction.ts'
import type { Parcel, Receipt } from '../delivery/delivery.ts'
import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { processWebmentionResponse, webmentionRequest, type WebmentionAnswer } from './sender.ts'
import type { WebmentionCredentials } from './webmention.ts'

/** The largest receiver refuses a longer one, and what it refuses is final. */
const MAX_SOURCE_BYTES = 512
/** An endpoint that moves more often than that goes in circles. */
const MAX_MOVES = 5

/** What is said of an endpoint before it learns anything. */
export type EndpointJudgement =
  | { readonly refused: string }
  | { readonly warning?: string; readonly credentials?: WebmentionCredentials }

export interface HandoverOptions extends WebOptions {
  /** Asked about the endpoint, and about each place that it moved to. */
  readonly judge: (endpoint: URL) => Promise<EndpointJudgement>
  /** Told the headers of each answer; returns a warning, which comes too late for this parcel. */
  readonly onAnswer?: (endpoint: URL, headers: Headers) => string | undefined
  readonly now: () => Date
}

/** Posts a parcel's webmention to the endpoint, and to where that moved. */
export async function handOver(
  parcel: Parcel,
  endpoint: URL,
  options: HandoverOptions,
): Promise<Receipt> {
  const bytes = Buffer.byteLength(parcel.source.href)
  if (bytes > MAX_SOURCE_BYTES) {
    const reason = `the source URL has ${bytes} bytes; receivers take at most ${MAX_SOURCE_BYTES}`
    return { outcome: 'failed', reason }
  }
  try {
    return await postTo(parcel, endpoint, options)
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    const { kind, notBefore } = error
    const reason = redactSecrets(error.message)
    if (kind === 'refused') return { outcome: 'refused', reason }
    return { outcome: 'pending', reason, ...(notBefore && { notBefore }) }
  }
}

async function postTo(
  parcel: Parcel,
  first: URL,
  { judge, onAnswer, now, ...web }: HandoverOptions,
): Promise<Receipt> {
  let endpoint = first
  let warning: string | undefined
  for (let move = 0; move <= MAX_MOVES; move++) {
    const judgement = await judge(endpoint)
    if ('refused' in judgement) return { outcome: 'refused', reason: judgement.refused }
    warning ??= judgement.warning

    const { credentials } = judgement
    const response = await webmentionRequest(endpoint, parcel, {
      ...web,
      ...(credentials && { credentials }),
    })
    warning ??= onAnswer?.(endpoint, response.headers)
    const answer = await processWebmentionResponse(response, endpoint, now())
    if (answer.status !== 'moved') return receiptOf(answer, warning)
    endpoint = answer.location
  }
  return { outcome: 'failed', reason: `the endpoint moved more than ${MAX_MOVES} times` }
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
