import { createFmtpEndpoint } from '../fmtp/endpoint.ts'
import type { FmtpOptions } from '../fmtp/fmtp.ts'
import { sweepRelay } from '../fmtp/relay-queue.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { receivingOf } from './receiving.ts'
import { needAddress } from './own-address.ts'
import type { SiteOptions } from './site-options.ts'

/** `/fmtp/*`: greetings and objects. */
export function fmtpOf(options: SiteOptions): Endpoint {
  return createFmtpEndpoint(fmtpOptions(options))
}

/** Hands on what children have left with us. */
export async function sweepFmtp(options: SiteOptions): Promise<void> {
  await sweepRelay(fmtpOptions(options))
}

function fmtpOptions(options: SiteOptions): FmtpOptions {
  const { settings } = options
  return { ...receivingOf(options), settings, address: needAddress(options) }
}
