import { timeLimit } from '../web/time-limit.ts'
import { discoverPmEndpoint } from './discovery.ts'
import { WORK_TIMEOUT } from './limits.ts'
import { DONE, type WorkOf, type WorkOutcome } from './pm-queue.ts'
import { pmAddress, type PmOptions } from './rel-pm.ts'
import {
  checkRequest,
  deliveryRequest,
  processCheckResponse,
  processPmResponse,
  type PmAnswer,
} from './sender.ts'
import { issueStanding } from './standing-tokens.ts'

/**
 * The recipient's second half of step 2, and steps 3 and 4: asks the home page of whoever is said to have
 * written where their messages are, and there whether it is so, and for the message.
 *
 * @throws {FetchError} where the home page or the endpoint cannot be had
 */
export async function answerAnnouncement(
  { message, from: sender, standing, ...work }: WorkOf<'announcement'>,
  options: PmOptions,
): Promise<WorkOutcome> {
  const { fetch, secrets, isDenied, now, me } = options
  const from = new URL(sender)
  const to = new URL(work.to)
  const web = { fetch, signal: timeLimit(WORK_TIMEOUT) }

  const endpoint = await discoverPmEndpoint(from, { ...options, ...web, asSender: true })
  // Whoever was denied while it waited is asked for nothing, and so is who handles messages for them.
  if (!endpoint || (await isDenied(from.href)) || (await isDenied(endpoint.href))) return DONE

  const check = await checkRequest(endpoint, { message, from, to }, web)
  const known = await processCheckResponse(check, now())
  if (known.status !== 'taken') return outcomeOf(known)

  const request = {
    message,
    to,
    deliverTo: pmAddress(options),
    // A new one for each attempt: nobody knows what became of the one before.
    token: await secrets.issue('pm-token', { message, from: from.href, to: me.href }),
    ...(standing && { standing: await issueStanding({ from, to: me }, options) }),
  }
  return outcomeOf(await processPmResponse(await deliveryRequest(endpoint, request, web), now()))
}

function outcomeOf(answer: PmAnswer): WorkOutcome {
  switch (answer.status) {
    case 'taken':
      return DONE
    case 'deferred':
      return { ...answer, outcome: 'later' }
    case 'unauthorized':
    case 'refused':
      return { outcome: 'refused', reason: answer.reason }
  }
}
