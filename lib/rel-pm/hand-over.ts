import type { WebOptions } from '../web/fetch.ts'
import { discardBody } from '../web/body.ts'
import type { Jf2Entry } from './jf2-entry.ts'
import { processPmResponse, pushFieldsRequest, pushRequest, type PmAnswer } from './sender.ts'

/** The answers of software that read no message in what we sent, or fell over it. */
const NOT_READ = [400, 404, 405, 406, 415, 422, 500]
/** The answers of software that found no token, or of one that knows what `Bearer` is. */
const NO_TOKEN = [401, 403]

/**
 * Step 6, in up to three formats, since the document names none: as jf2 with the token in the header, and where that
 * was not understood, as a form and then as JSON with the token in a field. All say the same, and go to the same endpoint.
 */
export async function handOver(
  endpoint: URL,
  push: { readonly entry: Jf2Entry; readonly token: string },
  web: WebOptions,
  now: Date,
): Promise<PmAnswer> {
  const response = await pushRequest(endpoint, push, web)
  if (!isNotUnderstood(response)) return processPmResponse(response, now)
  await discardBody(response)
  for (const format of ['form', 'json'] as const) {
    const other = await pushFieldsRequest(endpoint, push, format, web)
    const isRefused = isNotUnderstood(other)
    const answer = await processPmResponse(other, now)
    if (answer.status === 'taken' || (answer.status === 'deferred' && !isRefused)) return answer
  }
  // The first answer is about what the protocol says.
  return processPmResponse(new Response(null, response), now)
}

function isNotUnderstood({ status, headers }: Response): boolean {
  const knowsBearer = /^bearer\b/i.test(headers.get('www-authenticate') ?? '')
  return NOT_READ.includes(status) || (NO_TOKEN.includes(status) && !knowsBearer)
}
