import type { DeployFiles } from '../store/deploy-files.ts'
import { staticPageIdentity } from '../web/page-identity.ts'
import { pathHash, readTargets } from './targets.ts'

/** A page of ours that may be mentioned. */
export interface KnownTarget {
  /** `home`: to us rather than about something. `private`: about a page that only some may see. */
  readonly kind: 'home' | 'public' | 'private'
  /** By this address the mention is filed: as we are served, without query and fragment. */
  readonly page: URL
}

export interface TargetOptions {
  readonly site: URL
  readonly me: URL
  readonly files: DeployFiles
}

/**
 * Finds the page that a target is, in whichever spelling. Its query is ignored, as a static host does.
 *
 * @see [Webmention §3.2.1](https://www.w3.org/TR/webmention/#request-verification)
 */
export async function findTarget(
  target: URL,
  { site, me, files }: TargetOptions,
): Promise<KnownTarget | undefined> {
  const identity = staticPageIdentity(target)
  if (identity === staticPageIdentity(me)) return { kind: 'home', page: me }
  const home = staticPageIdentity(site)
  if (identity === home) return { kind: 'home', page: site }
  if (!identity.startsWith(home)) return undefined

  const hash = pathHash(target.pathname)
  const targets = await readTargets(files)
  const page = new URL(target.pathname.replace(/(^|\/)index\.html?$/, '$1'), site)
  // Private first: of two pages that are one by their spelling, nobody learns that there is a private one.
  if (targets.private.includes(hash)) return { kind: 'private', page }
  return targets.public.includes(hash) ? { kind: 'public', page } : undefined
}
