/**
 * `npm start`: builds Alice's blog, serves it and Bob's site on this machine, delivers Alice's posts
 * to Bob, and says what happened and what to open. With `--once` it ends after the delivery.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Eleventy } from '@11ty/eleventy'
import { run } from '../lib/cli/run.ts'
import { linksCommand } from '../lib/cli/links.ts'
import { sendCommand } from '../lib/cli/send.ts'
import type { CommandContext, Terminal } from '../lib/cli/command.ts'
import { openLedgerFile } from '../lib/ledger/ledger-file.ts'
import { listen } from '../lib/web/node-server.ts'
import { createStaticSite } from '../lib/web/static-site.ts'
import { createBobReceiver } from './bob-receiver.ts'
import { createBobSite } from './bob-site.ts'

/** Always the same, so that a second start finds the posts where the first one sent them. */
const PORT = 8380
/** Bob looks at each mention in a few milliseconds; ten seconds are for a machine that is busy. */
const PATIENCE = 10_000

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string', default: String(PORT) },
    reset: { type: 'boolean', default: false },
    data: { type: 'string', default: 'example-site/.data' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const OUTPUT = `${values.data}/site`
const LEDGER = `${values.data}/private-posts.ledger.json`
const MENTIONS = `${values.data}/bob-mentions.json`

if (values.help) {
  console.log(`npm start [-- options]
  --once       end after the delivery; 0 only if everything arrived
  --reset      forget earlier runs: new links, and everything is sent again
  --port PORT  where both sites are served (${PORT})
  --data DIR   where the output, the ledger and Bob's store are kept (example-site/.data)`)
} else {
  process.exitCode = await start()
}

async function start(): Promise<number> {
  if (values.reset) rmSync(values.data, { recursive: true, force: true })
  const port = Number(values.port)
  const alice = new URL(`http://alice.localhost:${port}/`)
  const bob = new URL(`http://bob.localhost:${port}/`)

  const receiver = createBobReceiver(bob.host, MENTIONS)
  const aliceSite = createStaticSite({ folder: OUTPUT })
  const bobSite = createBobSite({ folder: 'example-site/bob', alice, receiver })
  const server = await listen(
    (request) => (new URL(request.url).host === bob.host ? bobSite(request) : aliceSite(request)),
    { port, onError: (error) => console.error(error) },
  ).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error
    console.error(`Port ${port} is taken. Stop what runs there, or: npm start -- --port 8381`)
  })
  if (!server) return 1
  try {
    console.log(`Building Alice's blog …`)
    await buildAlice(alice, bob)
    console.log(`\nDelivering from ${alice} …\n`)
    const interruption = new AbortController()
    process.once('SIGINT', () => interruption.abort())
    const context = contextOf(interruption.signal)
    const common = ['--site', alice.href, '--ledger', LEDGER]
    const exitCode = await run(
      [sendCommand, linksCommand],
      ['send', ...common, '--output', OUTPUT, '--allow-loopback'],
      context,
    )
    const arrived = await everythingArrived(receiver)
    tell(alice, bob, arrived, receiver.verified().length)
    if (values.once) return exitCode === 0 && arrived ? 0 : exitCode || 1

    console.log('Both sites stay up until you press Ctrl-C.')
    await new Promise((done) => interruption.signal.addEventListener('abort', done))
    return 0
  } finally {
    await server.close()
  }
}

async function buildAlice(alice: URL, bob: URL): Promise<void> {
  process.env['ALICE_URL'] = alice.href
  process.env['BOB_URL'] = bob.href
  // The ledger of the example lies on this machine and stays there, whoever runs it.
  process.env['PRIVATE_POSTS_LEDGER_PERSISTS'] = 'true'
  process.env['EXAMPLE_LEDGER'] = LEDGER
  process.env['EXAMPLE_OUTPUT'] = OUTPUT
  rmSync(OUTPUT, { recursive: true, force: true })
  const site = new Eleventy(undefined, undefined, {
    configPath: 'example-site/eleventy.config.js',
    quietMode: true,
  })
  await site.write()
}

function contextOf(signal: AbortSignal): CommandContext {
  const terminal: Terminal = {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
    isInteractive: process.stdout.isTTY === true,
  }
  return {
    cwd: process.cwd(),
    environment: process.env,
    terminal,
    now: () => new Date(),
    readSecret: async () => '',
    signal,
  }
}

/** Whether Bob's own receiver has fetched and verified everything that the ledger calls delivered. */
async function everythingArrived(receiver: ReturnType<typeof createBobReceiver>): Promise<boolean> {
  const { deliveries } = await openLedgerFile(LEDGER).read()
  const delivered = deliveries.filter(({ outcome }) => outcome === 'delivered')
  const isVerified = ({ source, target }: { source: string; target: string }) =>
    receiver.verified().some((mention) => mention.source === source && mention.target === target)
  for (let waited = 0; waited < PATIENCE; waited += 50) {
    if (delivered.every(isVerified)) return delivered.length > 0
    await new Promise((done) => setTimeout(done, 50))
  }
  return false
}

function tell(alice: URL, bob: URL, arrived: boolean, verified: number): void {
  console.log(
    arrived
      ? `Bob's receiver (npm webmention-handler) fetched and verified all ${verified} of them.`
      : `Bob's receiver did not verify all of them: see ${MENTIONS}`,
  )
  if (values.once) return
  console.log(`
What to open:
  ${alice}             Alice's blog, as everybody sees it
  ${bob}inbox/         what Bob was sent: follow a link to read a private post as Bob
  ${bob}                Bob's own site

Everybody's links, Mum's and Grandma's too:
  npx tsx lib/cli/main.ts links --ledger ${LEDGER} --site ${alice}
`)
}
