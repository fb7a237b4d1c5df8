import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildOnce, listFiles } from '../build/build-once.ts'
import { writeSite } from '../build/generated-site.ts'
import { COMMAND } from '../build/plugin.ts'
import { ours } from '../build/ways.ts'
import { lastWords, measureCommand, measureNode, type Measurement } from '../measured-process.ts'
import type { BenchOptions } from '../options.ts'
import { atMost, progress, type Report } from '../report.ts'
import { describeSpread, ratioOf, rotate, spreadOf } from '../statistics.ts'

interface Search {
  readonly name: string
  run(): Promise<Measurement>
  /** The exit codes with which it has done its work, whatever it found. */
  readonly done: readonly number[]
}

const TURNS = 5
const AUDIT = 'private-posts check'
const DASHES = ['-', '-', '-', '-']

/** Searches one built site with the leak audit, with ripgrep and with `grep`, in turns. */
export async function benchAudit(work: string, options: BenchOptions): Promise<Report> {
  const folder = join(work, 'audited')
  const way = ours(options)
  writeSite(folder, options, way.shape)
  progress('audit: building the site')
  const build = await buildOnce(way, folder)
  if (typeof build === 'string') throw new TypeError(`the site was not built: ${build}`)

  const searches = searchesOf(folder, join(work, 'tokens.txt'))
  const runs = new Map<Search, Measurement[]>(searches.map((search) => [search, []]))
  const failures = new Map<Search, string>()
  let peakBytes = 0
  for (let turn = 0; turn < TURNS; turn++) {
    progress(`audit ${turn + 1}/${TURNS}`)
    for (const search of rotate(searches, turn)) {
      if (failures.has(search)) continue
      const result = await search.run()
      if (!search.done.includes(result.exitCode)) failures.set(search, lastWords(result))
      runs.get(search)?.push(result)
      peakBytes = Math.max(peakBytes, result.peakBytes)
    }
  }

  const files = listFiles(join(folder, '_site')).length
  const [peer] = searches
  const peerRuns = peer && !failures.has(peer) ? (runs.get(peer) ?? []) : []
  const results = searches.map((search) => {
    const failure = failures.get(search)
    const own = runs.get(search) ?? []
    const compare = (measure: (run: Measurement) => number) => ({
      spread: spreadOf(own.map(measure)),
      ratio: ratioOf(own.map(measure), peerRuns.map(measure)),
    })
    return {
      search: search.name,
      ...(failure === undefined ? {} : { failure }),
      seconds: compare(({ seconds }) => seconds),
      cpuSeconds: compare(({ cpuSeconds }) => cpuSeconds),
    }
  })
  const audit =
    results.find(({ search }) => search === AUDIT)?.cpuSeconds.ratio.median ?? Number.NaN
  const { bytes } = build
  return {
    title: `Leak audit of ${files} files, ${(bytes / 1e6).toFixed(0)} MB, with ${way.copies} tokens (${TURNS} runs each)`,
    columns: ['search', 'CPU s', '× rg', 'seconds', '× rg'],
    rows: results.map(({ search, failure, seconds, cpuSeconds }) =>
      failure === undefined
        ? [
            search,
            describeSpread(cpuSeconds.spread),
            describeSpread(cpuSeconds.ratio, { digits: 1 }),
            describeSpread(seconds.spread),
            describeSpread(seconds.ratio, { digits: 1 }),
          ]
        : [`${search}: ${failure}`, ...DASHES],
    ),
    aims: Number.isNaN(audit) ? [] : [atMost('CPU of the audit', 2, audit, '× rg -F -f')],
    profile:
      'ripgrep looks at bytes with the vector instructions of the processor and needs no Node. The audit starts Node and loads its modules, reads the sources as well, undoes every encoding in which a word may be hidden, cuts each text into words and looks each of them up; cutting and looking up are most of it, and grow with the letters of the site.',
    notes: [
      `Seconds: wall time of the process, from its start; CPU: of all its threads. ${peer && failures.has(peer) ? 'rg is missing here: install ripgrep for the comparison. ' : ''}Largest resident set of the audit: ${(peakBytes / 1e6).toFixed(0)} MB.`,
      'rg and grep look for what they are told to, letter by letter. The audit reads the sources as well, and looks for every token in any case, and for the titles, names, tags and sentences of every private post in any spelling.',
    ],
    data: { files, bytes, tokens: way.copies, peakBytes, results },
  }
}

function searchesOf(folder: string, tokenFile: string): readonly Search[] {
  const tokens = readdirSync(join(folder, '_site/p'))
  writeFileSync(tokenFile, `${tokens.join('\n')}\n`)
  const search = (name: string, command: string, ...args: string[]): Search => ({
    ...{ name, done: [0, 1] },
    run: () => measureCommand(command, [...args, '-f', tokenFile, '_site'], folder),
  })
  return [
    search('rg -F, all tokens', 'rg', '-lF', '--no-ignore', '--hidden'),
    search('grep -rF, all tokens', 'grep', '-rlF'),
    { name: AUDIT, run: () => measureNode([COMMAND, 'check'], folder), done: [0] },
  ]
}
