import { timeLimit } from '../web/time-limit.ts'
import { discoverPmEndpoint } from './discovery.ts'
import { handOver } from './hand-over.ts'
import { buildEntry } from './jf2-entry.ts'
import { WORK_TIMEOUT } from './limits.ts'
import { findCurrentLetter, type AddressedLetter } from './message-name.ts'
import { DONE, type WorkOf, type WorkOutcome } from './pm-queue.ts'
import { isDestination } from './profile.ts'
import type { PmOptions } from './rel-pm.ts'
import { announceRequest, processPmResponse, type PmAnswer } from './sender.ts'
import { openSentStates } from './sent-state.ts'
import { keepStanding } from './standing-tokens.ts'

/**
 * Steps 5 and 6: looks at the recipient's own home page for the endpoint that asks, and brings the message
 * to no other.
 *
 * @throws {FetchError} where the home page or the endpoint cannot be had
 */
export async function answerRequest(
  { message, sealedToken, standing, ...work }: WorkOf<'request'>,
  options: PmOptions,
): Promise<WorkOutcome> {
  const { secrets, now } = options
  const to = new URL(work.to)
  const addressed = await findCurrentLetter(message, to, options)
  const token = await secrets.unseal(sealedToken)
  // The letter has been taken back, or our secret is another by now.
  if (!addressed || token === undefined) return DONE
  if (work.until <= now().toISOString()) return lapsed()

  const web = { fetch: options.fetch, signal: timeLimit(WORK_TIMEOUT) }
  const endpoint = await discoverPmEndpoint(to, { ...options, ...web })
  const { deliverTo, isHost = false } = work
  if (!endpoint || !isDestination(endpoint, { url: new URL(deliverTo), isHost }, to)) {
    const reason = `it was asked for by an endpoint that the home page of ${to.host} does not name`
    return { outcome: 'refused', reason }
  }
  if (standing) {
    const standingToken = await secrets.unseal(standing.sealedToken)
    const { seconds } = standing
    if (standingToken !== undefined)
      await keepStanding({ to, endpoint }, { token: standingToken, seconds }, options)
  }

  const entry = buildEntry(addressed, { ...options, uid: message })
  const answer = await handOver(endpoint, { entry, token }, web, now())
  return outcomeOf(answer, addressed, message, options)
}

async function outcomeOf(
  answer: PmAnswer,
  { letter: { version } }: AddressedLetter,
  message: string,
  options: PmOptions,
): Promise<WorkOutcome> {
  switch (answer.status) {
    case 'taken':
      await openSentStates(options).record(message, version, { state: 'handed over' })
      return DONE
    case 'unauthorized':
      return lapsed()
    case 'deferred':
      return { ...answer, outcome: 'later' }
    case 'refused':
      return { outcome: 'refused', reason: answer.reason }
  }
}

function lapsed(): WorkOutcome {
  return { outcome: 'lapsed', reason: 'their server could not take it while its token was good' }
}

/**
 * Steps 1 and 2 once more, for a message that could not be brought while its token was good.
 *
 * @throws {FetchError} where the home page or the endpoint cannot be had
 */
export async function announceAgain(
  { message, to: recipient }: WorkOf<'renewal'>,
  options: PmOptions,
): Promise<WorkOutcome> {
  const to = new URL(recipient)
  if (!(await findCurrentLetter(message, to, options))) return DONE
  const web = { fetch: options.fetch, signal: timeLimit(WORK_TIMEOUT) }
  const endpoint = await discoverPmEndpoint(to, { ...options, ...web })
  if (!endpoint) return { outcome: 'refused', reason: `${to.host} names no endpoint any more` }
  const announcement = { message, from: options.me, to, standing: true }
  const response = await announceRequest(endpoint, announcement, web)
  const answer = await processPmResponse(response, options.now())
  if (answer.status === 'taken') return DONE
  if (answer.status === 'deferred') return { ...answer, outcome: 'later' }
  return { outcome: 'refused', reason: answer.reason }
}
