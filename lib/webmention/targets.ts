import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { pathIdentity } from '../web/page-identity.ts'
import { parseDeployJson, type DeployFiles } from '../store/deploy-files.ts'

/** The deploy file that tells the receiver which pages there are. The build writes it. */
export const TARGETS_FILE = 'targets.json'

const Targets = v.object({
  version: v.literal(1),
  /** {@link pathHash} of the URL path of every page that may be mentioned. */
  public: v.array(v.string()),
  /** The same of capability pages and gated pages. */
  private: v.array(v.string()),
})
export type Targets = v.InferOutput<typeof Targets>

/** {@link Targets}, to look something up in. */
export interface KnownTargets {
  readonly public: ReadonlySet<string>
  readonly private: ReadonlySet<string>
}

/** Without a build there are no pages. */
const NO_TARGETS: KnownTargets = { public: new Set(), private: new Set() }
/** Bytes that were parsed before: the list grows with the site, and is asked for with every mention. */
const parsed = new WeakMap<Uint8Array, KnownTargets>()

export async function readTargets(files: DeployFiles): Promise<KnownTargets> {
  const bytes = await files(TARGETS_FILE)
  if (!bytes) return NO_TARGETS
  const known = parsed.get(bytes)
  if (known) return known
  const list = v.parse(Targets, parseDeployJson(bytes, TARGETS_FILE))
  const targets = { public: new Set(list.public), private: new Set(list.private) }
  parsed.set(bytes, targets)
  return targets
}

/** The page at a URL path, in whichever spelling. Hashed: the list tells nobody a private address. */
export function pathHash(path: string): string {
  return createHash('sha256').update(pathIdentity(path)).digest('base64url').slice(0, 22)
}
