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
  const found = await fuzzSuites(suites, options, start)
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
  start: number,
): Promise<string[]> {
  const { minutes, processes, seed, seedCount = 0, path, runs } = options
  const drawn = Array.from({ length: seedCount }, () => randomInt(2 ** 31))
  const seeds = seed === undefined ? drawn : [seed]
  if (drawn.length > 0) console.log(`Seeds: ${drawn.join(' ')}`)
  const faults: string[] = []
  let left = countOf(suites)

  await share(suites, processes, async ({ file, names }) => {
    const milliseconds = minutes === undefined ? undefined : timeFor(names.length)
    left -= names.length
    const latest = new Map<string, FuzzReport>()
    const heard: FuzzReport[] = []
    const onReport = (report: FuzzReport) => {
      const previous = heard.at(-1)?.name
      if (previous !== undefined && previous !== report.name) {
        console.log(describePassed(file, previous, heard))
      }
      heard.push(report)
      latest.set(report.name, report)
      if (report.kind !== 'failed') return
      faults.push(describeFailure(file, report))
      console.log(`FAILED with seed ${report.seed}: ${file}: ${report.name}`)
    }
    const order = { do: 'run' as const, names: [...names], seeds, runs, path, milliseconds }
    const { output, isTooSlow } = await fuzzFile(file, order, onReport)
    const last = heard.at(-1)?.name
    if (last !== undefined) console.log(describePassed(file, last, heard))
    for (const name of names) {
      const report = latest.get(name)
      if (report?.kind === 'passed' || report?.kind === 'failed') continue
      faults.push(describeUnfinished(file, name, { seed: seedOf(report), isTooSlow, output }))
    }
  })
  return faults

  /** In milliseconds for each property of a file: an even share of the time that is left. */
  function timeFor(count: number): number {
    const time = start + (minutes ?? 0) * MINUTE - performance.now()
    return Math.max(100, Math.min((time * processes) / left, time / count))
  }
}

function countOf(suites: readonly Suite[]): number {
  return suites.reduce((sum, { names }) => sum + names.length, 0)
}

function seedOf(report: FuzzReport | undefined): number | undefined {
  return report && 'seed' in report ? report.seed : undefined
}
