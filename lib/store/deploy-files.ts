/**
 * The files that travel with a deploy and are no part of the public output: gated pages, and what the
 * functions have to know of the build. On Netlify they are deploy blobs; elsewhere a folder.
 *
 * @module
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigurationError } from '../web/errors.ts'

/** Reads one of them. Names are ours: segments of `[a-z0-9._-]`, divided by slashes. */
export type DeployFiles = (name: string) => Promise<Uint8Array | undefined>

const NAME = /^[a-z0-9_-][a-z0-9._-]*(\/[a-z0-9_-][a-z0-9._-]*)*$/

export function isDeployFileName(name: string): boolean {
  return NAME.test(name)
}

/**
 * Reads them from a folder, as they are at that moment: a new build needs no restart. A list that has not been written
 * anew since the last look is the same object as then, so that its reader may keep what was made of it.
 */
export function openDeployFolder(folder: string): DeployFiles {
  const lists = new Map<string, { readonly stamp: string; readonly bytes: Uint8Array }>()
  return async (name) => {
    if (!isDeployFileName(name)) return undefined
    try {
      // Pages and letters are many; what lies beside their folders are a few lists.
      return await (name.includes('/') ? readFile(join(folder, name)) : readList(name))
    } catch (error) {
      if (isAbsence(error)) return undefined
      throw error
    }
  }

  async function readList(name: string): Promise<Uint8Array> {
    const file = join(folder, name)
    const { ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true })
    const stamp = [ino, size, mtimeNs, ctimeNs].join(' ')
    const kept = lists.get(name)
    if (kept?.stamp === stamp) return kept.bytes
    // Written anew between the two steps, it has another stamp at the next look.
    const bytes = await readFile(file)
    lists.set(name, { stamp, bytes })
    return bytes
  }
}

/** Reads one as JSON. What the build wrote is taken for what it is; a schema checks it on the other side. */
export async function readDeployJson(files: DeployFiles, name: string): Promise<unknown> {
  const bytes = await files(name)
  return bytes && parseDeployJson(bytes, name)
}

/** @throws {ConfigurationError} */
export function parseDeployJson(bytes: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    // fail closed because the parser's own message would quote what is private
    throw new ConfigurationError(`${name} of this deploy is not JSON. To do: build the site again.`)
  }
}

/** Names end where others are folders, and may be longer than a file system takes. */
function isAbsence(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(code)
}
