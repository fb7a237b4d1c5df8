import type { WebOptions } from '../web/fetch.ts'
import { discardBody } from '../web/body.ts'
import type { Jf2Entry } from './jf2-entry.ts'
import { processPmResponse, pushFormRequest, pushRequest, type PmAnswer } from './sender.ts'

/** The answers of software that read no message in what we sent. */
const NOT_READ = [400, 415, 422]
/** The answers of software that found no token, or of one that knows what `Bearer` is. */
const NO_TOKEN = [401, 403]

/**
 * Step 6, in up to two forms, since the document names none: as jf2 with the token in the header, and where that
 * was not understood, as a form with the token in a field. Both say the same, and go to the same endpoint.
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
  const answer = await processPmResponse(await pushFormRequest(endpoint, push, web), now)
  if (answer.status === 'taken' || answer.status === 'deferred') return answer
  // The first answer is about what the protocol says.
  return processPmResponse(new Response(null, response), now)
}

function isNotUnderstood({ status, headers }: Response): boolean {
  const knowsBearer = /^bearer\b/i.test(headers.get('www-authenticate') ?? '')
  return NOT_READ.includes(status) || (NO_TOKEN.includes(status) && !knowsBearer)
}
