/**
 * `npm start`: builds Alice's and Bob's blogs, serves both with all their functions on this machine,
 * delivers Alice's posts, and says what came of it and what to open. With `--once` it ends after that.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { run } from '../lib/cli/run.ts'
import { inboxCommand } from '../lib/cli/inbox.ts'
import { sendCommand } from '../lib/cli/send.ts'
import type { CommandContext } from '../lib/cli/command.ts'
import { listen } from '../lib/web/node-server.ts'
import { findOut, type Findings } from './findings.ts'
import { buildNeighbour, openNeighbour, PASSPHRASES, urlOf, type Neighbour } from './neighbours.ts'

/** Always the same, so that a second start finds the posts where the first one sent them. */
const PORT = 8380

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string', default: String(PORT) },
    reset: { type: 'boolean', default: false },
    data: { type: 'string', default: 'example-site/.data' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const WHERE = { data: values.data, port: Number(values.port) }

if (values.help) {
  console.log(`npm start [-- options]
  --once       end after the delivery; 0 only if everything arrived
  --reset      forget earlier runs: new links, and everything is sent again
  --port PORT  where both sites are served (${PORT})
  --data DIR   where outputs, ledgers and what the functions keep are (example-site/.data)`)
} else {
  process.exitCode = await start()
}

async function start(): Promise<number> {
  if (values.reset) rmSync(values.data, { recursive: true, force: true })
  const neighbours = new Map<string, Neighbour>()
  const server = await listen(
    async (request, context) => {
      const neighbour = neighbours.get(new URL(request.url).host)
      return neighbour
        ? neighbour.endpoint(request, context)
        : new Response('Nobody lives here.\n', { status: 404 })
    },
    { port: WHERE.port, onError: (error) => console.error(error) },
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    console.error(`Port ${WHERE.port} is taken. Stop what runs there, or: npm start -- --port 8381`)
  })
  if (!server) return 1
  try {
    for (const name of ['bob', 'alice'] as const) {
      console.log(`Building ${name === 'alice' ? "Alice's" : "Bob's"} blog …`)
      await buildNeighbour(name, WHERE)
      neighbours.set(urlOf(name, WHERE).host, await openNeighbour(name, WHERE))
    }
    return await deliverAndTell(neighbours)
  } finally {
    await server.close()
    for (const neighbour of neighbours.values()) await neighbour.close()
  }
}

async function deliverAndTell(neighbours: ReadonlyMap<string, Neighbour>): Promise<number> {
  const alice = neighbours.get(urlOf('alice', WHERE).host)
  const bob = neighbours.get(urlOf('bob', WHERE).host)
  if (!alice || !bob) throw new TypeError('both of them live here')
  const interruption = new AbortController()
  process.once('SIGINT', () => interruption.abort())

  console.log(`\nDelivering from ${alice.url} …\n`)
  const context = contextOf(alice, interruption.signal)
  const options = ['--site', alice.url.href, '--ledger', alice.ledger]
  const exitCode = await run(
    [sendCommand],
    ['send', ...options, '--output', alice.output, '--allow-loopback'],
    context,
  )
  const findings = await findOut(alice, bob)
  tell(alice, bob, findings)
  if (values.once) return exitCode === 0 && findings.missing.length === 0 ? 0 : exitCode || 1

  console.log(`
Bob's inbox, as his terminal shows it:
`)
  await run([inboxCommand], ['inbox', '--site', bob.url.href], contextOf(bob, interruption.signal))
  invite(alice, bob, findings)
  await new Promise((done) => interruption.signal.addEventListener('abort', done))
  return 0
}

function contextOf({ environment }: Neighbour, signal: AbortSignal): CommandContext {
  return {
    cwd: process.cwd(),
    environment: { ...process.env, ...environment },
    terminal: {
      out: (text) => void process.stdout.write(text),
      error: (text) => void process.stderr.write(text),
      isInteractive: process.stdout.isTTY === true,
    },
    now: () => new Date(),
    readSecret: async () => '',
    signal,
  }
}

function tell(alice: Neighbour, bob: Neighbour, { seen, missing }: Findings): void {
  for (const what of seen) console.log(`  ✓ ${what}`)
  for (const what of missing) console.log(`  ✗ ${what}`)
  if (missing.length > 0) {
    console.log(`\nNot everything arrived at ${bob.url} as it was sent from ${alice.url}.`)
  }
}

function invite(alice: Neighbour, bob: Neighbour, { gated }: Findings): void {
  console.log(`
What to open:
  ${alice.url}                    Alice's blog, as everybody sees it
  ${bob.url}inbox                 what Bob was sent; his passphrase: ${PASSPHRASES.bob}
  ${gated}
                                  a post behind Alice's gate: sign in as ${bob.url.host}, or as somebody else
  ${alice.url}inbox               what Alice was sent; her passphrase: ${PASSPHRASES.alice}

Everybody's links, and Mum's invitation:
  npx tsx lib/cli/main.ts links --ledger ${alice.ledger} --site ${alice.url}

Both sites stay up until you press Ctrl-C.`)
}
