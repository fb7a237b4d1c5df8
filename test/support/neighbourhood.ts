import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { inboxCommand } from '../../lib/cli/inbox.ts'
import { linksCommand } from '../../lib/cli/links.ts'
import { run } from '../../lib/cli/run.ts'
import { sendCommand } from '../../lib/cli/send.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { listen } from '../../lib/web/node-server.ts'
import {
  buildNeighbour,
  openNeighbour,
  urlOf,
  type Neighbour,
} from '../../example-site/neighbours.ts'

type Name = 'alice' | 'bob'

/** Alice's and Bob's sites of the example, with all functions, and whoever else lives on this machine. */
export interface Neighbourhood {
  readonly alice: Neighbour
  readonly bob: Neighbour
  urlOf(name: string): URL
  /** Somebody moves in at `http://<name>.localhost:PORT/`. */
  settle(name: string, endpoint: Endpoint): URL
  /** Runs a command as the owner of a site does. */
  command(name: Name, ...args: readonly string[]): Promise<CommandOutcome>
  close(): Promise<void>
}

export interface CommandOutcome {
  readonly exitCode: number
  readonly out: string
  readonly error: string
}

const COMMANDS = [sendCommand, linksCommand, inboxCommand]

export async function openNeighbourhood(): Promise<Neighbourhood> {
  const data = mkdtempSync(join(tmpdir(), 'private-posts-neighbours-'))
  const hosts = new Map<string, Endpoint>()
  const errors: unknown[] = []
  const server = await listen(
    async (request, context) => {
      const endpoint = hosts.get(new URL(request.url).host)
      return endpoint ? endpoint(request, context) : new Response('Nobody', { status: 404 })
    },
    { onError: (error) => errors.push(error) },
  )
  const where = { data, port: server.port }
  const open = async (name: Name) => {
    await buildNeighbour(name, where)
    const neighbour = await openNeighbour(name, where)
    hosts.set(neighbour.url.host, neighbour.endpoint)
    return neighbour
  }
  const bob = await open('bob')
  const alice = await open('alice')
  const neighbours = { alice, bob }

  return {
    ...neighbours,
    urlOf: (name) => urlOf(name, where),
    settle(name, endpoint) {
      const url = urlOf(name, where)
      hosts.set(url.host, endpoint)
      return url
    },
    async command(name, ...args) {
      let out = ''
      let error = ''
      const exitCode = await run(COMMANDS, args, {
        cwd: data,
        environment: neighbours[name].environment,
        terminal: {
          out: (text) => void (out += text),
          error: (text) => void (error += text),
          isInteractive: false,
        },
        now: () => new Date(),
        readSecret: async () => '',
        signal: new AbortController().signal,
      })
      return { exitCode, out, error }
    },
    async close() {
      await server.close()
      await Promise.all([alice.close(), bob.close()])
      rmSync(data, { recursive: true })
      if (errors.length > 0) throw errors[0]
    },
  }
}
