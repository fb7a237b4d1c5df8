import { existsSync, statSync } from 'node:fs'
import { isAbsolute, posix, relative, resolve } from 'node:path'
import { auditedDeployFiles, auditedGates, auditedTokens } from '../eleventy/audited-ledger.ts'
import { deployFolderOf } from '../ledger/state-folder.ts'
import { isNamedPrivate } from '../eleventy/named-private.ts'
import { auditOutput } from '../leak-audit/audit.ts'
import type { Finding, FindingKind } from '../leak-audit/finding.ts'
import { secretRulesFor, secretRulesOf } from '../eleventy/secret-rules.ts'
import { listOutputFiles } from '../leak-audit/output-files.ts'
import { describeSubjects } from '../leak-audit/subjects.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { naturalPaths } from '../post/natural-path.ts'
import { findSources, type Sources } from '../post/sources.ts'
import {
  textOption,
  UsageError,
  type Command,
  type CommandContext,
  type OptionValues,
} from './command.ts'
import { DEFAULT_LEDGER, printable } from './site.ts'

/** From the project's root, or from any folder in it that may be the input folder. */
const DEFAULT_POSTS = ['private/**', '[^_.]*/private/**']
const DEFAULT_PREFIX = '/p/'
const DEFAULT_OUTPUT = '_site'
const SECRET_DEFAULTS = { gatePrefix: '/private/', auditExceptions: [] }

/** What the author can do about it. */
const REMEDIES: Readonly<Record<FindingKind, string>> = {
  token:
    'a private link stands there. Remove it, and give out a new one: private-posts rotate POST',
  placeholder:
    'a build left a private address unfinished there. Build again, without --incremental',
  'natural-path':
    'the post was built as if it were public, or is named by its public address. Is the plugin in the configuration that Eleventy reads? An eleventy.config.ts needs --config',
  title: 'the title of a private post stands there',
  slug: 'the name of a private post stands there',
  'input-path': 'the path of a private source stands there',
  sentence: 'a sentence of a private post stands there',
  tag: 'a tag that only private posts have stands there',
  attachment: 'a file that lies beside private posts was copied there',
  media:
    'a picture or another file that only private posts name is there. Put it beside the post, in a folder that is private; or name it on a public page, if it is meant for everybody',
  'dead-link': 'a link that was revoked or has expired still works there. Build again',
  'gate-address':
    'the address of a gated post stands there: it opens nothing, but it tells that there is such a post. Remove it',
  'deploy-file':
    'a file that only the functions of the site may read was copied there. Leave the folder .private-posts out of whatever is copied',
  'foreign-secret':
    'an address stands there by which anybody can read what was not written for everybody. Remove it, or write "visibility: private" into the source',
}

/** Looks for anything private in a built site, whoever built it. */
export const checkCommand: Command = {
  name: 'check',
  summary: 'Looks for anything private in the public output.',
  parameters: '[folder] [options]',
  help: [
    'folder         the output folder (default: what the last build was told, or _site)',
    '--input DIR    folder of the sources (default: what the last build was told, or .)',
    '--posts GLOB   sources that are private even without front matter; may be repeated',
    '--prefix PATH  where private links lie (default /p/)',
    `--ledger FILE  the ledger (default ${DEFAULT_LEDGER}, if there is one)`,
    '--json         print one JSON object',
  ],
  options: {
    input: { type: 'string' },
    posts: { type: 'string', multiple: true },
    prefix: { type: 'string' },
    ledger: { type: 'string' },
    json: { type: 'boolean' },
  },

  async run({ positionals, values }, context) {
    if (positionals.length > 1) throw new UsageError('name one folder, or none')
    const { cwd, terminal } = context
    const { ledger, file } = await readLedger(values, context)
    const output = positionals[0] ?? ledger?.site?.output ?? DEFAULT_OUTPUT
    refuseMissing(output, cwd)

    const sources = await readSources(values, ledger, {
      cwd,
      exclude: [output, ledger?.site?.output ?? DEFAULT_OUTPUT, file],
    })
    const findings = await auditOutput({
      ...(await describeSubjects(sources, {
        root: sources.root,
        places: placesOf(values, ledger),
      })),
      ...auditedTokens(ledger, context.now()),
      ...auditedGates(ledger),
      deployFiles: await auditedDeployFiles(deployFolderOf(file), ledger),
      output: resolve(cwd, output),
      prefix: textOption(values, 'prefix') ?? ledger?.site?.prefix ?? DEFAULT_PREFIX,
      exceptions: ledger?.site?.auditExceptions ?? [],
      foreign: {
        own: ledger?.site ? [new URL(ledger.site.me)] : [],
        rules: secretRulesOf(ledger?.site ?? SECRET_DEFAULTS),
      },
    })
    if (values['json']) {
      const rows = findings.map((finding) => ({ ...finding }))
      terminal.out(`${JSON.stringify({ findings: rows }, null, 2)}\n`)
    } else {
      const files = await listOutputFiles(resolve(cwd, output))
      terminal.out(describe(findings, files.length, sources))
    }
    return findings.length === 0 ? 0 : 1
  },
}

