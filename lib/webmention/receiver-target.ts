import type { DeployFiles } from '../store/deploy-files.ts'
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
 * Finds the page that a target is. The fragment is ignored, the query too, as a static host does; a
 * target by http is the page that is served by https.
 *
 * @see [Webmention §3.2.1](https://www.w3.org/TR/webmention/#request-verification)
 */
export async function findTarget(
  target: URL,
  { site, me, files }: TargetOptions,
): Promise<KnownTarget | undefined> {
  if (isHome(target, me)) return { kind: 'home', page: me }
  if (isHome(target, site)) return { kind: 'home', page: site }
  if (!isSameHost(target, site) || !target.pathname.startsWith(site.pathname)) return undefined

  const hashes = spellings(target.pathname).map(pathHash)
  const targets = await readTargets(files)
  const isListed = (list: readonly string[]) => hashes.some((hash) => list.includes(hash))
  const page = new URL(target.pathname.replace(/(^|\/)index\.html$/, '$1'), site)
  // Private first: a page in both lists is one by mistake.
  if (isListed(targets.private)) return { kind: 'private', page }
  return isListed(targets.public) ? { kind: 'public', page } : undefined
}

function isHome(target: URL, home: URL): boolean {
  return isSameHost(target, home) && pathHash(target.pathname) === pathHash(home.pathname)
}

/** The same host at the same port, or at the default port of the other scheme. */
function isSameHost(one: URL, other: URL): boolean {
  return one.host === other.host
}

/** A path as URLs have it, and as people and file systems write it. */
function spellings(path: string): string[] {
  try {
    return [path, decodeURI(path)]
  } catch {
    // Not UTF-8 behind the percent signs: then there is no other spelling.
    return [path]
  }
}
