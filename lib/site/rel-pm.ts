import { createPmEndpoint } from '../rel-pm/pm-endpoint.ts'
import { recoverPm, sweepPm } from '../rel-pm/process.ts'
import type { PmOptions } from '../rel-pm/rel-pm.ts'
import type { SweepOptions } from '../store/sweep-queue.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { receivingOf } from './receiving.ts'
import type { SiteOptions } from './site-options.ts'

/** `/pm`: announcements, requests and messages of rel=pm. */
export function relPmOf(options: SiteOptions): Endpoint {
  return createPmEndpoint(pmOptions(options))
}

/** Takes over what a process that has died was at. */
export async function recoverRelPm(options: SiteOptions): Promise<void> {
  await recoverPm(pmOptions(options))
}

/** Finishes what was announced or asked for, and cut off. */
export async function sweepRelPm(options: SiteOptions, limits?: SweepOptions): Promise<void> {
  await sweepPm(pmOptions(options), limits)
}

function pmOptions(options: SiteOptions): PmOptions {
  const { profile, recipients: profiles } = options.settings
  const { name } = profile
  return { ...receivingOf(options), profiles, ...(name !== undefined && { name }) }
}
