/**
 * Measures `private-posts send` against the arithmetic floor and against two other senders, with receivers that
 * answer in 30 ms: 1,000 targets on one host, 1,000 on 200 hosts, and 10,000 on 200.
 *
 * @module
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { COMMAND } from '../build/plugin.ts'
import { lastWords, measureNode, type Measurement } from '../measured-process.ts'
import type { BenchOptions } from '../options.ts'
import { atMost, progress, type Aim, type Growth, type Report } from '../report.ts'
import { describeSpread, rotate, spreadOf, type Spread } from '../statistics.ts'
import { describeSite, publish, startReceivers, TSX, type Crowd } from './crowd.ts'
import type { Counts } from './receivers.ts'

/** Seconds until a receiver answers. */
const DELAY = 0.03
const PER_HOST = 4
const IN_TOTAL = 64
const OWN = 'private-posts send'
const PEERS = ['@remy/webmention', 'send-webmention']
const LINKS_OF_A_POST = 10

const CROWDS: readonly Crowd[] = [
  { targets: 1_000, hosts: 1 },
  { targets: 1_000, hosts: 200 },
  { targets: 10_000, hosts: 200 },
]

interface Run {
  readonly sender: string
  readonly counts: Counts
  readonly measured: Measurement
}

interface Result extends Crowd {
  readonly sender: string
  readonly seconds: Spread
  readonly floors: Spread
  readonly cpu: Spread
}

/** Two requests for each target, as many at once as politeness allows. */
function floorOf({ targets, hosts }: Crowd): number {
  const connections = Math.min(IN_TOTAL, hosts * PER_HOST)
  return Math.ceil((2 * targets) / connections) * DELAY
}

export async function benchSend(work: string, { repetitions }: BenchOptions): Promise<Report> {
  const rows: string[][] = []
  const data: Result[] = []
  const aims: Aim[] = []
  const points: Growth['points'][number][] = []
  for (const crowd of CROWDS) {
    const runs: Run[] = []
    const senders = [OWN, ...PEERS]
    for (let turn = 0; turn < (crowd.targets > 1_000 ? 1 : repetitions); turn++) {
      for (const sender of rotate(senders, turn)) {
        progress(`send, ${crowd.targets} targets on ${crowd.hosts} hosts  ${sender}`)
        runs.push(await send(sender, crowd, work))
      }
    }
    for (const sender of senders) {
      const own = runs.filter((run) => run.sender === sender)
      const spread = (value: (run: Run) => number) => spreadOf(own.map(value))
      const result = {
        ...{ sender, ...crowd, floor: floorOf(crowd) },
        seconds: spread(({ counts }) => counts.seconds),
        floors: spread(({ counts }) => counts.seconds / floorOf(crowd)),
        whole: spread(({ measured }) => measured.seconds),
        cpu: spread(({ measured }) => (measured.cpuSeconds * 1000) / crowd.targets),
        peak: spread(({ measured }) => measured.peakBytes / 2 ** 20),
        counts: own[0]?.counts,
      }
      data.push(result)
      points.push({
        series: `${sender}, ${crowd.hosts} hosts`,
        x: crowd.targets,
        y: result.seconds.median,
      })
      if (sender === OWN) aims.push(...aimsOf(crowd, result))
      rows.push([
        `${crowd.targets} on ${crowd.hosts}: ${sender}`,
        describeSpread(result.seconds),
        describeSpread(result.floors),
        describeSpread(result.whole),
        describeSpread(result.cpu),
        result.peak.median.toFixed(0),
      ])
    }
  }
  return {
    aims: [...aims, ...fasterThanPeers(data)],
    profile:
      'of a delivery’s CPU about half is the two HTTP requests themselves (sockets, parsing of heads, the Fetch standard’s objects); the rest is the guards (looking the host up, checking each address), reading the page for its endpoint in a thread, and the line in the journal. The start of the process and the first look at the deployed pages are paid once and weigh on a small run.',
    growth: [
      {
        ...{ name: 'send', title: 'Seconds of sending to 200 hosts', x: 'targets', y: 'seconds' },
        points: points.filter(({ series }) => series.endsWith('200 hosts')),
      },
    ],
    title: `Sending, receivers that answer in ${DELAY * 1000} ms, ${PER_HOST} requests a host and ${IN_TOTAL} in all`,
    columns: ['targets on hosts', 'seconds', '× floor', 'whole run: s', 'CPU ms each', 'peak MiB'],
    rows,
    notes: [
      'seconds: from the first request at a receiver to the last answer. floor: two requests for each target, divided by the connections, times 30 ms. whole run: from the start of the process to its end. CPU: of the whole process and all its threads, divided by the targets.',
      'Only private-posts send looks whether the pages are live, guards its requests, writes down each notification before it is sent, and parses strangers’ pages in a thread with limits.',
    ],
    data,
  }
}

function aimsOf({ targets, hosts }: Crowd, { floors, cpu }: Result): Aim[] {
  const bound = hosts === 1 ? 1.15 : 1.5
  return [
    atMost(`time for ${targets} targets on ${hosts} hosts`, bound, floors.median, '× floor'),
    atMost(`CPU a delivery, ${targets} targets on ${hosts} hosts`, 2, cpu.median, ' ms'),
  ]
}

/** Over many hosts; on one host politeness alone says how long it takes. */
function fasterThanPeers(results: readonly Result[]): Aim[] {
  const ofMany = results.filter(({ targets, hosts }) => targets === 1_000 && hosts > 1)
  const own = ofMany.find(({ sender }) => sender === OWN)?.seconds.median ?? Number.NaN
  return ofMany
    .filter(({ sender }) => sender !== OWN)
    .map(({ sender, seconds }) =>
      atMost(`time for 1000 targets on 200 hosts`, 1, own / seconds.median, `× ${sender}`),
    )
}

async function send(sender: string, crowd: Crowd, work: string): Promise<Run> {
  const folder = join(work, 'send')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, '_site'), { recursive: true })
  const { site, targets, end, counts } = await startReceivers(crowd, join(folder, '_site'))
  try {
    const pairs = publish(site, targets, join(folder, '_site'), LINKS_OF_A_POST)
    writeFileSync(join(folder, 'pairs.json'), JSON.stringify(pairs))
    await describeSite(folder)
    const args =
      sender === OWN
        ? [COMMAND, 'send', '--site', site.href, '--wait', '0', '--allow-loopback', '--json']
        : ['--import', TSX, join(import.meta.dirname, 'peer-sender.ts'), sender, 'pairs.json']
    const measured = await measureNode(args, folder)
    if (measured.exitCode !== 0) throw new TypeError(`${sender}: ${lastWords(measured)}`)
    const seen = await counts()
    if (seen.posts !== targets.length) throw new TypeError(`${sender}: ${seen.posts} were told`)
    return { sender, measured, counts: seen }
  } finally {
    await end()
  }
}
