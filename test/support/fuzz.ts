/**
 * `npm run test:fuzz`: every property test, with new seeds and many more runs.
 *
 * 1. {@link parseFuzzOptions} (fuzz-options.ts) – what is asked for
 * 2. {@link listSuites} (fuzz-suites.ts) – which properties there are
 * 3. {@link fuzzFile} (fuzz-process.ts) – those of one file, in a process of their own, which reads its
 *    order and sends its reports by fuzz-order.ts
 * 4. {@link describeFailure} (fuzz-words.ts) – what repeats a failure
 *
 * @module
 */
import { randomInt } from 'node:crypto'
import { FUZZ_HELP, parseFuzzOptions, type FuzzOptions } from './fuzz-options.ts'
import type { FuzzReport } from './fuzz-order.ts'
import { fuzzFile } from './fuzz-process.ts'
import { findTestFiles, listSuites, share, type Suite } from './fuzz-suites.ts'
import {
  describeAmount,
  describeFailure,
  describePassed,
  describeUnfinished,
} from './fuzz-words.ts'

const MINUTE = 60_000
/** In milliseconds: the start of a process with the modules of its tests. */
const STARTUP = 1_000
/** In milliseconds: what each property has at least, even if the time is up. */
const SHORTEST = 500

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  const start = performance.now()
  let options: FuzzOptions
  let files: string[]
  try {
    options = parseFuzzOptions(args)
    files = findTestFiles(options.places)
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    console.error(`${error.message}\n\n${FUZZ_HELP}`)
    return 2
  }
  if (options.isHelp) {
    console.log(FUZZ_HELP)
    return 0
  }
  const { suites, faults } = await listSuites(files, options)
  const count = countOf(suites)
  if (options.isList) {
    for (const { file, names } of suites) console.log([file, ...names].join('\n  '))
    return conclude(faults, `${count} properties.`)
  }
  if (count === 0) return conclude([...faults, 'There is no such property test.'], '')
  console.log(`${count} properties in ${suites.length} files, ${describeAmount(options)}.`)
  const found = await fuzzSuites(suites, options, start + (options.minutes ?? 0) * MINUTE)
  return conclude([...faults, ...found], `Each of the ${count} properties held.`)
}

function conclude(faults: readonly string[], good: string): number {
  if (faults.length === 0) {
    console.log(good)
    return 0
  }
  console.error(['', ...faults].join('\n\n'))
  console.error(`\n${faults.length} ${faults.length === 1 ? 'fault' : 'faults'}.`)
  return 1
}

/** @returns What was found, for people. */
async function fuzzSuites(
  suites: readonly Suite[],
  options: FuzzOptions,
  end: number,
): Promise<string[]> {
  const { minutes, processes, seed, seedCount = 0, path, runs } = options
  const drawn = Array.from({ length: seedCount }, () => randomInt(2 ** 31))
  const seeds = seed === undefined ? drawn : [seed]
  if (drawn.length > 0) console.log(`Seeds: ${drawn.join(' ')}`)
  const faults: string[] = []
  const timeFor = minutes === undefined ? undefined : divideTime(suites, processes, end)

  await share(suites, processes, async ({ file, names }) => {
    const milliseconds = timeFor?.(names.length)
    const latest = new Map<string, FuzzReport>()
    const heard: FuzzReport[] = []
    /** A property is over when another one begins, or none. */
    const printPassed = (next?: string) => {
      const last = heard.at(-1)
      if (last?.kind !== 'passed' || last.name === next) return
      console.log(describePassed(file, last.name, heard))
    }
    const onReport = (report: FuzzReport) => {
      if (report.kind === 'begun') printPassed(report.name)
      heard.push(report)
      latest.set(report.name, report)
      if (report.kind !== 'failed') return
      faults.push(describeFailure(file, report))
      console.log(`FAILED with seed ${report.seed}: ${file}: ${report.name}`)
    }
    const order = { do: 'run' as const, names: [...names], seeds, runs, path, milliseconds }
    const { output, isTooSlow } = await fuzzFile(file, order, onReport)
    printPassed()
    for (const name of names) {
      const report = latest.get(name)
      if (report?.kind === 'passed' || report?.kind === 'failed') continue
      faults.push(describeUnfinished(file, name, { seed: seedOf(report), isTooSlow, output }))
    }
  })
  return faults
}

/**
 * Divides the time that is left evenly among all properties.
 *
 * @returns What each property of a file has of it, in milliseconds, from the number of them in the file.
 */
function divideTime(suites: readonly Suite[], processes: number, end: number) {
  const starts = STARTUP * suites.length
  const share = ((end - performance.now()) * processes - starts) / countOf(suites)
  return (count: number) => Math.max(SHORTEST, Math.min(share, (end - performance.now()) / count))
}

function countOf(suites: readonly Suite[]): number {
  return suites.reduce((sum, { names }) => sum + names.length, 0)
}

function seedOf(report: FuzzReport | undefined): number | undefined {
  return report && 'seed' in report ? report.seed : undefined
}
