/**
 * Measures `private-posts send` against the arithmetic floor and against two other senders, with receivers that
 * answer in 30 ms: 1,000 targets on one host, 1,000 on 200 hosts, and 10,000 on 200.
 *
 * @module
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { COMMAND } from '../build/plugin.ts'
import { lastWords, measureNode, type Measurement } from '../measured-process.ts'
import { progress, type Report } from '../report.ts'
import { describeSpread, rotate, spreadOf } from '../statistics.ts'
import type { Counts } from './receivers.ts'

/** Seconds until a receiver answers. */
const DELAY = 0.03
const PER_HOST = 4
const IN_TOTAL = 64
const LINKS_OF_A_POST = 10
const OWN = 'private-posts send'
const PEERS = ['@remy/webmention', 'send-webmention']
const TSX = import.meta.resolve('tsx')

interface Crowd {
  readonly targets: number
  readonly hosts: number
}

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

/** Two requests for each target, as many at once as politeness allows. */
function floorOf({ targets, hosts }: Crowd): number {
  const connections = Math.min(IN_TOTAL, hosts * PER_HOST)
  return Math.ceil((2 * targets) / connections) * DELAY
}

export async function benchSend(work: string, { repetitions = 3 } = {}): Promise<Report> {
  const rows: string[][] = []
  const data: object[] = []
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

async function send(sender: string, crowd: Crowd, work: string): Promise<Run> {
  const folder = join(work, 'send')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, '_site'), { recursive: true })
  const { site, targets, end, counts } = await startReceivers(crowd, join(folder, '_site'))
  try {
    const pairs = publish(site, targets, join(folder, '_site'))
    writeFileSync(join(folder, 'pairs.json'), JSON.stringify(pairs))
    await openLedgerFile(join(folder, 'private-posts.ledger.json')).update(async (ledger) => ({
      ledger: { ...ledger, site: SETTINGS },
      result: undefined,
    }))
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

const SETTINGS: SiteRecord = {
  ...SITE_DEFAULTS,
  ...{ me: 'https://alice.example/', posts: ['private/**'], prefix: '/p/', pathPrefix: '/' },
  ...{ input: '.', output: '_site', tokens: 'random', exposure: 'refuse', auditExceptions: [] },
}

/** Writes the deployed pages. */
function publish(site: URL, targets: readonly string[], output: string) {
  const pairs: { source: string; target: string }[] = []
  for (let start = 0; start < targets.length; start += LINKS_OF_A_POST) {
    const links = targets.slice(start, start + LINKS_OF_A_POST)
    const path = `posts/${start / LINKS_OF_A_POST}`
    const anchors = links.map((href) => `<a href="${href}">link</a>`).join('\n')
    mkdirSync(join(output, path), { recursive: true })
    writeFileSync(
      join(output, path, 'index.html'),
      `<!doctype html><meta charset="utf-8"><title>Post</title><article class="h-entry"><p class="e-content">Hello ${anchors}</p></article>`,
    )
    const source = new URL(`${path}/`, site).href
    pairs.push(...links.map((target) => ({ source, target })))
  }
  return pairs
}

async function startReceivers({ targets, hosts }: Crowd, folder: string) {
  const program = join(import.meta.dirname, 'receivers.ts')
  const child = spawn(process.execPath, ['--import', TSX, program, String(hosts), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const { site, ports } = JSON.parse(line) as { site: number; ports: number[] }
  return {
    site: new URL(`http://127.0.0.1:${site}/`),
    targets: Array.from(
      { length: targets },
      (_, index) => `http://127.0.0.1:${ports[index % ports.length]}/${index}`,
    ),
    counts: async () => (await (await fetch(`http://127.0.0.1:${site}/counts`)).json()) as Counts,
    async end() {
      const ended = once(child, 'exit')
      child.kill()
      await ended
    },
  }
}
