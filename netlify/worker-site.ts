/**
 * A site on Netlify, for the functions that work in the background or for other functions: they visit other sites
 * themselves, and carry what that needs.
 *
 * @module
 */
import { FETCH_LIMITS } from '../lib/site/fetch-limits.ts'
import type { Variables } from '../lib/site/secret-keys.ts'
import type { Fetch } from '../lib/web/fetch.ts'
import { createGuardedFetch, userAgentOf } from '../lib/web/guarded-fetch.ts'
import { redactSecrets } from '../lib/web/redaction.ts'
import { openSite, type NetlifySite } from './site.ts'

export interface WorkerSite extends NetlifySite {
  /** For deliveries: a background function has more time than one whose answer is waited for. */
  readonly fetchForSender: Fetch
}

/**
 * Opens the site that a build has described.
 *
 * @throws {ConfigurationError} naming the variable that is missing or weak
 */
export function openWorkerSite(settings: unknown, variables: Variables = process.env): WorkerSite {
  const site = openSite(settings, variables)
  const { allowLoopback = false } = site
  const userAgent = userAgentOf(new URL(site.settings.me))
  const guarded = { allowLoopback, userAgent, redact: redactSecrets }
  return {
    ...site,
    fetch: createGuardedFetch({ ...FETCH_LIMITS, ...guarded }).fetch,
    fetchForSender: createGuardedFetch(guarded).fetch,
  }
}
