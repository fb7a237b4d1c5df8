import { existsSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { auditedDeployFiles, auditedGates, auditedTokens } from '../eleventy/audited-ledger.ts'
import { deployFolderOf } from '../ledger/state-folder.ts'
import { auditOutput } from '../leak-audit/audit.ts'
import type { UnsearchablePost } from '../leak-audit/evidence.ts'
import {
  createExceptionRule,
  sortFindings,
  type AuditException,
  type Finding,
  type FindingKind,
} from '../leak-audit/finding.ts'
import { describeLeft, findLeftOutputs } from '../eleventy/left-outputs.ts'
import { withFolder } from '../eleventy/options.ts'
import { secretRulesOf } from '../eleventy/secret-rules.ts'
import { describeLeaks, describeUnsearchable } from '../leak-audit/leak-sentences.ts'
import { listOutputFiles } from '../leak-audit/output-files.ts'
import { describeSubjects, type SiteSources } from '../leak-audit/subjects.ts'
import { knownSecretsFileOf, readKnownSecrets } from '../ledger/known-secrets.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { countText } from '../web/count-text.ts'
import { readCheckedSources, SECRET_DEFAULTS, type CheckedSources } from './checked-sources.ts'
import {
  textOption,
  UsageError,
  type Command,
  type CommandContext,
  type OptionValues,
} from './command.ts'
import { describeMissingLinks, missingHomeLinks } from './home-rels.ts'
import { DEFAULT_LEDGER, printable } from './site.ts'
import { describeUnmatchedEntries } from './unmatched-entries.ts'

/** From the project's root, or from any folder in it that may be the input folder. */
const DEFAULT_POSTS = ['private/**', '[^_.]*/private/**']
const DEFAULT_PREFIX = '/p/'
const DEFAULT_OUTPUT = '_site'

/** What the author can do about it. */
const REMEDIES: Readonly<Record<FindingKind, string>> = {
  token:
    'a private link stands there. Remove it, and give out a new one: private-posts rotate POST',
  placeholder:
    'a link to a private post stands there, which a build left unfinished. Take it out, and build again without --incremental',
  'natural-path':
    'the post was built as if it were public, or is named by its public address. Is the plugin in the configuration that Eleventy reads? An eleventy.config.ts needs --config',
  title: 'the title of a private post stands there',
  slug: 'the name of a private post stands there',
  'input-path': 'the path of a private source stands there',
  sentence: 'a sentence of a private post stands there',
  tag: 'a tag that only private posts have stands there',
  value: 'something that the front matter of a private post says stands there',
  recipient: 'the address or the name of somebody who may read a private post stands there',
  number: 'a telephone number, an account or a code out of a private post stands there',
  terms:
    'most of the words that only a private post has stand there, as in an index for search. Leave the post out of the index',
  attachment: 'a file that lies beside private posts was copied there',
  media:
    'a picture or another file that only private posts name is there. Put it beside the post, in a folder that is private; or name it on a public page, if it is meant for everybody',
  'dead-link': 'a link that was revoked or has expired still works there. Build again',
  'gate-address':
    'the address of a gated post stands there: it opens nothing, but it tells that there is such a post. Remove it',
  'front-matter':
    'what stands there says who may read the post, or an item of the data that the page is made of, and Eleventy does not read it',
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

    const files = await listOutputFiles(resolve(cwd, output))
    const sources = await readCheckedSources({
      ...{ cwd, ledger, output, files, globs: globsOf(values, ledger) },
      input: textOption(values, 'input') ?? ledger?.site?.input,
      exclude: [output, ledger?.site?.output ?? DEFAULT_OUTPUT, file],
    })
    const posts = namedPosts(values)
    const unmatched = await describeUnmatchedEntries({ cwd, ledger, posts, files }, sources)
    const subjects = await describeSubjects(sources, {
      ...{ root: sources.root, files, places: placesOf(values, ledger) },
    })
    const prefix = textOption(values, 'prefix') ?? ledger?.site?.prefix ?? DEFAULT_PREFIX
    let unsearchable: readonly UnsearchablePost[] = []
    const isKnownSecret = readKnownSecrets(knownSecretsFileOf(file), context.now())
    const exceptions = ledger?.site?.auditExceptions ?? []
    const leaks = await auditOutput({
      ...subjects,
      files,
      pages: sources.pages,
      hosts: ledger?.site ? [new URL(ledger.site.me).host] : [],
      onUnsearchable: (posts) => (unsearchable = posts),
      ...auditedTokens(ledger, context.now()),
      ...auditedGates(ledger),
      deployFiles: await auditedDeployFiles(deployFolderOf(file), ledger),
      output: resolve(cwd, output),
      prefix,
      exceptions,
      foreign: {
        own: ledger?.site ? [new URL(ledger.site.me)] : [],
        rules: secretRulesOf({ ...(ledger?.site ?? SECRET_DEFAULTS), isKnownSecret }),
        sourceOf: (path) => sources.pages.get(path),
      },
    })
    const findings = sortFindings([...leaks, ...unreadHeads(sources, exceptions)])
    const leftOutputs = findLeftOutputs({ cwd, output, prefix })
    const missingLinks = await missingHomeLinks(ledger, resolve(cwd, output))
    const notes = [
      ...describeUnsearchable(unsearchable),
      ...leftOutputs.map(describeLeft),
      ...(missingLinks.length === 0 ? [] : [describeMissingLinks(missingLinks)]),
    ]
    if (values['json']) {
      const more = {
        ...(unsearchable.length === 0 ? {} : { unsearchable }),
        ...(unmatched.length === 0 ? {} : { unmatched }),
        ...(leftOutputs.length === 0 ? {} : { leftOutputs }),
        ...(missingLinks.length === 0 ? {} : { missingRels: missingLinks.map(({ rel }) => rel) }),
      }
      terminal.out(`${JSON.stringify({ findings, ...more }, null, 2)}\n`)
    } else {
      const origin = { published: subjects.publicSources, posts: subjects.posts }
      terminal.out(describe(findings, describeLeaks(findings, origin), files.length, sources))
      for (const note of [...notes, ...unmatched]) terminal.out(`${printable(note)}\n`)
    }
    return findings.length === 0 ? 0 : 1
  },
}

