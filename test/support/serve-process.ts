import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../../lib/web/node-server.ts'
import { createSite, EMPTY_LEDGER, REPOSITORY, type Site } from './site.ts'

/** A busy machine starts a process in a second or two. */
const PATIENCE = 30_000
export const SERVE_SECRET = randomBytes(32).toString('base64url')

export interface ServedSite {
  readonly url: URL
  /** What it has said so far, on both streams. */
  said(): string
  isRunning(): boolean
  stop(signal: NodeJS.Signals): Promise<number | null>
}

/** Sites that are served by processes of their own, as their owners do it. */
export function createServeLab() {
  const sites: Site[] = []
  const running = new Set<ChildProcess>()
  return { builtSite, start, serve, dispose }

  async function builtSite(
    files: Readonly<Record<string, string>> = {},
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<Site> {
    const site = createSite({
      ...EMPTY_LEDGER,
      'index.md': '---\npermalink: /\n---\n# Alice',
      'posts/hello.md': '# Hello',
      ...files,
    })
    sites.push(site)
    await site.build({
      options: { me: 'https://alice.example/', ...options },
      variables: { PRIVATE_POSTS_SECRET: SERVE_SECRET },
    })
    return site
  }

  function start(
    { folder }: Site,
    options: readonly string[],
    variables: Readonly<Record<string, string>>,
  ): ChildProcess {
    const { PRIVATE_POSTS_SECRET: _, ...environment } = process.env
    const tsx = ['--import', import.meta.resolve('tsx'), `${REPOSITORY}/lib/cli/main.ts`]
    const child = spawn(process.execPath, [...tsx, 'serve', '--allow-loopback', ...options], {
      cwd: folder,
      env: { ...environment, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    running.add(child)
    child.once('exit', () => running.delete(child))
    return child
  }

  async function serve(
    site: Site,
    port?: number,
    options: readonly string[] = [],
    variables: Readonly<Record<string, string>> = {},
  ): Promise<ServedSite> {
    const place = port ?? (await freePort())
    const all = ['--port', String(place), ...options]
    const child = start(site, all, { PRIVATE_POSTS_SECRET: SERVE_SECRET, ...variables })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk) => (said += String(chunk)))
    }
    const url = new URL(`http://localhost:${place}/`)
    for (let waited = 0; waited < PATIENCE; waited += 50) {
      const isUp = await fetch(url).then(
        () => true,
        () => false,
      )
      if (isUp) break
      if (child.exitCode !== null) assert.fail(said)
      await sleep(50)
    }
    return {
      url,
      said: () => said,
      isRunning: () => child.exitCode === null && child.signalCode === null,
      async stop(signal) {
        const exit = once(child, 'exit')
        child.kill(signal)
        return (await exit)[0] as number | null
      },
    }
  }

  function dispose(): void {
    for (const child of running) child.kill('SIGKILL')
    for (const site of sites) site.dispose()
  }
}

/** What a process says until it ends. */
export async function outputOf({ stdout, stderr }: ChildProcess): Promise<string> {
  let text = ''
  for (const stream of [stdout, stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  await Promise.all([stdout, stderr].map((stream) => stream && once(stream, 'close')))
  return text
}

export async function freePort(): Promise<number> {
  const server = await listen(async () => new Response())
  await server.close()
  return server.port
}
