import { importTimes } from '../import-times.ts'
import type { BenchOptions } from '../options.ts'
import { atMost, progress, type Aim, type Report } from '../report.ts'
import { describeSpread, spreadOf } from '../statistics.ts'
import { COLUMNS, compareWays, DASHES } from './compared-builds.ts'
import { eleventyVersion, PLUGIN } from './plugin.ts'
import { encrypted, ours, paginated, plain, unchanged, unused } from './ways.ts'

const IMPORTS = 7
/** Encrypting takes so long that a site of this part of the size has to do. */
const PART = 10

/** Builds the same posts in every way, each time from nothing, except where it says so. */
export async function benchBuild(work: string, options: BenchOptions): Promise<Report> {
  const { repetitions } = options
  const ways = [plain(), unused(), ours(options), unchanged(options), paginated(options)]
  const results = await compareWays(ways, options, repetitions, work)
  const small = {
    posts: Math.max(2, Math.round(options.posts / PART)),
    private: Math.max(1, Math.round(options.private / PART)),
    recipients: options.recipients,
  }
  const encryption = encrypted(small)
  const smallWays = encryption ? [plain(), ours(small), encryption] : []
  const smallResults = await compareWays(smallWays, small, 1, work)

  progress('build: importing the plugin')
  const empty = await importTimes(undefined, work, IMPORTS)
  const whole = await importTimes(PLUGIN, work, IMPORTS)
  const above = spreadOf(whole.map((time, turn) => time - (empty[turn] ?? 0)))

  const [, without, withPrivate] = results
  const aims: Aim[] = [
    ...(without?.cpuSeconds
      ? [
          atMost(
            'CPU of a build without private posts',
            1.05,
            without.cpuSeconds.ratioToPlain.median,
            '× plain',
          ),
        ]
      : []),
    ...(withPrivate?.cpuSeconds && withPrivate.peakRatio
      ? [
          atMost(
            'CPU of a build with private posts',
            1.3,
            withPrivate.cpuSeconds.ratioToPlain.median,
            '× plain',
          ),
          atMost('peak memory of it', 1.3, withPrivate.peakRatio.median, '× plain'),
        ]
      : []),
    atMost('CPU of importing the plugin, above nothing', 50, above.median, ' ms'),
  ]
  return {
    title: `Build of ${options.posts} posts, ${options.private} of them private with ${options.recipients} recipients each (Eleventy ${eleventyVersion()}, ${repetitions} builds each)`,
    columns: COLUMNS,
    rows: [
      ...results.map(({ row }) => row),
      ...smallResults.map(({ row: [name = '', ...cells] }) => [
        `${small.posts} posts, ${small.private} private: ${name}`,
        ...cells,
      ]),
      ...(encryption ? [] : [['staticrypt: not installed', ...DASHES]]),
    ],
    aims,
    profile:
      'a page for each recipient is one more file to write, rename and search, and the posts that Eleventy renders without this plugin are rendered once more for nobody. Of what the plugin adds, most is writing the copies and the leak audit of all that is written (see the part audit); the rest is stamping, the ledger, and the start of the process.',
    notes: [
      'Seconds: wall time of all processes of a build, from an empty output folder, without a ledger and without what an earlier build kept. CPU: time of all their threads on a processor, which other work on the machine disturbs less. Peak: the largest resident set of one process.',
      `"× plain" compares with "all posts public" of the same turn, which writes one page a post and none for a recipient. This plugin’s build includes its leak audit. Importing it takes ${describeSpread(above, { digits: 0 })} ms of CPU above an empty process.`,
      'A page per recipient by hand shows every recipient all others in its data, and issues, remembers and revokes nothing; staticrypt gives a password instead of a link, and is built once, with a site of a tenth of the size.',
    ],
    data: {
      builds: [...results, ...smallResults].map(({ data }) => data),
      importMilliseconds: above,
    },
  }
}
