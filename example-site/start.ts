/**
 * `npm start`: builds Alice's blog and her readers' sites, serves them with all their functions on this
 * machine, delivers Alice's posts, lets everybody answer, and says what came of it and what to open. With
 * `--once` it ends after that.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { run } from '../lib/cli/run.ts'
import { inboxCommand } from '../lib/cli/inbox.ts'
import { sendCommand } from '../lib/cli/send.ts'
import type { CommandContext, ExitCode } from '../lib/cli/command.ts'
import { openLedgerFile } from '../lib/ledger/ledger-file.ts'
import { listen } from '../lib/web/node-server.ts'
import { findOut, LETTER, letterTo, type Findings } from './findings.ts'
import {
  buildNeighbour,
  openNeighbour,
  PASSPHRASES,
  READERS,
  urlOf,
  type Name,
  type Neighbour,
} from './neighbours.ts'

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
  --port PORT  where all sites are served (${PORT})
  --data DIR   where outputs, ledgers and what the functions keep are (example-site/.data)`)
} else {
  process.exitCode = await start()
}

async function start(): Promise<number> {
  if (values.reset) rmSync(values.data, { recursive: true, force: true })
  const hosts = new Map<string, Neighbour>()
  const server = await listen(
    async (request, context) => {
      const neighbour = hosts.get(new URL(request.url).host)
      return neighbour
        ? neighbour.endpoint(request, context)
        : new Response('Nobody lives here.\n', { status: 404 })
    },
    {
      port: WHERE.port,
      onError: (error) => console.error(error),
      onUpgrade: (incoming, socket, ...rest) => {
        const { onUpgrade } = hosts.get(incoming.headers.host ?? '') ?? {}
        if (onUpgrade) onUpgrade(incoming, socket, ...rest)
        else socket.destroy()
      },
    },
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    console.error(`Port ${WHERE.port} is taken. Stop what runs there, or: npm start -- --port 8381`)
  })
  if (!server) return 1
  try {
    const open = async (name: Name) => {
      console.log(`Building the site of ${urlOf(name, WHERE).host} …`)
      await buildNeighbour(name, WHERE)
      const neighbour = await openNeighbour(name, WHERE)
      hosts.set(neighbour.url.host, neighbour)
      return neighbour
    }
    const [bob, dora, emil, frida, alice] = [
      await open('bob'),
      await open('dora'),
      await open('emil'),
      await open('frida'),
      await open('alice'),
    ]
    return await deliverAndTell({ bob, dora, emil, frida, alice })
  } finally {
    await server.close()
    for (const neighbour of hosts.values()) await neighbour.close()
  }
}

async function deliverAndTell(neighbours: Readonly<Record<Name, Neighbour>>): Promise<number> {
  const { alice, bob } = neighbours
  const interruption = new AbortController()
  process.once('SIGINT', () => interruption.abort())

  console.log(`\nDelivering from ${alice.url} …\n`)
  let exitCode = await send(alice, interruption.signal)
  console.log('Everybody answers, each in the way in which they were told …\n')
  for (const { name } of READERS) {
    const answered = await answer(neighbours[name], alice, interruption.signal)
    if (answered > exitCode) exitCode = answered
  }
  const findings = await findOut(neighbours)
  tell(alice, findings)
  if (values.once) return exitCode === 0 && findings.missing.length === 0 ? 0 : exitCode || 1

  console.log(`
Alice's inbox, as her terminal shows it:
`)
  const context = contextOf(alice, interruption.signal)
  await run([inboxCommand], ['inbox', '--site', alice.url.href], context)
  invite(alice, bob, findings)
  await new Promise((done) => interruption.signal.addEventListener('abort', done))
  return 0
}

/** Runs `private-posts send` for one of the sites. */
function send(neighbour: Neighbour, signal: AbortSignal): Promise<ExitCode> {
  const { url, ledger, output } = neighbour
  const options = ['--site', url.href, '--ledger', ledger, '--output', output]
  const context = contextOf(neighbour, signal)
  return run([sendCommand], ['send', ...options, '--allow-loopback'], context)
}

/** A reader writes a private post that answers Alice's, once it has arrived, and delivers it. */
async function answer(reader: Neighbour, alice: Neighbour, signal: AbortSignal): Promise<ExitCode> {
  const { deliveries } = await openLedgerFile(alice.ledger).read()
  const letters = deliveries.filter(({ post }) => post.endsWith(LETTER))
  const letter = await letterTo(reader, new Set(letters.map(({ source }) => source)))
  await buildNeighbour(reader.name, WHERE, letter)
  return send(reader, signal)
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

function tell(alice: Neighbour, { seen, missing }: Findings): void {
  for (const what of seen) console.log(`  ✓ ${what}`)
  for (const what of missing) console.log(`  ✗ ${what}`)
  if (missing.length > 0)
    console.log(`\nNot everything went from and to ${alice.url} as it should.`)
}

function invite(alice: Neighbour, bob: Neighbour, { gated }: Findings): void {
  const inboxes = READERS.map(({ name, title, protocol }): [string, string] => [
    `${urlOf(name, WHERE)}inbox`,
    `what ${title} was sent by ${protocol}; passphrase: ${PASSPHRASES[name]}`,
  ])
  const places: readonly [string, string][] = [
    [alice.url.href, "Alice's blog, as everybody sees it"],
    [`${alice.url}inbox`, `what Alice was sent; her passphrase: ${PASSPHRASES.alice}`],
    ...inboxes,
    [gated, `a post behind Alice's gate: sign in as ${bob.url.host}, or as somebody else`],
  ]
  const width = Math.max(...places.map(([place]) => place.length))
  console.log(`
What to open:
${places.map(([place, what]) => `  ${place.padEnd(width)}  ${what}`).join('\n')}

Everybody's links, and Mum's invitation:
  npx tsx lib/cli/main.ts links --ledger ${alice.ledger} --site ${alice.url}

How each of her readers is told, and why:
  npx tsx lib/cli/main.ts routes --ledger ${alice.ledger} --site ${alice.url} --allow-loopback

All sites stay up until you press Ctrl-C.`)
}
