import { isAbsolute, join, posix, resolve } from 'node:path'
import { auditOutput } from '../leak-audit/audit.ts'
import type { UnsearchablePost } from '../leak-audit/evidence.ts'
import type { Finding } from '../leak-audit/finding.ts'
import { describeLeaks } from '../leak-audit/leak-sentences.ts'
import { listOutputFiles } from '../leak-audit/output-files.ts'
import { describeSubjects, type SiteSources } from '../leak-audit/subjects.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { naturalPaths } from '../post/natural-path.ts'
import { privateValues } from '../post/private-values.ts'
import { filesBySource } from '../post/published-rule.ts'
import { readText } from '../post/read-files.ts'
import { findPublishedSources } from '../post/published-sources.ts'
import { findSources, type PublicTemplate, type Sources } from '../post/sources.ts'
import type { FrontMatter } from '../post/visibility.ts'
import { auditedDeployFiles, auditedGates, auditedTokens } from './audited-ledger.ts'
import { auditedRecipients } from './audited-recipients.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type BuildResult, type CascadeData } from './eleventy-config.ts'
import { isNamedPrivate } from './named-private.ts'
import type { ResolvedOptions } from './options.ts'
import { secretRulesFor, secretRulesOf } from './secret-rules.ts'

/** What templates write. */
const PAGE = /\.(?:html?|xml|json|txt)$/i

export interface BuildAudit {
  readonly cwd: string
  readonly input: string
  readonly output: string
  readonly options: ResolvedOptions
  readonly ledger: Ledger
  readonly now: Date
  /** Files that went with private posts, wherever they lie. */
  readonly attachments: readonly string[]
  /** Where the site is, by all its names. */
  readonly sites: readonly URL[]
  /** Where the build puts what travels with the deploy. */
  readonly deployFolder: string
  /** What Eleventy wrote: public pages only. */
  readonly results: readonly BuildResult[]
  /** Input paths by the pages that lie in the output. */
  readonly pages: ReadonlyMap<string, string>
}

/** What the audit found, and in which files below the output folder. */
export interface BuildFindings {
  readonly findings: readonly Finding[]
  /** The same for people: which public source tells what of which post. */
  readonly sentences: readonly string[]
  readonly files: ReadonlySet<string>
  readonly unsearchable: readonly UnsearchablePost[]
}

/** Searches the output for everything that this build knows to be private. */
export async function auditBuild(state: BuildState, audit: BuildAudit): Promise<BuildFindings> {
  const { cwd, output, options, ledger, now, pages } = audit
  const outputFiles = await listOutputFiles(resolve(cwd, output))
  const sources = await readSources(state, audit, outputFiles)
  const places = options.posts.flatMap((glob) => glob.split('/'))
  const subjects = await describeSubjects(sources, {
    ...{ root: sources.root, places, files: outputFiles },
  })
  const files = new Set<string>()
  let unsearchable: readonly UnsearchablePost[] = []
  const findings = await auditOutput({
    ...subjects,
    ...auditedTokens(ledger, now),
    ...auditedGates(ledger),
    deployFiles: await auditedDeployFiles(audit.deployFolder, ledger),
    output: resolve(cwd, output),
    files: outputFiles,
    pages,
    hosts: [options.me.host],
    prefix: options.prefix,
    placeholders: placeholdersOf(state),
    exceptions: options.auditExceptions,
    foreign: {
      own: audit.sites,
      rules: secretRulesOf(options),
      sourceOf: (path) => pages.get(path),
    },
    isLeft: leftoverRule(sources.publicSources),
    onLeak: (path) => files.add(path),
    onUnsearchable: (posts) => (unsearchable = posts),
  })
  const origin = { published: subjects.publicSources, posts: subjects.posts }
  return { findings, sentences: describeLeaks(findings, origin), files, unsearchable }
}

/** Whether a file may be a page of an earlier build: it is none that a file of the project was copied to. */
function leftoverRule(sources: readonly string[]): (path: string) => boolean {
  const names = new Set(sources.map(nameOf))
  return (path) => PAGE.test(path) && !names.has(nameOf(path))
}

/** The last name of a path; with its folder, where it says nothing alone. */
function nameOf(path: string): string {
  const names = path.split('/')
  return names.slice(names.at(-1) === 'index.html' ? -2 : -1).join('/')
}

/** What stands for each post's address; the part that all share, for one that something has changed. */
function placeholdersOf({ posts, placeholders }: BuildState): Map<string, string> {
  const pages = [...posts.values()].map(
    ({ number, post }) => [placeholders.page(number), post.path] as const,
  )
  return new Map([...pages, [placeholders.nonce, 'a private post']])
}

