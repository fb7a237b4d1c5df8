import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import type { Store } from '../store/store.ts'
import { networkOf } from '../web/address-text.ts'
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { NO_STORE, type TokenRequest } from '../web/oauth.ts'
import { timeLimit } from '../web/time-limit.ts'
import { sendTicket, type TicketSenderOptions } from './sender.ts'
import { TICKET_TIMEOUT } from './ticketing.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** A site asks for a ticket when its last one has run out. */
const PER_CLIENT: Rate = { name: 'ticket-client', limit: 20, seconds: 60 }
/** Nobody can make us knock at somebody's ticket endpoint all day. */
const PER_SUBJECT: Rate = { name: 'ticket-subject', limit: 5, seconds: 600 }
const MAX_SUBJECT_LENGTH = 512

export interface TicketRequestOptions extends Omit<TicketSenderOptions, 'signal'> {
  readonly store: Store
  readonly now: () => Date
  /** What our tickets are good for, and who issues them. */
  readonly resource: URL
  readonly iss: URL
  /** Whether there is a gated post that they may read. */
  readonly isReader: (subject: URL) => Promise<boolean>
}

/**
 * Sends a ticket to somebody who may read something here, if they are asked for in their name:
 * `action=ticket` and `subject`. The ticket goes to the subject's own endpoint, never to whoever asked,
 * and the answer is the same whoever the subject is; so is its time, where the host lets us work on
 * after it.
 *
 * @throws {RequestError} `invalid_request` without a subject, `rate_limit_exceeded`
 * @see [indieauth#87](https://github.com/indieweb/indieauth/issues/87)
 */
export function ticketRequest({
  store,
  now,
  resource,
  iss,
  isReader,
  ...sender
}: TicketRequestOptions): TokenRequest {
  const rateLimit = createRateLimit(store, now)

  return async (form, _request, context) => {
    if (field(form, 'action') !== 'ticket') return undefined
    const subject = parseSubject(field(form, 'subject'))
    const { clientAddress } = context ?? {}
    const retryAfter = clientAddress && (await rateLimit(PER_CLIENT, networkOf(clientAddress)))
    if (retryAfter) {
      throw new RequestError('rate_limit_exceeded', 'too many', { status: 429, retryAfter })
    }

    const work = send(subject)
    if (context) context.waitUntil(work)
    else await work
    return new Response(null, { status: 202, headers: NO_STORE })
  }

  async function send(subject: URL): Promise<void> {
    if ((await rateLimit(PER_SUBJECT, subject.href)) !== undefined) return
    if (!(await isReader(subject))) return
    const signal = timeLimit(TICKET_TIMEOUT)
    // What comes of it is between us and the subject: who asked is told nothing.
    await sendTicket({ subject, resource, iss }, { ...sender, signal })
  }
}

function parseSubject(text: string | undefined): URL {
  if (text !== undefined && text.length <= MAX_SUBJECT_LENGTH && canParseUrl(text)) {
    const url = new URL(text)
    if (url.protocol === 'https:' || url.protocol === 'http:') return url
  }
  throw new RequestError('invalid_request', '"subject" is no profile URL')
}
