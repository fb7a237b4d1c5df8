import { createFmtpEndpoint } from '../fmtp/endpoint.ts'
import type { FmtpOptions } from '../fmtp/fmtp.ts'
import { announceStatus } from '../fmtp/presence.ts'
import { recoverRelay, sweepRelay } from '../fmtp/relay-queue.ts'
import type { SweepOptions } from '../store/sweep-queue.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { receivingOf } from './receiving.ts'
import { needAddress } from './own-address.ts'
import type { SiteOptions } from './site-options.ts'

/** `/fmtp/*`: greetings and objects. */
export function fmtpOf(options: SiteOptions): Endpoint {
  return createFmtpEndpoint(fmtpOptions(options))
}

/** Frees what a process that has crashed was carrying. */
export async function recoverFmtp({ store, now }: SiteOptions): Promise<void> {
  await recoverRelay({ store, now })
}

/** Hands on what children have left with us, and tells buddies of a new STATUS. */
export async function sweepFmtp(options: SiteOptions, limits?: SweepOptions): Promise<void> {
  const parts = fmtpOptions(options)
  await Promise.all([sweepRelay(parts, limits), announceStatus(parts, limits)])
}

function fmtpOptions(options: SiteOptions): FmtpOptions {
  const { settings } = options
  return { ...receivingOf(options), settings, address: needAddress(options) }
}
