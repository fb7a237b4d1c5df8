import { sweepQueue, type SweepOptions } from '../store/sweep-queue.ts'
import type { Claim } from '../store/work-queue.ts'
import { withDeadline } from '../web/deadline.ts'
import { FetchError } from '../web/errors.ts'
import { answerAnnouncement } from './answer-announcement.ts'
import { announceAgain, answerRequest } from './answer-request.ts'
import {
  ANNOUNCEMENT_RETRIES,
  MAX_RENEWALS,
  REQUEST_LIFETIME,
  REQUEST_RETRIES,
  WORK_TIMEOUT,
} from './limits.ts'
import { findLetter } from './message-name.ts'
import { createPmQueue, workId, type PmWork, type WorkOutcome } from './pm-queue.ts'
import { sweepPushes } from './push.ts'
import type { PmOptions } from './rel-pm.ts'
import { openSentStates } from './sent-state.ts'

type Unfinished = Exclude<WorkOutcome, { outcome: 'done' }>

/**
 * Does a piece of queued work, unless another process is doing it; and once more, where it was asked for again
 * meanwhile. Whatever happens on the way, it stays queued until its end.
 *
 * @returns Whether there was something to do.
 */
export async function processQueued(id: string, options: PmOptions): Promise<boolean> {
  const queue = createPmQueue(options)
  let isTaken = false
  for (let claim = await queue.claim(id); claim; claim = await queue.claim(id)) {
    isTaken = true
    const { work } = claim
    const result = await attempt(work, options)
    const next = result.outcome === 'later' ? nextTry(claim, result, options) : undefined
    if (next) {
      await queue.retry(claim, next)
      continue
    }
    if (result.outcome !== 'done' && work.kind !== 'announcement') await fail(work, result, options)
    // A request is answered once: whoever repeats it wants the message brought with a token that is spent.
    const remember = new Date(options.now().getTime() + REQUEST_LIFETIME)
    await queue.settle(claim, work.kind === 'request' ? { remember } : {})
  }
  return isTaken
}

/**
 * Takes up what was cut off, or is to be tried again: announcements, requests, and messages that were taken
 * but have not reached the inbox. To be called every minute or so.
 *
 * @returns How many were taken up.
 */
export async function sweepPm(options: PmOptions, limits: SweepOptions = {}): Promise<number> {
  const process = (id: string) => processQueued(id, options)
  const { now } = options
  const taken = await sweepQueue(createPmQueue(options), process, { ...limits, now })
  return taken + (await sweepPushes(options))
}

/** Takes over at once what a process that has died was at. Only while nobody else serves the site. */
export async function recoverPm(options: PmOptions): Promise<void> {
  await createPmQueue(options).release()
}

async function attempt(work: PmWork, options: PmOptions): Promise<WorkOutcome> {
  try {
    return await withDeadline(perform(work, options), WORK_TIMEOUT)
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    const { kind, message: reason, notBefore } = error
    return kind === 'refused'
      ? { outcome: 'refused', reason }
      : { outcome: 'later', reason, notBefore }
  }
}

function perform(work: PmWork, options: PmOptions): Promise<WorkOutcome> {
  switch (work.kind) {
    case 'announcement':
      return answerAnnouncement(work, options)
    case 'request':
      return answerRequest(work, options)
    case 'renewal':
      return announceAgain(work, options)
  }
}

/** `undefined`: it has been tried often enough. */
function nextTry(
  { work, attempts }: Claim<PmWork>,
  { notBefore }: Extract<WorkOutcome, { outcome: 'later' }>,
  { now }: PmOptions,
): Date | undefined {
  const retries = work.kind === 'request' ? REQUEST_RETRIES : ANNOUNCEMENT_RETRIES
  const seconds = retries[attempts - 1]
  if (seconds === undefined) return undefined
  const next = Math.max(now().getTime() + seconds * 1000, notBefore?.getTime() ?? 0)
  return new Date(next)
}

/** What a message of ours comes to that was not handed over: it is announced again, or its author is told. */
async function fail(
  { kind, message, to }: Exclude<PmWork, { kind: 'announcement' }>,
  { outcome, reason }: Unfinished,
  options: PmOptions,
): Promise<void> {
  const addressed = await findLetter(message, new URL(to), options)
  if (!addressed) return
  const { version } = addressed.letter
  const states = openSentStates(options)
  if (kind === 'request' && outcome !== 'refused') {
    if ((await states.renew(message, version)) <= MAX_RENEWALS) {
      const host = new URL(to).host
      const renewal = { kind: 'renewal', message, to } as const
      await createPmQueue(options).add(workId('renewal', message, to), renewal, { host })
      return
    }
  }
  await states.record(message, version, { state: 'refused', reason })
}
