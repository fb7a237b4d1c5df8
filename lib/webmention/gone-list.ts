import * as v from 'valibot'
import { readDeployJson, type DeployFiles } from '../store/deploy-files.ts'
import { pathHash } from './targets.ts'

/** The deploy file that says which addresses were given out or told once, and are gone. The build writes it. */
export const GONE_FILE = 'gone.json'

const GoneList = v.object({
  version: v.literal(1),
  /** By {@link pathHash} of the URL path: from when on (ISO 8601) it is gone. */
  paths: v.record(v.string(), v.string()),
})
export type GoneList = v.InferOutput<typeof GoneList>

/**
 * Tells whether one of these URL paths is gone by now.
 *
 * @see [Webmention §3.1.5](https://www.w3.org/TR/webmention/#sending-webmentions-for-deleted-posts)
 */
export async function isGonePath(
  paths: readonly string[],
  { files, now }: { readonly files: DeployFiles; readonly now: () => Date },
): Promise<boolean> {
  const value = await readDeployJson(files, GONE_FILE)
  if (value === undefined) return false
  const { paths: gone } = v.parse(GoneList, value)
  return paths.map(pathHash).some((hash) => {
    const since = Object.hasOwn(gone, hash) ? gone[hash] : undefined
    return since !== undefined && Date.parse(since) <= now().getTime()
  })
}
