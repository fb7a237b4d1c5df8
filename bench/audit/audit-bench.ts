import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildOnce, listFiles } from '../build/build-bench.ts'
import { writeSite } from '../build/generated-site.ts'
import { COMMAND } from '../build/plugin.ts'
import { ours } from '../build/ways.ts'
import { lastWords, measureCommand, measureNode, type Measurement } from '../measured-process.ts'
import type { BenchOptions } from '../options.ts'
import { progress, type Report } from '../report.ts'
import { describeSpread, ratioOf, rotate, spreadOf } from '../statistics.ts'

interface Search {
  readonly name: string
  run(): Promise<Measurement>
  /** The exit codes with which it has done its work, whatever it found. */
  readonly done: readonly number[]
}

const TURNS = 5

/** Searches one built site with the leak audit and with `grep`, in turns. */
export async function benchAudit(work: string, options: BenchOptions): Promise<Report> {
  const folder = join(work, 'audited')
  const way = ours(options)
  writeSite(folder, options, way.shape)
  progress('audit: building the site')
  const build = await buildOnce(way, folder)
  if (typeof build === 'string') throw new TypeError(`the site was not built: ${build}`)

  const searches = searchesOf(folder, join(work, 'tokens.txt'))
  const times = new Map<Search, number[]>(searches.map((search) => [search, []]))
  const failures = new Map<Search, string>()
  let peakBytes = 0
  for (let turn = 0; turn < TURNS; turn++) {
    progress(`audit ${turn + 1}/${TURNS}`)
    for (const search of rotate(searches, turn)) {
      if (failures.has(search)) continue
      const result = await search.run().catch(notThere)
      if (!search.done.includes(result.exitCode)) failures.set(search, lastWords(result))
      times.get(search)?.push(result.seconds)
      peakBytes = Math.max(peakBytes, result.peakBytes)
    }
  }

  const files = listFiles(join(folder, '_site')).length
  const [peer] = searches
  const results = searches.map((search) => {
    const failure = failures.get(search)
    const own = times.get(search) ?? []
    return {
      search: search.name,
      ...(failure === undefined ? {} : { failure }),
      seconds: spreadOf(own),
      ratio: ratioOf(own, peer && !failures.has(peer) ? (times.get(peer) ?? []) : []),
      filesPerSecond: files / spreadOf(own).median,
    }
  })
  const { bytes } = build
  return {
    title: `Leak audit of ${files} files, ${(bytes / 1e6).toFixed(0)} MB, with ${way.copies} tokens (${TURNS} runs each)`,
    columns: ['search', 'seconds', '× grep, one token', 'files/s'],
    rows: results.map(({ search, failure, seconds, ratio, filesPerSecond }) =>
      failure === undefined
        ? [
            search,
            describeSpread(seconds),
            describeSpread(ratio, { digits: 1 }),
            filesPerSecond.toFixed(0),
          ]
        : [`${search}: ${failure}`, '-', '-', '-'],
    ),
    notes: [
      `Seconds: wall time of the process, from its start. Largest resident set of the audit: ${(peakBytes / 1e6).toFixed(0)} MB.`,
      'grep looks for what it is told to, letter by letter. The audit reads the sources as well, and looks for every token in any case, and for the titles, names, tags and sentences of every private post in any spelling.',
    ],
    data: { files, bytes, tokens: way.copies, peakBytes, results },
  }
}

function searchesOf(folder: string, tokenFile: string): readonly Search[] {
  const tokens = readdirSync(join(folder, '_site/p'))
  writeFileSync(tokenFile, `${tokens.join('\n')}\n`)
  const grep = (...args: string[]) => measureCommand('grep', ['-rlF', ...args, '_site'], folder)
  return [
    { name: 'grep -rF, one token', run: () => grep('-e', tokens[0] ?? ''), done: [0, 1] },
    { name: 'grep -rF, all tokens', run: () => grep('-f', tokenFile), done: [0, 1] },
    {
      name: 'private-posts check',
      run: () => measureNode([COMMAND, 'check'], folder),
      done: [0],
    },
  ]
}

/** A system without `grep`. */
function notThere(error: unknown): Measurement {
  return {
    seconds: 0,
    cpuSeconds: 0,
    peakBytes: 0,
    exitCode: -1,
    stdout: '',
    stderr: String(error),
  }
}