/** Private words in sources that Eleventy does not read as front matter. */
function unreadHeads({ unread }: CheckedSources, exceptions: readonly AuditException[]): Finding[] {
  const isException = createExceptionRule(exceptions)
  return unread.flatMap(({ path, line }) => {
    const finding = { file: path, line, kind: 'front-matter', post: path } as const
    return isException(path, finding) ? [] : [finding]
  })
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

function globsOf(values: OptionValues, ledger: Ledger | undefined): readonly string[] {
  return namedPosts(values)?.flatMap(withFolder) ?? ledger?.site?.posts ?? DEFAULT_POSTS
}

function namedPosts({ posts }: OptionValues): readonly string[] | undefined {
  return Array.isArray(posts) ? posts : undefined
}

/** Folders named in the globs: `private` is no secret, and the name of no post. */
function placesOf(values: OptionValues, ledger: Ledger | undefined): string[] {
  return globsOf(values, ledger).flatMap((glob) => glob.split('/'))
}

function describe(
  findings: readonly Finding[],
  sentences: readonly string[],
  files: number,
  { privateSources, attachments }: SiteSources,
): string {
  const posts = countText(privateSources.length, 'private post')
  const besides =
    attachments.length === 0 ? '' : ` and ${countText(attachments.length, 'file')} beside them`
  if (findings.length === 0 && privateSources.length === 0) {
    return `No private source was found, so that nothing but private links could be looked for in ${countText(files, 'file')}.\nIf there should be some, name them: private-posts check --input DIR --posts GLOB\n`
  }
  if (findings.length === 0) {
    return `No private word in ${countText(files, 'file')}. Looked for ${posts}${besides}.\n`
  }
  const rows = findings.map(({ file, line, kind, post, seen }) =>
    printable([`${file}:${line}`, kind, post, ...(seen === undefined ? [] : [seen])].join('  ')),
  )
  const isNamed = findings.some(({ line }) => line === 0)
  const kinds = [...new Set(findings.map(({ kind }) => kind))]
  const width = Math.max(...kinds.map((kind) => kind.length))
  return [
    ...rows,
    '',
    ...sentences.map(printable),
    '',
    `Something private is public in ${countText(new Set(findings.map(({ file }) => file)).size, 'file')}. Do not deploy this folder.${isNamed ? ' (Line 0 is the name of the file.)' : ''}`,
    '',
    ...kinds.map((kind) => `  ${kind.padEnd(width)}  ${REMEDIES[kind]}.`),
    '',
    'If one of them is no leak, say so and why under "auditExceptions" in the options of the plugin.',
    '',
  ].join('\n')
}
