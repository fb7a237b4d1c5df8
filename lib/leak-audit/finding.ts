import micromatch from 'micromatch'
import { ConfigurationError } from '../web/errors.ts'

export const FINDING_KINDS = [
  'token',
  'placeholder',
  'natural-path',
  'title',
  'slug',
  'input-path',
  'sentence',
  'tag',
  'value',
  'recipient',
  'number',
  'terms',
  'attachment',
  'media',
  'dead-link',
  'gate-address',
  'deploy-file',
  'front-matter',
  'foreign-secret',
] as const
/**
 * What was found.
 *
 * - `token`: the unguessable part of a capability URL · `placeholder`: what stands for it in a build
 * - `natural-path`: the address that the post would have without the plugin
 * - `title`, `slug`, `input-path`, `sentence`, `tag`: words that only the private post has
 * - `value`: a text of its front matter · `number`: a telephone number, an account, a code, a place on a map
 * - `recipient`: a mail address, a profile or a name of somebody who may read it
 * - `terms`: most of the words that no public source has, in whatever order, as an index of search keeps them
 * - `attachment`: a file that lies beside private posts
 * - `media`: a picture or another file that only private posts name
 * - `dead-link`: a capability URL that was revoked and is still there
 * - `gate-address`: the address of a gated post, which tells that there is one
 * - `deploy-file`: what the functions of the site need, and nobody else may have
 * - `front-matter`: words in a source that say "private" where Eleventy does not read them
 * - `foreign-secret`: an address by which whoever has it may read what somebody else has written
 */
export type FindingKind = (typeof FINDING_KINDS)[number]

/** One place where something private stands in public. It says where, and never what. */
export interface Finding {
  /** Relative to the output folder, of `front-matter` to the project; tokens and private words in it are cut short. */
  readonly file: string
  /** Counted from 1. 0: it is the name of the file, or that there is such a file. */
  readonly line: number
  readonly kind: FindingKind
  /** Input path of the post; of what is no post's, the source that has it. */
  readonly post: string
  /** What stands there, where it can be shown: the address of a `foreign-secret`, cut short. */
  readonly seen?: string
  /** Input path of the public page that the file is, where it is known. */
  readonly source?: string
  /** No template of this build wrote the file. */
  readonly isLeft?: true
}

/** Something that the author has looked at and lets pass. */
export interface AuditException {
  /** Glob of files in the output folder. */
  readonly file: string
  /** A {@link FindingKind}, or `*` for all. */
  readonly kind: string
  /** Glob of input paths. */
  readonly post: string
  readonly why: string
}

/** The post of a capability URL that nobody knows. */
export const UNKNOWN_POST = '(unknown)'

/**
 * Makes the judge of what the author lets pass.
 *
 * @throws {ConfigurationError} for an exception without a reason, or of a kind that does not exist.
 */
export function createExceptionRule(
  exceptions: readonly AuditException[],
): (file: string, finding: Pick<Finding, 'kind' | 'post'>) => boolean {
  const rules = exceptions.map(({ file, kind, post, why }) => {
    const problem = (text: string) =>
      new ConfigurationError(`Leak audit, exception for ${file}: ${text}.`)
    if (why.trim() === '') throw problem('it has no "why". To do: say why this is no leak')
    if (!['*', ...FINDING_KINDS].includes(kind)) {
      throw problem(
        `"${kind}" is no kind of finding. To do: write one of ${FINDING_KINDS.join(', ')}`,
      )
    }
    const isFile = micromatch.matcher(file.replace(/^\.?\//, ''), { dot: true })
    const isPost = micromatch.matcher(post.replace(/^\.\//, ''), { dot: true })
    return (path: string, finding: Pick<Finding, 'kind' | 'post'>) =>
      (kind === '*' || finding.kind === kind) && isFile(path) && isPost(finding.post)
  })
  return (file, finding) => rules.some((rule) => rule(file, finding))
}

/**
 * Whether the author says, of this source by its name and wherever it comes out, that the addresses in it
 * are no secrets.
 */
export function exceptsSecretsOf(exceptions: readonly AuditException[], path: string): boolean {
  return exceptions.some(
    ({ file, kind, post }) =>
      kind === 'foreign-secret' &&
      file === '**' &&
      post !== '**' &&
      micromatch.isMatch(path, post.replace(/^\.\//, ''), { dot: true }),
  )
}

/** By file, line and kind, so that two audits of the same output say the same. */
export function sortFindings(findings: Iterable<Finding>): Finding[] {
  return [...findings].sort(
    (one, other) =>
      compare(one.file, other.file) ||
      one.line - other.line ||
      compare(one.kind, other.kind) ||
      compare(one.post, other.post),
  )
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
