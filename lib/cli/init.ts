import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import * as v from 'valibot'
import { createLedgerFile } from '../ledger/ledger-file.ts'
import { textOption, UsageError, type Command, type OptionValues } from './command.ts'
import { githubPagesWorkflow } from './github-pages.ts'
import { readLinkedSite } from './home-rels.ts'
import { initPassphrase } from './passphrase.ts'
import { netlifyToml } from './netlify.ts'
import { githubPagesSteps, netlifySteps } from './next-steps.ts'
import { writeScaffold, type ScaffoldOptions } from './scaffold.ts'
import { DEFAULT_LEDGER } from './site.ts'
import { unionMerge, writeUnionMerge } from './union-merge.ts'

/** What git allows, without quotes, which would end the string that it stands in. */
const BRANCH_NAME = /^[^\s~^:?*[\\'"]+$/

const WithBuildScript = v.object({ scripts: v.object({ build: v.string() }) })

interface Host {
  readonly path: string
  readonly text: (options: ScaffoldOptions) => string
  readonly steps: (options: ScaffoldOptions) => readonly string[]
  /** What suits it: a build on Netlify keeps no files, the workflow on GitHub commits the ledger. */
  readonly tokens: ScaffoldOptions['tokens']
}

const HOSTS: Readonly<Record<string, Host>> = {
  netlify: { path: 'netlify.toml', text: netlifyToml, steps: netlifySteps, tokens: 'derived' },
  'github-pages': {
    path: '.github/workflows/pages.yml',
    text: githubPagesWorkflow,
    steps: githubPagesSteps,
    tokens: 'random',
  },
}

/** Writes what a host needs to build, check and deliver. */
export const initCommand: Command = {
  name: 'init',
  summary: 'Sets a site up for its host, or makes the hash of your passphrase.',
  parameters: 'netlify|github-pages|passphrase [options]',
  help: [
    'netlify, github-pages: writes what the host needs to build, check and deliver; an empty ledger,',
    'if there is none; and into .gitattributes beside it how git merges it.',
    'passphrase: asks for one (or reads it from a pipe) and prints PRIVATE_POSTS_OWNER.',
    '',
    '--output DIR     the output folder (default _site)',
    '--build CMD      how the site is built (default: npm run build if there is such a script, else npx eleventy)',
    '--branch NAME    the branch that is published, on GitHub (default main)',
    '--node VERSION   the version of Node.js (default 22)',
    '--tokens KIND    random: kept in the ledger (default on GitHub) · derived: from',
    '                 PRIVATE_POSTS_SECRET, so that a build has nothing to keep (default on Netlify)',
    '--ledger FILE    the ledger (default private-posts.ledger.json)',
    '--force          replace a file that is different',
    '--dry-run        print the file instead of writing it',
  ],
  options: {
    output: { type: 'string' },
    build: { type: 'string' },
    branch: { type: 'string' },
    node: { type: 'string' },
    tokens: { type: 'string' },
    ledger: { type: 'string' },
    force: { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },

  async run({ positionals, values }, context) {
    const { cwd, terminal } = context
    const [name = '', ...others] = positionals
    if (name === 'passphrase' && others.length === 0) return initPassphrase(context)
    const host = Object.hasOwn(HOSTS, name) ? HOSTS[name] : undefined
    if (!host || others.length > 0)
      throw new UsageError('say what: netlify, github-pages or passphrase')
    const options = await readOptions(values, cwd, host)
    const file = { path: host.path, text: host.text(options) }

    const attributes = await unionMerge(cwd, options.ledger)

    if (values['dry-run']) {
      // As comments, so that what is printed can be put into the file as it is.
      const besides = [
        ...(attributes.added === '' ? [] : [`# To ${attributes.path}: ${attributes.added}`]),
        ...(existsSync(resolve(cwd, options.ledger)) ? [] : [`# To ${options.ledger}: empty`]),
      ]
      terminal.out([file.text, ...besides.map((line) => `${line}\n`)].join(''))
      return 0
    }
    const outcome = await writeScaffold(cwd, file, { force: values['force'] === true })
    const isNew = await createLedgerFile(resolve(cwd, options.ledger))
    const outcomes = [
      `${file.path}: ${outcome}`,
      `${attributes.path}: ${await writeUnionMerge(cwd, attributes)}`,
      `${options.ledger}: ${isNew ? 'created, empty' : 'unchanged'}`,
    ]
    const steps = host.steps(options).map((step, index) => `${index + 1}. ${indent(step)}\n`)
    terminal.out(`${outcomes.join('\n')}\n\nWhat is left to do:\n\n${steps.join('\n')}`)
    return 0
  },
}

/** @throws {UsageError} for what could not stand in the file as it is meant. */
async function readOptions(
  values: OptionValues,
  cwd: string,
  host: Host,
): Promise<ScaffoldOptions> {
  const tokens = textOption(values, 'tokens') ?? host.tokens
  if (tokens !== 'random' && tokens !== 'derived') {
    throw new UsageError(`--tokens: "${tokens}" is neither random nor derived`)
  }
  const branch = oneLine(values, 'branch') ?? 'main'
  if (!BRANCH_NAME.test(branch)) throw new UsageError(`--branch: "${branch}" is no branch's name`)
  const ledger = oneLine(values, 'ledger') ?? DEFAULT_LEDGER
  return {
    tokens,
    branch,
    output: oneLine(values, 'output') ?? '_site',
    build: oneLine(values, 'build') ?? (await defaultBuild(cwd)),
    node: oneLine(values, 'node') ?? '22',
    ledger,
    site: await readLinkedSite(resolve(cwd, ledger)),
  }
}

function oneLine(values: OptionValues, name: string): string | undefined {
  const text = textOption(values, name)
  if (text === undefined) return undefined
  if (text.trim() === '' || /\p{Cc}/u.test(text)) {
    throw new UsageError(`--${name}: write one line of text`)
  }
  return text
}

async function defaultBuild(cwd: string): Promise<string> {
  try {
    const manifest: unknown = JSON.parse(await readFile(join(cwd, 'package.json'), 'utf8'))
    if (v.is(WithBuildScript, manifest)) return 'npm run build'
  } catch {
    // fail closed because a package.json that cannot be read has no script that could be run
  }
  return 'npx eleventy'
}

function indent(step: string): string {
  return step.trimEnd().replace(/\n(?=.)/g, '\n   ')
}
