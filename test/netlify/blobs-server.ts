import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { getDeployStore, getStore, type Store as NetlifyStore } from '@netlify/blobs'
import { BlobsServer } from '@netlify/blobs/server'
import { createBlobsFetch } from '../../netlify/blobs-fetch.ts'
import { listFiles } from '../support/site.ts'

export interface LocalBlobs {
  readonly open: (name: string) => NetlifyStore
  /** What Netlify puts into `NETLIFY_BLOBS_CONTEXT` for a function. */
  readonly context: string
  /** The same of a deploy without any files. */
  readonly emptyContext: string
  /** Does with `.netlify/v1/blobs/deploy` what Netlify does with it before a deploy. */
  upload(folder: string): Promise<readonly string[]>
  stop(): Promise<void>
}

const SITE = { siteID: 'site', token: 'xxxxxxx' }
const DEPLOY = 'deploy0123456789'

/** Netlify's own emulator, on a folder of its own. */
export async function startBlobs(): Promise<LocalBlobs> {
  const directory = mkdtempSync(join(tmpdir(), 'private-posts-blobs-'))
  const server = new BlobsServer({ directory, token: SITE.token, port: 0 })
  const { port } = await server.start()
  const url = `http://localhost:${port}`
  const where = { ...SITE, edgeURL: url, uncachedEdgeURL: url, fetch: createBlobsFetch() }
  const contextOf = (deployID: string) => {
    const place = { edgeURL: url, uncachedEdgeURL: url, primaryRegion: 'us-east-2' }
    return Buffer.from(JSON.stringify({ ...SITE, ...place, deployID })).toString('base64')
  }
  return {
    open: (name) => getStore({ ...where, name, consistency: 'strong' }),
    context: contextOf(DEPLOY),
    emptyContext: contextOf('empty'),
    async upload(folder) {
      const store = getDeployStore({ ...where, deployID: DEPLOY, region: 'us-east-2' })
      const files = listFiles(folder).filter((file) => file.endsWith('/blob'))
      const keys = files.map((file) => file.slice(0, -'/blob'.length))
      for (const key of keys) await store.set(key, readFileSync(join(folder, key, 'blob'), 'utf8'))
      return keys
    },
    async stop() {
      await server.stop()
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
