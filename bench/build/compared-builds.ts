import { join } from 'node:path'
import { progress } from '../report.ts'
import { describeSpread, ratioOf, rotate, spreadOf, type Spread } from '../statistics.ts'
import { buildOnce, type Build } from './build-once.ts'
import { writeSite, type SiteSizes } from './generated-site.ts'
import type { Way } from './ways.ts'

export interface Compared {
  readonly row: string[]
  readonly data: object
  /** `undefined`, as the next, where a build failed. */
  readonly cpuSeconds?: { readonly spread: Spread; readonly ratioToPlain: Spread }
  readonly peakRatio?: Spread
}

export const COLUMNS = [
  ...['way', 'seconds', '× plain', 'CPU s', '× plain'],
  ...['peak MB', '× plain', 'files', 'MB written'],
]
export const DASHES = COLUMNS.slice(1).map(() => '-')

/** Builds the same posts in every way, in turns. The first way is what the others are compared with. */
export async function compareWays(
  ways: readonly Way[],
  sizes: SiteSizes,
  repetitions: number,
  work: string,
): Promise<readonly Compared[]> {
  const builds = new Map<Way, Build[]>(ways.map((way) => [way, []]))
  const failures = new Map<Way, string>()
  const folderOf = (way: Way) => join(work, `way-${sizes.posts}-${ways.indexOf(way)}`)
  for (const way of ways) {
    writeSite(folderOf(way), { ...sizes, ...way.sizes }, way.shape)
    // What is measured is the build after this one.
    if (way.isRepeated) await buildOnce({ ...way, isRepeated: false }, folderOf(way))
  }
  for (let turn = 0; turn < repetitions; turn++) {
    for (const way of rotate(ways, turn)) {
      if (failures.has(way)) continue
      const result = await buildOnce(way, folderOf(way))
      if (typeof result === 'string') failures.set(way, result)
      else builds.get(way)?.push(result)
      const said = typeof result === 'string' ? result : `${result.cpuSeconds.toFixed(1)} CPU s`
      progress(`${sizes.posts} posts, ${turn + 1}/${repetitions}  ${way.name}: ${said}`)
    }
  }
  return ways.map(summarize)

  function summarize(way: Way): Compared {
    const failure = failures.get(way)
    const own = builds.get(way) ?? []
    const [last] = own.slice(-1)
    if (failure !== undefined || !last) {
      return {
        row: [`${way.name}: ${failure}`, ...DASHES],
        data: { way: way.name, failure },
      }
    }
    const peer = (ways[0] && builds.get(ways[0])) ?? []
    const compare = (measure: (build: Build) => number) => ({
      spread: spreadOf(own.map(measure)),
      ratioToPlain: ratioOf(own.map(measure), peer.map(measure)),
    })
    const seconds = compare((build) => build.seconds)
    const cpuSeconds = compare((build) => build.cpuSeconds)
    const peak = compare(({ peakBytes }) => peakBytes / 1e6)
    const { files, bytes } = last
    return {
      row: [
        way.name,
        describeSpread(seconds.spread, { digits: 1 }),
        describeSpread(seconds.ratioToPlain),
        describeSpread(cpuSeconds.spread, { digits: 1 }),
        describeSpread(cpuSeconds.ratioToPlain),
        describeSpread(peak.spread, { digits: 0 }),
        describeSpread(peak.ratioToPlain),
        String(files),
        (bytes / 1e6).toFixed(0),
      ],
      data: { way: way.name, ...sizes, seconds, cpuSeconds, peakMegabytes: peak, files, bytes },
      cpuSeconds,
      peakRatio: peak.ratioToPlain,
    }
  }
}
