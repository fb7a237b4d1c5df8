import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { getDeployStore } from '@netlify/blobs'
import { isDeployFileName, openDeployFolder, type DeployFiles } from '../lib/store/deploy-files.ts'
import { ifVanished } from '../lib/web/vanished.ts'
import { createBlobsFetch } from './blobs-fetch.ts'

/** Before each name of ours in the deploy's store. */
const STORE = 'private-posts'
/** Where a build has put the files, from the project's root: its own folder, and the copy that a deploy takes along. */
const STATE_FOLDER = '.private-posts/deploy'
const UPLOADS = '.netlify/v1/blobs/deploy/private-posts'

/**
 * Reads the files that travel with the deploy. `netlify dev` and `netlify serve` deploy nothing, so they have no store
 * with them: there, the folders are read that the last build has left on this machine.
 */
export function openDeployFiles({ cwd }: { readonly cwd: string }): DeployFiles {
  const folder = openDeployFolder(join(cwd, STATE_FOLDER))
  return async (name) => {
    if (!isDeployFileName(name)) return undefined
    let missing: unknown
    const bytes = await readBlob(name).catch((error: unknown) => {
      if (!isWithoutDeploy(error)) throw error
      missing = error
      return undefined
    })
    const found = bytes ?? (await folder(name)) ?? (await readUpload(name))
    // On a server, where no build has left a folder, this is a fault of the platform.
    if (!found && missing !== undefined) throw missing
    return found
  }

  async function readUpload(name: string): Promise<Uint8Array | undefined> {
    return readFile(join(cwd, UPLOADS, name, 'blob')).catch(ifVanished(undefined))
  }
}

async function readBlob(name: string): Promise<Uint8Array | undefined> {
  const store = getDeployStore({ fetch: createBlobsFetch() })
  const bytes: ArrayBuffer | null = await store.get(`${STORE}/${name}`, { type: 'arrayBuffer' })
  return bytes ? new Uint8Array(bytes) : undefined
}

/** What the client says where Netlify has told it of no deploy. */
function isWithoutDeploy(error: unknown): boolean {
  return error instanceof Error && error.name === 'MissingBlobsEnvironmentError'
}
