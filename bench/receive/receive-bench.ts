import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fillInbox, openInbox } from '../inbox/filled-store.ts'
import { clientOf, createLoad } from '../load.ts'
import { startServer, type MeasuredServer, type ServerUsage } from '../measured-server.ts'
import type { BenchOptions } from '../options.ts'
import { atMost, progress, type Aim, type Report } from '../report.ts'
import { TSX } from '../send/crowd.ts'
import { buildServedSite, freePort, serveSite } from '../serve/site.ts'
import { describeSpread, spreadOf } from '../statistics.ts'

const MENTIONS = 1_000
const HOSTS = 200
const CONNECTIONS = 16
const FORM = 'application/x-www-form-urlencoded'
/** A page of the served site. */
const POST = 'posts/entry-00010/'
/** Messages that the inbox holds already. */
const BEFORE = [0, 10_000, 100_000]
/** Milliseconds. */
const PATIENCE = 300_000
const PAUSE = 500
/** Seconds of CPU in a pause: a server that has nothing to do but to tell what it has used. */
const IDLE = 0.015

interface Run {
  readonly seconds: number
  /** Of the receiver, for one mention. */
  readonly milliseconds: number
  readonly megabytes: number
}

/** Mentions that a server receives and verifies, sources in a process of their own. */
export async function benchReceive(work: string, options: BenchOptions): Promise<Report> {
  const folder = await buildServedSite(work)
  const port = await freePort()
  const site = new URL(`http://localhost:${port}/`)
  const sources = await startSources(new URL(POST, site))
  const store = join(folder, 'receive-store')
  let run = 0
  const own: { before: number; runs: Run[] }[] = []
  const peer: Run[] = []
  try {
    let filled = 0
    for (const before of BEFORE) {
      progress(`receive: filling up to ${before} messages`)
      await inInbox((opened) => fillInbox(opened, site, { from: filled, to: before }))
      filled = before
      const runs: Run[] = []
      // The others show how it grows, and one run each is enough for that.
      for (let turn = 0; turn < (before === 0 ? options.repetitions : 1); turn++) {
        if (before === 0) peer.push(await receive(await startPeer(), 'webmention-handler'))
        runs.push(await receiveOurs(before))
      }
      own.push({ before, runs })
    }
  } finally {
    await sources.end()
    rmSync(store, { recursive: true, force: true })
  }
  return reportOf(own, peer)

  async function inInbox<Result>(
    use: (opened: ReturnType<typeof openInbox>) => Promise<Result>,
  ): Promise<Result> {
    const opened = openInbox(store, site)
    try {
      return await use(opened)
    } finally {
      await opened.close()
    }
  }

  async function receiveOurs(before: number): Promise<Run> {
    const count = () => inInbox(async ({ inbox }) => (await inbox.counts()).all)
    const earlier = await count()
    const server = await serveSite(folder, ['--trust-proxy', '--store', store], {}, port)
    const result = await receive(server, `private-posts serve, ${before} messages`)
    // The inbox counts no further than it shows: from nothing on, it is exact.
    const kept = earlier === 0 ? await count() : MENTIONS
    if (kept !== MENTIONS) throw new TypeError(`${kept} of ${MENTIONS} mentions were kept`)
    return result
  }

  async function startPeer(): Promise<MeasuredServer> {
    const program = join(import.meta.dirname, 'peer-receiver.ts')
    const args = ['--import', TSX, program, String(port)]
    return startServer({ args, cwd: import.meta.dirname, port })
  }

  async function receive(server: MeasuredServer, name: string): Promise<Run> {
    const offset = MENTIONS * run++
    const load = createLoad(CONNECTIONS)
    try {
      const begin = await server.usage()
      const start = Date.now()
      const statuses = await load.run(MENTIONS, (number) => ({
        ...{ url: new URL('/webmention', server.url), method: 'POST' as const },
        headers: { 'content-type': FORM, 'x-forwarded-for': clientOf(number * 257) },
        body: new URLSearchParams({
          source: `http://h${number % HOSTS}.localhost:${sources.port}/post-${offset + number}`,
          target: new URL(POST, site).href,
        }).toString(),
      }))
      const accepted = (statuses.get(202) ?? 0) + (statuses.get(201) ?? 0)
      if (accepted !== MENTIONS) throw new TypeError(`${name}: ${JSON.stringify([...statuses])}`)
      const last = await sources.allAsked(MENTIONS)
      const end = await untilIdle(server)
      const seconds = (last - start) / 1000
      const milliseconds = ((end.cpuSeconds - begin.cpuSeconds) * 1000) / MENTIONS
      progress(`receive: ${name}: ${seconds.toFixed(1)} s, ${milliseconds.toFixed(1)} CPU ms each`)
      return { seconds, milliseconds, megabytes: end.residentBytes / 1e6 }
    } finally {
      load.close()
      await server.stop()
    }
  }
}

