import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import type { Link, LinkToken, PostRecord } from '../../lib/ledger/ledger.ts'
import { COMMAND, LEDGER_MODULE } from '../build/plugin.ts'
import { lastWords, measureNode } from '../measured-process.ts'
import type { BenchOptions } from '../options.ts'
import { atMost, progress, type Aim, type Growth, type Report } from '../report.ts'
import { describeSpread, spreadOf } from '../statistics.ts'
import { describeSite, publish, startReceivers, TSX } from '../send/crowd.ts'

const ENTRIES = [1_000, 10_000, 100_000]
const LINKS_OF_A_POST = 10
const ISSUED = '2026-01-01T00:00:00.000Z'
const CHANGE = join(import.meta.dirname, 'one-change.ts')
/** Pages of a deployed site, and the seconds of CPU that sending nothing may take. */
const DEPLOYED = [
  { pages: 500, aim: 1 },
  { pages: 5_000, aim: 3 },
]
const HOSTS = 200

/** One change of a ledger, whatever it holds, and a deploy that has nothing new. */
export async function benchLedger(work: string, { repetitions }: BenchOptions): Promise<Report> {
  const rows: string[][] = []
  const aims: Aim[] = []
  const data: object[] = []
  const points: Growth['points'][number][] = []
  for (const entries of ENTRIES) {
    progress(`ledger, ${entries} entries`)
    const file = join(work, `ledger-${entries}`, 'private-posts.ledger.json')
    await writeLedger(file, entries)
    const times: number[] = []
    for (let turn = 0; turn < repetitions; turn++) times.push(await changeOnce(file))
    const cpu = spreadOf(times)
    const megabytes = statSync(file).size / 1e6
    data.push({ entries, milliseconds: cpu, megabytes })
    points.push({ series: 'open, look up, write one', x: entries, y: cpu.median })
    rows.push([
      `open, look up and write one of ${entries} entries`,
      `${describeSpread(cpu, { digits: 0 })} ms`,
      `${megabytes.toFixed(1)} MB`,
    ])
    if (entries === ENTRIES.at(-1)) {
      aims.push(atMost(`CPU of one change among ${entries} entries`, 300, cpu.median, ' ms'))
    }
  }
  for (const { pages, aim } of DEPLOYED) {
    const { cpu, requests } = await redeploy(work, pages, repetitions)
    data.push({ pages, cpuSeconds: cpu, requests })
    rows.push([
      `unchanged redeploy of ${pages} pages`,
      `${describeSpread(cpu)} s`,
      `${requests} requests`,
    ])
    aims.push(
      atMost(`CPU of an unchanged redeploy of ${pages} pages`, aim, cpu.median, ' s'),
      atMost(`requests of an unchanged redeploy of ${pages} pages`, 0, requests, ''),
    )
  }
  return {
    title: `The ledger, and \`send\` when nothing has changed (${repetitions} times each)`,
    columns: ['what', 'CPU', ''],
    rows,
    aims,
    profile:
      'a ledger is one text: most of a change is parsing it (V8’s JSON.parse) and checking the entries, the rest is writing it to the disk as a new file. An unchanged redeploy reads and hashes each page of the output, and reads the ledger.',
    growth: [
      { name: 'ledger', title: 'CPU of one change', x: 'entries', y: 'CPU milliseconds', points },
    ],
    notes: [
      'A change: CPU in a process of its own, without its start. An entry is the link of a recipient; a post has ten. Redeploy: CPU of the whole process of "private-posts send", started again after it has told everybody; each page links to one page elsewhere. Requests are those that others get.',
    ],
    data,
  }
}

async function changeOnce(file: string): Promise<number> {
  const module = pathToFileURL(LEDGER_MODULE).href
  const result = await measureNode(['--import', TSX, CHANGE, module, file, postOf(0)], '.')
  if (result.exitCode !== 0) throw new TypeError(lastWords(result))
  return Number(result.stdout)
}

async function writeLedger(file: string, entries: number): Promise<void> {
  const posts = Array.from(
    { length: entries / LINKS_OF_A_POST },
    (_, number): [string, PostRecord] => [
      postOf(number),
      {
        ...{ path: postOf(number), title: `Post ${number}`, visibility: 'private', access: 'link' },
        fingerprint: createHash('sha256').update(String(number)).digest('hex'),
        links: Array.from({ length: LINKS_OF_A_POST }, (_, index) => linkOf(number, index)),
      },
    ],
  )
  await openLedgerFile(file).update(async (ledger) => ({
    ledger: { ...ledger, posts: Object.fromEntries(posts) },
    result: undefined,
  }))
}

function postOf(number: number): string {
  return `private/post-${String(number).padStart(5, '0')}.md`
}

function linkOf(post: number, index: number): Link {
  const token = createHash('sha256').update(`${post} ${index}`).digest('hex').slice(0, 26)
  return {
    recipient: `https://reader-${index}.example/`,
    // Unguessable enough for nobody: hexadecimal letters pass the outline that the ledger checks.
    token: token as LinkToken,
    ...{ generation: 1, issued: ISSUED },
  }
}

async function redeploy(work: string, pages: number, repetitions: number) {
  const folder = join(work, 'redeploy')
  const output = join(folder, '_site')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(output, { recursive: true })
  const { site, targets, end, counts } = await startReceivers(
    { targets: pages, hosts: HOSTS },
    output,
  )
  const send = async () => {
    const wait = ['--wait', '0', '--allow-loopback', '--json']
    const result = await measureNode([COMMAND, 'send', '--site', site.href, ...wait], folder)
    if (result.exitCode !== 0) throw new TypeError(lastWords(result))
    return result
  }
  try {
    publish(site, targets, output, 1)
    await describeSite(folder)
    progress(`ledger: first deploy of ${pages} pages`)
    await send()
    const { posts } = await counts()
    if (posts !== pages) throw new TypeError(`${posts} of ${pages} were told`)
    const times: number[] = []
    for (let turn = 0; turn < repetitions; turn++) {
      progress(`ledger: redeploy of ${pages} pages ${turn + 1}/${repetitions}`)
      times.push((await send()).cpuSeconds)
    }
    const again = await counts()
    return { cpu: spreadOf(times), requests: again.gets + again.posts }
  } finally {
    await end()
  }
}
