import * as v from 'valibot'

const Run = v.object({
  do: v.literal('run'),
  /** Names of the tests; the other ones of the file are passed over. */
  names: v.array(v.string()),
  /** One after the other. New ones are drawn if there are none. */
  seeds: v.array(v.number()),
  /** Where a failure is repeated: the path that fast-check printed. */
  path: v.optional(v.string()),
  /** For each seed; a test that asks for more has more. */
  runs: v.number(),
  /** For each property, with all its seeds. Without it there is no limit. */
  milliseconds: v.optional(v.number()),
})
const Order = v.variant('do', [v.object({ do: v.literal('list') }), Run])
const Report = v.variant('kind', [
  v.object({ kind: v.literal('listed'), name: v.string() }),
  v.object({ kind: v.literal('begun'), name: v.string(), seed: v.number() }),
  v.object({
    kind: v.literal('passed'),
    name: v.string(),
    seed: v.number(),
    runs: v.number(),
    milliseconds: v.number(),
  }),
  v.object({
    kind: v.literal('failed'),
    name: v.string(),
    seed: v.number(),
    path: v.string(),
    message: v.string(),
  }),
])

/** What the fuzzer asks of the property tests of one file, in a process of their own. */
export type FuzzOrder = v.InferOutput<typeof Order>
export type RunOrder = v.InferOutput<typeof Run>
/** What a property test tells the fuzzer. */
export type FuzzReport = v.InferOutput<typeof Report>
export type Failure = Extract<FuzzReport, { kind: 'failed' }>

const VARIABLE = 'PRIVATE_POSTS_FUZZ_ORDER'

/** `undefined` in every run of tests that the fuzzer did not start. */
export function readFuzzOrder(): FuzzOrder | undefined {
  const text = process.env[VARIABLE]
  return text === undefined ? undefined : v.parse(Order, JSON.parse(text))
}

/** The environment of a process that is to obey the order. */
export function fuzzEnvironment(order: FuzzOrder): NodeJS.ProcessEnv {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  return { ...env, [VARIABLE]: JSON.stringify(order) }
}

export function reportToFuzzer(report: FuzzReport): void {
  process.send?.(report)
}

export function readFuzzReport(message: unknown): FuzzReport {
  return v.parse(Report, message)
}
