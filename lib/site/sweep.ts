import { recoverFmtp, sweepFmtp } from './fmtp.ts'
import { recoverIntertalk, sweepIntertalk } from './intertalk.ts'
import { speaks } from './own-address.ts'
import { recoverRelPm, sweepRelPm } from './rel-pm.ts'
import type { SweepOptions } from '../store/sweep-queue.ts'
import type { SiteOptions } from './site-options.ts'
import { receivesWebmentions } from './webmention.ts'
import { recoverWebmentions, sweepReceiver } from './webmention-work.ts'

/** Milliseconds in which one protocol begins new work, where nobody says otherwise. */
const BUDGET = 20_000

/** Takes over what a process that has died was at. Only while nobody else serves the site. */
export async function recover(options: SiteOptions): Promise<void> {
  if (receivesWebmentions(options)) await recoverWebmentions(options)
  if (speaks(options, 'rel-pm')) await recoverRelPm(options)
  if (speaks(options, 'intertalk')) await recoverIntertalk(options)
  if (speaks(options, 'fmtp')) await recoverFmtp(options)
}

/**
 * Finishes what was cut off, of every protocol that the site speaks. Trouble with one does not keep the others
 * waiting.
 *
 * @throws What the first one threw that failed, when all have been looked at.
 */
export async function sweep(
  options: SiteOptions,
  { budgetMs = BUDGET, signal }: Pick<SweepOptions, 'budgetMs' | 'signal'> = {},
): Promise<void> {
  const limits = { budgetMs, signal }
  const outcomes = await Promise.allSettled([
    receivesWebmentions(options) && sweepReceiver(options, limits),
    speaks(options, 'rel-pm') && sweepRelPm(options, limits),
    speaks(options, 'intertalk') && sweepIntertalk(options, limits),
    speaks(options, 'fmtp') && sweepFmtp(options, limits),
  ])
  const trouble = outcomes.find((outcome) => outcome.status === 'rejected')
  if (trouble) throw trouble.reason
}
