import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createServer } from 'node:net'
import { once } from 'node:events'
import { buildOnce } from '../build/build-once.ts'
import { writeSite } from '../build/generated-site.ts'
import { COMMAND } from '../build/plugin.ts'
import { ours } from '../build/ways.ts'
import { startServer, type MeasuredServer } from '../measured-server.ts'

const SIZES = { posts: 20, private: 2, recipients: 2 }
const SECRET = randomBytes(32).toString('base64url')
export const SERVE_VARIABLES = { PRIVATE_POSTS_SECRET: SECRET }

/** Builds a small site, which `serve` can serve. */
export async function buildServedSite(work: string): Promise<string> {
  const folder = join(work, 'served')
  const way = ours(SIZES)
  writeSite(folder, SIZES, way.shape)
  const build = await buildOnce(way, folder)
  if (typeof build === 'string') throw new TypeError(`the site was not built: ${build}`)
  return folder
}

/** Starts `private-posts serve`, as its owner does. */
export async function serveSite(
  folder: string,
  options: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
  givenPort?: number,
): Promise<MeasuredServer> {
  const port = givenPort ?? (await freePort())
  return startServer({
    args: [COMMAND, 'serve', '--port', String(port), '--allow-loopback', ...options],
    cwd: folder,
    port,
    variables: { ...SERVE_VARIABLES, ...variables },
  })
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}
