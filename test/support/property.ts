/**
 * Property tests. Each one is an ordinary test whose name ends in "(property)" and that calls {@link holds}:
 *
 * - `npm test` runs it with one fixed seed, so that the outcome is the same each time;
 * - `npm run test:fuzz` (fuzz.ts) runs it with new seeds and many more runs.
 *
 * @module
 */
import { randomInt } from 'node:crypto'
import type { TestContext } from 'node:test'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { readFuzzOrder, reportToFuzzer, type FuzzOrder, type RunOrder } from './fuzz-order.ts'

/** Any number will do. Another one may find faults that were there before. */
const FIXED_SEED = 20_260_726
/** What fast-check takes where a test names no number of runs. */
const USUAL_RUNS = 100
/** In milliseconds, for one run: a run that takes longer hangs. */
const LONGEST_RUN = 60_000

/** The settings of fast-check that a test may choose. The seed is not among them. */
export type PropertyOptions<Values> = Pick<
  fc.Parameters<Values>,
  'numRuns' | 'endOnFailure' | 'examples'
>

const tested = new WeakSet<TestContext>()

/**
 * Asserts that a property holds for many values. A test has one property.
 *
 * @param t Context of the test, whose name must end in "(property)".
 */
export async function holds<Values>(
  t: TestContext,
  property: fc.IRawProperty<Values>,
  options: PropertyOptions<Values> = {},
): Promise<void> {
  if (!t.name.endsWith('(property)')) {
    throw new TypeError(`To do: let the name of the test "${t.name}" end in "(property)"`)
  }
  if (tested.has(t)) throw new TypeError(`To do: make two tests of "${t.name}"`)
  tested.add(t)
  const order = readFuzzOrder()
  if (order) return fuzz(t.name, property, options, order)
  await fc.assert(property, { ...options, seed: FIXED_SEED, timeout: LONGEST_RUN })
}

/** Never returns: what the test asserts about all runs together is true of its own number of runs only. */
async function fuzz<Values>(
  name: string,
  property: fc.IRawProperty<Values>,
  options: PropertyOptions<Values>,
  order: FuzzOrder,
): Promise<never> {
  if (order.do === 'list') reportToFuzzer({ kind: 'listed', name })
  else if (order.names.includes(name)) await runSeeds(name, property, options, order)
  throw new Error('the fuzzer has been told')
}

async function runSeeds<Values>(
  name: string,
  property: fc.IRawProperty<Values>,
  options: PropertyOptions<Values>,
  { seeds, path, runs, milliseconds = Infinity }: RunOrder,
): Promise<void> {
  const end = performance.now() + milliseconds
  for (const seed of seeds.length > 0 ? seeds : newSeeds()) {
    const begin = performance.now()
    if (begin >= end) return
    reportToFuzzer({ kind: 'begun', name, seed })
    const { details, stray } = await listening(() =>
      checkWithin(end - begin, property, {
        ...options,
        seed,
        timeout: LONGEST_RUN,
        numRuns: Math.max(runs, options.numRuns ?? USUAL_RUNS),
        ...(path === undefined ? {} : { path }),
      }),
    )
    const message = fc.defaultReportMessage(details) ?? stray
    if (message !== undefined) {
      const { counterexamplePath } = details
      return reportToFuzzer({ kind: 'failed', name, seed, path: counterexamplePath ?? '', message })
    }
    const took = performance.now() - begin
    reportToFuzzer({ kind: 'passed', name, seed, runs: details.numRuns, milliseconds: took })
  }
}

/** Hears of the first promise that is rejected, or callback that throws, without anybody to catch it. */
async function listening<Values>(check: () => Promise<fc.RunDetails<Values>>) {
  let stray: string | undefined
  const listen = (error: unknown) => (stray ??= inspect(error))
  process.on('unhandledRejection', listen).on('uncaughtExceptionMonitor', listen)
  const details = await check()
  await new Promise((done) => setImmediate(done))
  process.off('unhandledRejection', listen).off('uncaughtExceptionMonitor', listen)
  return { details, stray }
}

/** @param milliseconds After them no further run begins; one there is in any case. */
async function checkWithin<Values>(
  milliseconds: number,
  property: fc.IRawProperty<Values>,
  settings: fc.Parameters<Values>,
): Promise<fc.RunDetails<Values>> {
  if (milliseconds === Infinity) return fc.check(property, settings)
  const details = await fc.check(property, { ...settings, interruptAfterTimeLimit: milliseconds })
  const isUntried = details.interrupted && details.numRuns === 0
  return isUntried ? fc.check(property, { ...settings, numRuns: 1 }) : details
}

function* newSeeds(): Generator<number> {
  while (true) yield randomInt(2 ** 31)
}