async function readLedger(
  values: OptionValues,
  { cwd }: CommandContext,
): Promise<{ ledger: Ledger | undefined; file: string }> {
  const name = textOption(values, 'ledger')
  const file = resolve(cwd, name ?? DEFAULT_LEDGER)
  if (existsSync(file)) return { ledger: await openLedgerFile(file).read(), file }
  if (name !== undefined) throw new UsageError(`--ledger: there is no file ${name}`)
  return { ledger: undefined, file }
}

function refuseMissing(output: string, cwd: string): void {
  const folder = resolve(cwd, output)
  if (existsSync(folder) && statSync(folder).isDirectory()) return
  throw new UsageError(
    `there is no folder ${output}. To do: build the site first, or name its output folder`,
  )
}

/** Private and public sources. Where the input folder is not known, any first folder may be it. */
async function readSources(
  values: OptionValues,
  ledger: Ledger | undefined,
  { cwd, exclude }: { readonly cwd: string; readonly exclude: readonly string[] },
): Promise<Sources & { readonly root: string }> {
  const given = textOption(values, 'input') ?? ledger?.site?.input
  const input = posix.join(given === undefined ? '.' : relative(cwd, resolve(cwd, given)) || '.')
  if (!existsSync(resolve(cwd, input))) throw new UsageError(`--input: there is no folder ${given}`)
  const posts = globsOf(values, ledger)
  // What the last build with the plugin knew to be private, however it knew.
  const records = Object.values(ledger?.posts ?? {})
  const wasPrivate = new Set(
    records.filter(({ visibility }) => visibility !== 'public').map(({ path }) => path),
  )
  // Sources outside of the folder are looked for where they are; else the whole folder is theirs.
  const isOutside = input.startsWith('..') || isAbsolute(input)
  const root = isOutside ? resolve(cwd, input) : cwd
  const seen = (path: string) => (isOutside ? posix.join(input, path) : path)
  const sources = await findSources({
    root,
    input: isOutside ? '.' : input,
    exclude: exclude.map((path) => resolve(cwd, path)),
    isNamedPrivate: (path) =>
      wasPrivate.has(seen(path)) || isNamedPrivate(seen(path), input, posts),
    secretsIn: (path) => secretRulesFor(seen(path), ledger?.site ?? SECRET_DEFAULTS),
  })
  if (given !== undefined) return { ...sources, root }

  const guess = (path: string) => naturalPaths(path, path.split('/')[0] ?? '')
  const guessAll = <Source extends { path: string; naturalPaths: readonly string[] }>(
    list: readonly Source[],
  ) =>
    list.map((source) => ({
      ...source,
      naturalPaths: [...source.naturalPaths, ...guess(source.path)],
    }))
  return {
    root,
    privateSources: guessAll(sources.privateSources),
    attachments: guessAll(sources.attachments),
    publicSources: sources.publicSources,
    publicNaturalPaths: [...sources.publicNaturalPaths, ...sources.publicSources.flatMap(guess)],
  }
}

function globsOf(values: OptionValues, ledger: Ledger | undefined): readonly string[] {
  const { posts } = values
  return Array.isArray(posts) ? posts : (ledger?.site?.posts ?? DEFAULT_POSTS)
}

/** Folders named in the globs: `private` is no secret, and the name of no post. */
function placesOf(values: OptionValues, ledger: Ledger | undefined): string[] {
  return globsOf(values, ledger).flatMap((glob) => glob.split('/'))
}

function describe(
  findings: readonly Finding[],
  files: number,
  { privateSources, attachments }: Sources,
): string {
  const posts = count(privateSources.length, 'private post')
  const besides =
    attachments.length === 0 ? '' : ` and ${count(attachments.length, 'file')} beside them`
  if (findings.length === 0 && privateSources.length === 0) {
    return `No private source was found, so that nothing but private links could be looked for in ${count(files, 'file')}.\nIf there should be some, name them: private-posts check --input DIR --posts GLOB\n`
  }
  if (findings.length === 0) {
    return `No private word in ${count(files, 'file')}. Looked for ${posts}${besides}.\n`
  }
  const rows = findings.map(({ file, line, kind, post, seen }) =>
    printable([`${file}:${line}`, kind, post, ...(seen === undefined ? [] : [seen])].join('  ')),
  )
  const kinds = [...new Set(findings.map(({ kind }) => kind))]
  const width = Math.max(...kinds.map((kind) => kind.length))
  return [
    ...rows,
    '',
    `Something private is public in ${count(new Set(findings.map(({ file }) => file)).size, 'file')}. Do not deploy this folder. (Line 0 is the name of the file.)`,
    '',
    ...kinds.map((kind) => `  ${kind.padEnd(width)}  ${REMEDIES[kind]}.`),
    '',
    'If one of them is no leak, say so and why under "auditExceptions" in the options of the plugin.',
    '',
  ].join('\n')
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}