function reportOf(
  own: readonly { before: number; runs: readonly Run[] }[],
  peer: readonly Run[],
): Report {
  const spread = (runs: readonly Run[], measure: (run: Run) => number) =>
    spreadOf(runs.map(measure))
  const cells = (runs: readonly Run[]) => [
    describeSpread(spread(runs, ({ seconds }) => seconds)),
    describeSpread(spread(runs, ({ milliseconds }) => milliseconds)),
    describeSpread(
      spread(runs, ({ megabytes }) => megabytes),
      { digits: 0 },
    ),
  ]
  const cpuOf = (runs: readonly Run[]) => spread(runs, ({ milliseconds }) => milliseconds).median
  const [first, last] = [own[0]?.runs ?? [], own.at(-1)?.runs ?? []]
  const most = own.at(-1)?.before
  const ratio =
    spread(first, ({ seconds }) => seconds).median / spread(peer, ({ seconds }) => seconds).median
  const aims: Aim[] = [
    ...own.map(({ before, runs }) =>
      atMost(`CPU a mention, inbox of ${before} messages`, 5, cpuOf(runs), ' ms'),
    ),
    atMost(`CPU a mention, ${most} messages against none`, 1.2, cpuOf(last) / cpuOf(first), '×'),
    atMost(`time for ${MENTIONS} mentions`, 1.5, ratio, '× webmention-handler'),
  ]
  const points = own.map(({ before, runs }) => ({
    ...{ series: 'private-posts serve', x: before + MENTIONS, y: cpuOf(runs) },
  }))
  return {
    title: `Receiving and verifying ${MENTIONS} mentions from ${HOSTS} hosts, ${CONNECTIONS} senders at once`,
    columns: ['receiver', 'seconds', 'CPU ms each', 'memory MB'],
    rows: [
      ['webmention-handler', ...cells(peer)],
      ...own.map(({ before, runs }) => [
        `private-posts serve, ${before} messages in the inbox`,
        ...cells(runs),
      ]),
    ],
    aims,
    profile:
      'of a mention’s CPU the larger parts are the two HTTP requests (being told, and fetching the source), and the entries that are flushed to the disk one after the other: the queue, the limits and the message each have their own. Parsing the page in its thread and cleaning its HTML is most of the rest.',
    growth: [
      {
        ...{ name: 'receive', title: 'CPU of receiving a mention', points },
        ...{ x: 'messages in the inbox', y: 'CPU milliseconds' },
      },
    ],
    notes: [
      'Seconds: from the first request to the last fetch of a source. CPU: of the receiving process and all its threads. Every sender has another address (--trust-proxy), each host sends five: all limits and guards are on. webmention-handler keeps mentions in memory, has no limits, and guards nothing.',
    ],
    data: { own, peer },
  }
}

/** What was fetched last is still to be read and kept: waits until nothing is done any more. */
async function untilIdle(server: MeasuredServer): Promise<ServerUsage> {
  let before = await server.usage()
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    await sleep(PAUSE)
    const after = await server.usage()
    if (after.cpuSeconds - before.cpuSeconds < IDLE) return after
    before = after
  }
  throw new TypeError('a receiver that finds no rest')
}

async function startSources(target: URL) {
  const program = join(import.meta.dirname, 'sources.ts')
  const child = spawn(process.execPath, ['--import', TSX, program, target.href], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const port = Number(line)
  return {
    port,
    /** Waits until so many pages were asked for, and says when the last was. */
    async allAsked(count: number): Promise<number> {
      let seen = 0
      for (let waited = 0; waited < PATIENCE; waited += 50) {
        const response = await fetch(`http://127.0.0.1:${port}/asked`)
        const { asked, last } = (await response.json()) as { asked: number; last: number }
        seen += asked
        if (seen >= count) return last
        await sleep(50)
      }
      throw new TypeError(`${seen} of ${count} sources were asked for`)
    },
    async end() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
