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

/** Our home page, if that is the target. */
export function homeOf(
  target: URL,
  { site, me }: Pick<TargetOptions, 'site' | 'me'>,
): URL | undefined {
  const identity = staticPageIdentity(target)
  return [me, site].find((home) => staticPageIdentity(home) === identity)
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
  const home = homeOf(target, { site, me })
  if (home) return { kind: 'home', page: home }
  if (!staticPageIdentity(target).startsWith(staticPageIdentity(site))) return undefined

  const hash = pathHash(target.pathname)
  const targets = await readTargets(files)
  const page = new URL(target.pathname.replace(/(^|\/)index\.html?$/, '$1'), site)
  // Private first: of two pages that are one by their spelling, nobody learns that there is a private one.
  if (targets.private.has(hash)) return { kind: 'private', page }
  return targets.public.has(hash) ? { kind: 'public', page } : undefined
}
