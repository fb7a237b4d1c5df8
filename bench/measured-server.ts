import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'

export interface ServerUsage {
  readonly cpuSeconds: number
  readonly residentBytes: number
}

export interface MeasuredServer {
  readonly url: URL
  /** What its process has used until now. */
  usage(): Promise<ServerUsage>
  stop(): Promise<void>
}

export interface ServerStart {
  /** A script and its arguments. */
  readonly args: readonly string[]
  readonly cwd: string
  readonly port: number
  readonly variables?: Readonly<Record<string, string>>
}

const USAGE = pathToFileURL(join(import.meta.dirname, 'usage-on-request.mjs')).href
/** Milliseconds. */
const PATIENCE = 60_000

/** Starts a server in a process of its own, and waits until it answers. */
export async function startServer(start: ServerStart): Promise<MeasuredServer> {
  const url = new URL(`http://localhost:${start.port}/`)
  const child = spawn(process.execPath, ['--import', USAGE, ...start.args], {
    cwd: start.cwd,
    env: { ...process.env, ...start.variables },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk) => (said = `${said}${String(chunk)}`.slice(-2_000)))
  for (let waited = 0; ; waited += 50) {
    if (child.exitCode !== null || waited > PATIENCE) {
      child.kill()
      throw new TypeError(`the server did not start: ${said}`)
    }
    const isUp = await fetch(url).then(
      async (response) => (await response.arrayBuffer(), true),
      () => false,
    )
    if (isUp) break
    await sleep(50)
  }
  return {
    url,
    async usage() {
      const answer = once(child, 'message')
      child.send('usage')
      return (await answer)[0] as ServerUsage
    },
    async stop() {
      if (child.exitCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    },
  }
}
