import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'

export const FUZZ_HELP = `Runs every property test with new seeds and many more runs.

  npm run test:fuzz                                      five minutes for all of them together
  npm run test:fuzz -- --minutes 30
  npm run test:fuzz -- --seeds 20 --runs 10000           no limit of time
  npm run test:fuzz -- post web                          the rooms test/post and test/web
  npm run test:fuzz -- test/post/audience.test.ts --seed=7 --path=3:1

Options
  --minutes N      time for all properties together, divided evenly among them
  --seeds N        new seeds for each property
  --runs N         runs for each seed (10000)
  --property TEXT  only the properties whose names contain this text
  --seed=N         repeat this seed
  --path=PATH      repeat this path of fast-check; goes with --seed
  --processes N    processes at once (one for each core)
  --list           print the properties, and run none
  --help

Exit code: 0 each property held, 1 one did not, 2 wrong usage.
`

export interface FuzzOptions {
  /** Rooms, folders or files. All of them if there are none. */
  readonly places: readonly string[]
  readonly property: string
  readonly minutes?: number
  /** How many new seeds; without it as many as there is time for. */
  readonly seedCount?: number
  readonly seed?: number
  readonly path?: string
  readonly runs: number
  readonly processes: number
  readonly isList: boolean
  readonly isHelp: boolean
}

/** @throws {TypeError} for wrong usage */
export function parseFuzzOptions(args: readonly string[]): FuzzOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      minutes: { type: 'string' },
      seeds: { type: 'string' },
      runs: { type: 'string' },
      property: { type: 'string' },
      seed: { type: 'string' },
      path: { type: 'string' },
      processes: { type: 'string' },
      list: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const seed = read('seed', values.seed, /^-?\d+$/)
  const seedCount = read('seeds', values.seeds)
  const minutes = read('minutes', values.minutes, /^\d+(\.\d+)?$/)
  if (values.path !== undefined && seed === undefined) {
    throw new TypeError('--path goes with the --seed that was printed beside it')
  }
  if (seed !== undefined && seedCount !== undefined) {
    throw new TypeError('--seed repeats one seed, --seeds draws new ones: name one of the two')
  }
  const isLimited = minutes !== undefined || seedCount !== undefined || seed !== undefined
  const usual = isLimited ? undefined : 5
  return {
    places: positionals,
    property: values.property ?? '',
    ...defined({ minutes: minutes ?? usual, seedCount, seed, path: values.path }),
    runs: read('runs', values.runs) ?? 10_000,
    processes: read('processes', values.processes) ?? availableParallelism(),
    isList: values.list ?? false,
    isHelp: values.help ?? false,
  }
}

function read(name: string, text: string | undefined, form = /^[1-9]\d*$/): number | undefined {
  if (text === undefined) return undefined
  if (!form.test(text)) throw new TypeError(`--${name} wants a number`)
  return Number(text)
}

type Defined<Record> = { [Key in keyof Record]?: Exclude<Record[Key], undefined> }

/** Without the keys whose value is `undefined`. */
function defined<Values extends object>(values: Values): Defined<Values> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Defined<Values>
}
