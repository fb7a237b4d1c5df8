import { FetchError } from '../web/errors.ts'
import type { WebOptions } from '../web/fetch.ts'
import { discoverPmEndpoint, type PmDiscoveryOptions } from './discovery.ts'
import { pmAddress, type PmPlace } from './rel-pm.ts'

/**
 * Why nobody would believe an announcement of ours; `undefined` where our home page says where our messages
 * are, as step 2 wants it.
 *
 * @throws {FetchError} if the home page cannot be had
 */
type OwnHome = (web: WebOptions) => Promise<string | undefined>

/** Looks at the owner's home page as a recipient's server would, once: a run does not change it. */
export function createOwnHome(
  place: PmPlace & Pick<PmDiscoveryOptions, 'now' | 'allowLoopback'>,
): OwnHome {
  let found: Promise<string | undefined> | undefined
  return (web) => (found ??= whyNotBelieved(place, web))
}

async function whyNotBelieved(
  place: PmPlace & Pick<PmDiscoveryOptions, 'now' | 'allowLoopback'>,
  web: WebOptions,
): Promise<string | undefined> {
  const { me } = place
  const address = pmAddress(place)
  const named = await namedBy(place, web)
  if (named === address.href) return undefined
  const what = named ?? 'no endpoint for messages'
  // From its own host a path is enough, and it goes on working when the site moves.
  const href = address.origin === me.origin ? address.pathname : address.href
  return `nobody would believe it: your home page ${me.href} names ${what}. Put <link rel="pm" href="${href}"> into its head`
}

/** The endpoint that it names, or why it is none. */
async function namedBy(
  { me, ...rest }: PmPlace & Pick<PmDiscoveryOptions, 'now' | 'allowLoopback'>,
  web: WebOptions,
): Promise<string | undefined> {
  try {
    return (await discoverPmEndpoint(me, { ...rest, ...web, asSender: true }))?.href
  } catch (error) {
    if (!(error instanceof FetchError) || error.kind !== 'refused') throw error
    return `no endpoint for messages that is safe (${error.message})`
  }
}
