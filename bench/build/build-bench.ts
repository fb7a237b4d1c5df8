import { readdirSync, rmSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { lastWords, measureNode } from '../measured-process.ts'
import { progress, type Report } from '../report.ts'
import { describeSpread, ratioOf, rotate, spreadOf } from '../statistics.ts'
import type { BenchOptions } from '../options.ts'
import { writeSite } from './generated-site.ts'
import { eleventyVersion } from './plugin.ts'
import { waysOf, type Way } from './ways.ts'

interface Build {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  readonly files: number
  readonly bytes: number
}

const DASHES = Array.from({ length: 7 }, () => '-')

/** Builds the same posts in every way, in turns, each time from nothing. */
export async function benchBuild(work: string, options: BenchOptions): Promise<Report> {
  const all = waysOf(options)
  const ways = all.filter((way) => 'shape' in way)
  const folders = new Map(ways.map((way, index) => [way, join(work, `way-${index}`)] as const))
  for (const [way, folder] of folders) writeSite(folder, options, way.shape)

  const builds = new Map<Way, Build[]>(ways.map((way) => [way, []]))
  const failures = new Map<Way, string>()
  for (let turn = 0; turn < options.repetitions; turn++) {
    for (const way of rotate(ways, turn)) {
      if (failures.has(way)) continue
      const result = await buildOnce(way, folders.get(way) ?? '')
      if (typeof result === 'string') failures.set(way, result)
      else builds.get(way)?.push(result)
      const said = typeof result === 'string' ? result : `${result.seconds.toFixed(1)} s`
      progress(`build ${turn + 1}/${options.repetitions}  ${way.name}: ${said}`)
    }
  }

  const results = ways.map((way) => summarize(way, failures, builds))
  const missing = all.flatMap((way) => ('missing' in way ? way.missing : []))
  return {
    title: `Build of ${options.posts} posts, ${options.private} of them private with ${options.recipients} recipients each (Eleventy ${eleventyVersion()}, ${options.repetitions} builds each)`,
    columns: ['way', 'seconds', '× plain', 'CPU s', '× plain', 'peak MB', 'files', 'MB written'],
    rows: [
      ...results.map(({ row }) => row),
      ...missing.map((name) => [`${name}: not installed`, ...DASHES]),
    ],
    notes: [
      'Seconds: wall time of all processes of a build, from an empty output folder and without a ledger. CPU: time of all their threads on a processor, which other work on the machine disturbs less. Peak: the largest resident set of one process.',
      '"× plain" compares with "all posts public" of the same turn, which writes one page a post and none for a recipient. This plugin’s build includes its leak audit.',
      'A page per recipient by hand shows every recipient all others in its data, and issues, remembers and revokes nothing; staticrypt gives a password instead of a link.',
    ],
    data: results.map(({ data }) => data),
  }

  function summarize(
    way: Way,
    failed: ReadonlyMap<Way, string>,
    done: ReadonlyMap<Way, readonly Build[]>,
  ): { row: string[]; data: object } {
    const failure = failed.get(way)
    const own = done.get(way) ?? []
    const [last] = own.slice(-1)
    if (failure !== undefined || !last) {
      return {
        row: [`${way.name}: ${failure}`, ...DASHES],
        data: { way: way.name, failure },
      }
    }
    const peer = (ways[0] && done.get(ways[0])) ?? []
    const compare = (measure: (build: Build) => number) => ({
      spread: spreadOf(own.map(measure)),
      ratioToPlain: ratioOf(own.map(measure), peer.map(measure)),
    })
    const seconds = compare((build) => build.seconds)
    const cpuSeconds = compare((build) => build.cpuSeconds)
    const peak = spreadOf(own.map(({ peakBytes }) => peakBytes / 1e6))
    const { files, bytes } = last
    return {
      row: [
        way.name,
        describeSpread(seconds.spread, { digits: 1 }),
        describeSpread(seconds.ratioToPlain),
        describeSpread(cpuSeconds.spread, { digits: 1 }),
        describeSpread(cpuSeconds.ratioToPlain),
        describeSpread(peak, { digits: 0 }),
        String(files),
        (bytes / 1e6).toFixed(0),
      ],
      data: { way: way.name, seconds, cpuSeconds, peakMegabytes: peak, files, bytes },
    }
  }
}

/** Builds a site from nothing; a sentence says what went wrong. */
export async function buildOnce(way: Way, folder: string): Promise<Build | string> {
  for (const left of ['_site', '.cache', 'private-posts.ledger.json']) {
    rmSync(join(folder, left), { recursive: true, force: true })
  }
  let [seconds, cpuSeconds, peakBytes] = [0, 0, 0]
  for (const args of way.processes) {
    const result = await measureNode(args, folder)
    if (result.exitCode !== 0) return lastWords(result)
    seconds += result.seconds
    cpuSeconds += result.cpuSeconds
    peakBytes = Math.max(peakBytes, result.peakBytes)
  }
  if (way.remove !== undefined) rmSync(join(folder, way.remove), { recursive: true })
  const output = join(folder, '_site')
  const files = listFiles(output)
  const copies = files.filter((file) => way.isCopy.test(file)).length
  if (copies !== way.copies) return `${copies} pages for recipients instead of ${way.copies}`
  const bytes = files.reduce((sum, file) => sum + statSync(join(output, file)).size, 0)
  return { seconds, cpuSeconds, peakBytes, files: files.length, bytes }
}

/** Paths of a folder's files with slashes, whatever the system has. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
