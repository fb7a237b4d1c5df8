import { parseArgs } from 'node:util'

export const TABLES = ['build', 'discovery', 'audit'] as const

export interface BenchOptions {
  /** All posts, the private ones among them. */
  readonly posts: number
  readonly private: number
  readonly recipients: number
  readonly repetitions: number
  readonly tables: readonly (typeof TABLES)[number][]
  readonly json: boolean
}

export const HELP = `npm --prefix bench start -- [options]

--posts N        posts of the generated site, the private ones among them (1000)
--private N      private posts (100)
--recipients N   recipients of each private post (10)
--full           5000 posts, 500 of them private
--reps N         builds of each kind, in turn (3)
--only TABLE     build, discovery or audit; may be repeated
--json           one JSON object instead of tables
`

/** @throws {TypeError} for an option that is unknown or no number */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      posts: { type: 'string' },
      private: { type: 'string' },
      recipients: { type: 'string' },
      reps: { type: 'string' },
      only: { type: 'string', multiple: true },
      full: { type: 'boolean' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  })
  if (values.help) return undefined
  const { full = false, only } = values
  const unknown = only?.find((name) => !TABLES.some((table) => table === name))
  if (unknown !== undefined) throw new TypeError(`--only: there is no table "${unknown}"`)
  const options = {
    posts: numberOf('posts', values.posts, full ? 5000 : 1000),
    private: numberOf('private', values.private, full ? 500 : 100),
    recipients: numberOf('recipients', values.recipients, 10),
    repetitions: numberOf('reps', values.reps, 3),
    tables: TABLES.filter((table) => only?.includes(table) ?? true),
    json: values.json ?? false,
  }
  if (options.private > options.posts) throw new TypeError('--private: more than --posts')
  return options
}

function numberOf(name: string, text: string | undefined, normal: number): number {
  if (text === undefined) return normal
  if (!/^[1-9]\d*$/.test(text)) throw new TypeError(`--${name}: "${text}" is no number above zero`)
  return Number(text)
}
