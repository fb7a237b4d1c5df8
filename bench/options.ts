import { parseArgs } from 'node:util'

/** The parts of the benchmark, in the order in which they run. */
export const PARTS = [
  'build',
  'growth',
  'audit',
  'ledger',
  'send',
  'receive',
  'inbox',
  'functions',
  'discovery',
] as const
export type Part = (typeof PARTS)[number]

export interface BenchOptions {
  /** All posts, the private ones among them. */
  readonly posts: number
  readonly private: number
  readonly recipients: number
  readonly repetitions: number
  readonly parts: readonly Part[]
  readonly json: boolean
  /** Writes the results of some parts, too. */
  readonly write: boolean
}

export const HELP = `npm run bench [-- [PART ...] [options]]

Measures the plugin against other software on the same inputs, in turns. Without PART it runs all parts, in less than
20 minutes on two cores, and writes bench/RESULTS.md with pictures of the growth beside it. With one or more parts it
only prints their tables.

Parts
  build        builds of a generated site: plain Eleventy, this plugin, and other ways to give N readers a copy
  growth       the same builds with 1,000 to 20,000 posts
  audit        the leak audit of a built site, against ripgrep and grep with as many literals
  ledger       open, look up and write one entry with 1,000 to 100,000 entries; an unchanged redeploy
  send         notifications to receivers that answer in 30 ms, against the floor and other senders
  receive      mentions that a server receives and verifies, against webmention-handler
  inbox        views of the inbox with 1,000 to 100,000 messages
  functions    what each function loads, its size, and requests a second
  discovery    endpoint discovery, against other libraries

Options
  --posts N        posts of the generated site, the private ones among them (5000)
  --private N      private posts (500)
  --recipients N   recipients of each private post (10)
  --reps N         runs of each kind, in turn (3)
  --json           one JSON object instead of tables
  --write          write bench/RESULTS.md although only some parts run
`

/** @throws {TypeError} for an option or a part that is unknown, or no number */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      posts: { type: 'string' },
      private: { type: 'string' },
      recipients: { type: 'string' },
      reps: { type: 'string' },
      json: { type: 'boolean' },
      write: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const unknown = positionals.find((name) => !PARTS.some((part) => part === name))
  if (unknown !== undefined) {
    throw new TypeError(`there is no part "${unknown}". To do: use one of ${PARTS.join(', ')}.`)
  }
  const options = {
    posts: numberOf('posts', values.posts, 5000),
    private: numberOf('private', values.private, 500),
    recipients: numberOf('recipients', values.recipients, 10),
    repetitions: numberOf('reps', values.reps, 3),
    parts: PARTS.filter((part) => positionals.length === 0 || positionals.includes(part)),
    json: values.json ?? false,
    write: values.write ?? false,
  }
  if (options.private > options.posts) throw new TypeError('--private: more than --posts')
  return options
}

function numberOf(name: string, text: string | undefined, normal: number): number {
  if (text === undefined) return normal
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`--${name}: "${text}" is no number above zero`)
  return Number(text)
}
