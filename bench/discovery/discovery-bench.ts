import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { progress, type Report } from '../report.ts'
import { describeSpread, ratioOf, spreadOf } from '../statistics.ts'
import { CASES, runCase, type Case, type Outcome } from './cases.ts'
import { answerForHost, HOST } from './host.ts'
import { loadLibraries, PEER, type Library } from './libraries.ts'
import { timeDiscoveries, TURNS, WARM_UP } from './speed.ts'

const LONG_PAGES = Array.from({ length: 10 }, (_, index) => `/long/${index}`)

type Outcomes = ReadonlyMap<Case, Outcome>

/** How often each library is right, and how long it takes for what all do right. */
export async function benchDiscovery(): Promise<Report> {
  const server = fork(join(import.meta.dirname, 'rocks-server.ts'), [String(1 + WARM_UP + TURNS)])
  try {
    const [ports] = await once(server, 'message')
    if (!Array.isArray(ports)) throw new TypeError('a server without ports')
    answerForHost()
    const [first, ...others] = ports.map((port) => new URL(`http://${HOST}:${port}/`))
    if (!first) throw new TypeError('a server without ports')
    return await compare(await loadLibraries(ports), first, others)
  } finally {
    server.disconnect()
  }
}

async function compare(
  all: Awaited<ReturnType<typeof loadLibraries>>,
  origin: URL,
  origins: readonly URL[],
): Promise<Report> {
  const libraries = all.filter((library) => 'discover' in library)
  const outcomes = new Map<Library, Outcomes>()
  for (const library of libraries) outcomes.set(library, await runCases(library, origin))

  const shared = CASES.filter(({ isTimed }) => isTimed).filter((one) =>
    [...outcomes.values()].every((of) => of.get(one) === 'right'),
  )
  progress(`discovery, ${TURNS} × ${shared.length} short and ${LONG_PAGES.length} long pages`)
  const paths = shared.map(({ path }) => path)
  const short = await timeDiscoveries(libraries, paths, origins)
  const long = await timeDiscoveries(libraries, LONG_PAGES, origins)
  const peer = libraries.find(({ name }) => name === PEER)
  const timesOf = (times: typeof short, library: Library) => {
    const own = times.get(library) ?? []
    return { milliseconds: spreadOf(own), ratio: ratioOf(own, (peer && times.get(peer)) ?? []) }
  }

  const results = libraries.map((library) => ({
    library: library.name,
    ...score(outcomes.get(library) ?? new Map()),
    short: timesOf(short, library),
    long: timesOf(long, library),
  }))
  const missing = all.flatMap((library) => ('missing' in library ? library.missing : []))
  return {
    title: 'Endpoint discovery, over HTTP on this machine',
    columns: ['library', 'rocks', 'extra', 'crashes', 'short: ms', '× peer', 'long: ms', '× peer'],
    rows: [
      ...results.map(({ library, rocks, extra, crashed, short, long }) => [
        ...[library, rocks, extra, String(crashed.length)],
        ...[describeSpread(short.milliseconds), describeSpread(short.ratio)],
        ...[describeSpread(long.milliseconds), describeSpread(long.ratio)],
      ]),
      ...missing.map((name) => [`${name}: not installed`, ...Array.from({ length: 7 }, () => '-')]),
    ],
    notes: [
      'rocks: the discovery tests of webmention.rocks, from a copy of them. extra: cases of this project’s own tests, some of them matters of judgement: a library was not made to pass them.',
      'crashes: cases in which an error escaped the library and would have ended the process, or no answer came in 3 s; they count as wrong. An error that is reported is right where there is no endpoint.',
      `short: ${shared.length} pages of webmention.rocks that all libraries get right; long: a page of 60 KB with the endpoint at its end. × peer: ${PEER} in the same turn. @remy/webmention is called at the module that its sender uses.`,
      ...results.flatMap(({ library, failed, crashed }) => [
        ...(failed.length > 0 ? [`Wrong: ${library}: ${failed.join(', ')}.`] : []),
        ...(crashed.length > 0 ? [`Crashed: ${library}: ${crashed.join(', ')}.`] : []),
      ]),
    ],
    data: { peer: PEER, results, missing },
  }
}

async function runCases({ name, discover }: Library, origin: URL): Promise<Outcomes> {
  const outcomes = new Map<Case, Outcome>()
  progress(`discovery, ${CASES.length} cases  ${name}`)
  for (const one of CASES) outcomes.set(one, await runCase(discover, one, origin))
  return outcomes
}

function score(outcomes: Outcomes) {
  const idsOf = (wanted: Outcome) =>
    CASES.filter((one) => outcomes.get(one) === wanted).map(({ id }) => id)
  const share = (suite: Case['suite']) => {
    const all = CASES.filter((one) => one.suite === suite)
    return `${all.filter((one) => outcomes.get(one) === 'right').length}/${all.length}`
  }
  return {
    rocks: share('webmention.rocks'),
    extra: share('extra'),
    failed: idsOf('wrong'),
    crashed: idsOf('crash'),
  }
}
