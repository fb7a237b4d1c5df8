import { reportSetAside } from '../store/kept.ts'
import { recoverFmtp, sweepFmtp } from './fmtp.ts'
import { recoverIntertalk, sweepIntertalk } from './intertalk.ts'
import { inboxOf } from './inbox.ts'
import { speaks } from './own-address.ts'
import { recoverRelPm, sweepRelPm } from './rel-pm.ts'
import type { SweepOptions } from '../store/sweep-queue.ts'
import type { SiteOptions } from './site-options.ts'
import { receivesWebmentions } from './webmention.ts'
import { recoverWebmentions, sweepReceiver } from './webmention-work.ts'

/** Milliseconds in which one protocol begins new work, where nobody says otherwise. */
const BUDGET = 20_000

/**
 * Frees what a crashed process was doing, in the inbox and of every protocol that the site speaks, and tells the owner how many entries
 * of the store are set aside. Only while no other process serves the site.
 *
 * @throws What the first protocol threw that failed, when all have been looked at.
 */
export async function recover(options: SiteOptions): Promise<void> {
  throwFirst(
    await Promise.allSettled([
      inboxOf(options).mend(),
      receivesWebmentions(options) && recoverWebmentions(options),
      speaks(options, 'rel-pm') && recoverRelPm(options),
      speaks(options, 'intertalk') && recoverIntertalk(options),
      speaks(options, 'fmtp') && recoverFmtp(options),
    ]),
  )
  await reportSetAside(options.store)
}

/**
 * Finishes what was cut off, in the inbox and of every protocol that the site speaks. Trouble with one does not keep the others
 * waiting.
 *
 * @throws What the first one threw that failed, when all have been looked at.
 */
export async function sweep(
  options: SiteOptions,
  { budgetMs = BUDGET, signal }: Pick<SweepOptions, 'budgetMs' | 'signal'> = {},
): Promise<void> {
  const limits = { budgetMs, signal }
  throwFirst(
    await Promise.allSettled([
      inboxOf(options).mend(),
      receivesWebmentions(options) && sweepReceiver(options, limits),
      speaks(options, 'rel-pm') && sweepRelPm(options, limits),
      speaks(options, 'intertalk') && sweepIntertalk(options, limits),
      speaks(options, 'fmtp') && sweepFmtp(options, limits),
    ]),
  )
}

function throwFirst(outcomes: readonly PromiseSettledResult<unknown>[]): void {
  const trouble = outcomes.find((outcome) => outcome.status === 'rejected')
  if (trouble) throw trouble.reason
}
