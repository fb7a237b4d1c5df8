import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { pathIdentity } from '../web/page-identity.ts'
import { readDeployJson, type DeployFiles } from '../store/deploy-files.ts'

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

/** Without a build there are no pages. */
export async function readTargets(files: DeployFiles): Promise<Targets> {
  const value = await readDeployJson(files, TARGETS_FILE)
  return value === undefined ? { version: 1, public: [], private: [] } : v.parse(Targets, value)
}

/** The page at a URL path, in whichever spelling. Hashed: the list tells nobody a private address. */
export function pathHash(path: string): string {
  return createHash('sha256').update(pathIdentity(path)).digest('base64url').slice(0, 22)
}