/**
 * The sources as this build saw them. Reading the files alone cannot tell everything, such as what a
 * data file in JavaScript says: what Eleventy has merged is better known, and what it has published
 * is public.
 */
async function readSources(
  state: BuildState,
  { cwd, input, output, options, attachments, results, pages }: BuildAudit,
  outputFiles: readonly string[],
): Promise<SiteSources & { readonly root: string }> {
  // Sources outside of the project are looked for where they are; else the whole project is theirs.
  const isOutside = input.startsWith('..') || isAbsolute(input)
  const root = isOutside ? resolve(cwd, input) : cwd
  const fromProject = (path: string) => (isOutside ? posix.join(input, path) : path)
  const fromRoot = (path: string) => (isOutside ? posix.relative(input, path) : path)
  const attached = new Set(attachments)
  const isPrivate = (path: string) =>
    state.posts.has(path) || attached.has(path) || isNamedPrivate(path, input, options.posts)

  const found = await findSources({
    root,
    input: isOutside ? '.' : input,
    exclude: [resolve(cwd, output), resolve(cwd, options.ledger)],
    isNamedPrivate: (path) => isPrivate(fromProject(path)),
    secretsIn: (path) => secretRulesFor(fromProject(path), options),
  })
  const written = filesBySource(pages)
  const pagesOf = (path: string) => written.get(fromProject(path)) ?? []
  const isPublished = ({ path }: { readonly path: string }) => pagesOf(path).length > 0
  const hidden = new Set(found.linked.map((path) => posix.basename(path).replace(/\..*$/, '')))
  const published = await findPublishedSources(
    { ...found, publicTemplates: withVirtual(found, results, fromRoot) },
    {
      pagesOf,
      outputFiles,
      includes: [fromRoot(posix.normalize(inputPathOf(state.event.directories.includes ?? '')))],
      read: async (path) => readText(join(root, path)),
      arrived: {
        keys: state.globalKeys ?? new Set(),
        dataOf: (path) => withoutKeys(state.templateData.get(fromProject(path)), hidden),
        // What others said of the site in public, whatever the templates call it.
        named: ['mentions'],
      },
    },
  )
  return {
    ...found,
    root,
    privateSources: privateSources(state, found, { input, options, fromProject, isPublished }),
    published,
    publicNaturalPaths: [...pages.keys()],
  }
}

/** Data without what comes from private files. */
function withoutKeys(
  data: CascadeData | undefined,
  hidden: ReadonlySet<string>,
): FrontMatter | undefined {
  if (data === undefined || hidden.size === 0) return data
  return Object.fromEntries(Object.entries(data).filter(([key]) => !hidden.has(key)))
}

interface SourceRules {
  readonly input: string
  readonly options: ResolvedOptions
  readonly fromProject: (path: string) => string
  readonly isPublished: (source: { readonly path: string }) => boolean
}

function privateSources(
  state: BuildState,
  found: Sources,
  { input, options, fromProject, isPublished }: SourceRules,
): SiteSources['privateSources'] {
  const read = new Map(found.privateSources.map((source) => [fromProject(source.path), source]))
  const valuesOf = (path: string) => privateValues(found.privateData.get(path) ?? {}, () => false)
  const known = [...state.posts.values()].map(({ post, body, values }) => {
    const source = read.get(post.path)
    return {
      ...(source ?? { naturalPaths: naturalPaths(post.path, input) }),
      path: post.path,
      ...(post.title === undefined ? {} : { title: post.title }),
      tags: post.tags,
      body,
      values: [...new Set([...values, ...(source ? valuesOf(source.path) : [])])],
      recipients: auditedRecipients(
        post.recipients.map(({ id }) => id),
        [options.me.href, options.address, options.profile?.email],
      ),
    }
  })
  const unknown = found.privateSources.filter(
    (source) => !isPublished(source) && !state.posts.has(fromProject(source.path)),
  )
  return [...known, ...unknown.map((source) => ({ ...source, values: valuesOf(source.path) }))]
}

/** Public templates of a build: also those that no file is read for, such as a plugin's feed. */
function withVirtual(
  { publicTemplates }: Sources,
  results: readonly BuildResult[],
  fromRoot: (path: string) => string,
): PublicTemplate[] {
  const known = new Set(publicTemplates.map(({ path }) => path))
  const virtual = new Map<string, PublicTemplate>()
  for (const { inputPath, rawInput } of results) {
    const path = fromRoot(inputPathOf(inputPath))
    if (known.has(path) || virtual.has(path)) continue
    const text = typeof rawInput === 'string' ? rawInput : ''
    virtual.set(path, { path, text, data: undefined, naturalPaths: [], dataFiles: [] })
  }
  return [...publicTemplates, ...virtual.values()]
}
