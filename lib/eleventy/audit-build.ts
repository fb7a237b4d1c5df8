import { isAbsolute, posix, resolve } from 'node:path'
import { auditOutput } from '../leak-audit/audit.ts'
import type { Finding } from '../leak-audit/finding.ts'
import { describeSubjects, type SiteSources } from '../leak-audit/subjects.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { naturalPaths } from '../post/natural-path.ts'
import { findSources } from '../post/sources.ts'
import { auditedDeployFiles, auditedGates, auditedTokens } from './audited-ledger.ts'
import type { BuildState } from './build-state.ts'
import { isNamedPrivate } from './named-private.ts'
import type { ResolvedOptions } from './options.ts'
import { secretRulesFor, secretRulesOf } from './secret-rules.ts'

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
  /** The template that wrote a file of the output. */
  readonly sourceOf: (path: string) => string | undefined
  /** Where the build puts what travels with the deploy. */
  readonly deployFolder: string
}

/** What the audit found, and in which files below the output folder. */
export interface BuildFindings {
  readonly findings: readonly Finding[]
  readonly files: ReadonlySet<string>
}

/** Searches the output for everything that this build knows to be private. */
export async function auditBuild(state: BuildState, audit: BuildAudit): Promise<BuildFindings> {
  const { cwd, output, options, ledger, now } = audit
  const sources = await readSources(state, audit)
  const places = options.posts.flatMap((glob) => glob.split('/'))
  const files = new Set<string>()
  const findings = await auditOutput({
    ...(await describeSubjects(sources, { root: sources.root, places })),
    ...auditedTokens(ledger, now),
    ...auditedGates(ledger),
    deployFiles: await auditedDeployFiles(audit.deployFolder, ledger),
    output: resolve(cwd, output),
    prefix: options.prefix,
    placeholders: placeholdersOf(state),
    exceptions: options.auditExceptions,
    foreign: { own: audit.sites, rules: secretRulesOf(options), sourceOf: audit.sourceOf },
    onLeak: (path) => files.add(path),
  })
  return { findings, files }
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
  { cwd, input, output, options, attachments }: BuildAudit,
): Promise<SiteSources & { readonly root: string }> {
  // Sources outside of the project are looked for where they are; else the whole project is theirs.
  const isOutside = input.startsWith('..') || isAbsolute(input)
  const root = isOutside ? resolve(cwd, input) : cwd
  const fromProject = (path: string) => (isOutside ? posix.join(input, path) : path)
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
  const read = new Map(found.privateSources.map((source) => [fromProject(source.path), source]))
  const isPublished = ({ path }: { path: string }) => state.publicPosts.has(fromProject(path))
  const known = [...state.posts.values()].map(({ post, body }) => ({
    ...(read.get(post.path) ?? { naturalPaths: naturalPaths(post.path, input) }),
    path: post.path,
    ...(post.title === undefined ? {} : { title: post.title }),
    tags: post.tags,
    body,
  }))
  const unknown = found.privateSources.filter(
    (source) => !isPublished(source) && !state.posts.has(fromProject(source.path)),
  )
  return {
    ...found,
    root,
    privateSources: [...known, ...unknown],
    publicSources: [
      ...found.publicSources,
      ...found.privateSources.filter(isPublished).map(({ path }) => path),
    ],
  }
}

/** For people: where it is, without what it is. */
export function describeFindings(findings: readonly Finding[]): string[] {
  return findings.map((finding) => {
    const { file, line, kind, post } = finding
    if (kind === 'foreign-secret') return describeForeignSecret(finding)
    return kind === 'media'
      ? `${post}: ${file} is public, although only private posts name what it is (media). To do: keep it in a private folder or beside the post; or name it on a public page, if it is meant for everybody.`
      : `${post}: something private of it is public: ${line > 0 ? `${file}, line ${line}` : file} (${kind}).`
  })
}

function describeForeignSecret({ file, line, kind, post, seen }: Finding): string {
  return `${post}: ${seen} is public in ${file}, line ${line}: whoever has this address can read what somebody did not write for everybody (${kind}). To do: write "visibility: private", or remove the address; if everybody may know it, add to "auditExceptions": { post: '${post}', kind: '${kind}', why: '…' }.`
}
