import {
  describeUnmatched,
  describeUnmatchedExceptions,
  findUnmatched,
} from '../eleventy/unmatched-globs.ts'
import { onlyTakeOut } from '../eleventy/named-private.ts'
import { withFolder } from '../eleventy/options.ts'
import { UNKNOWN_POST } from '../leak-audit/finding.ts'
import type { Ledger } from '../ledger/ledger.ts'
import type { CheckedSources } from './checked-sources.ts'
import { UsageError } from './command.ts'

export interface CheckedEntries {
  readonly cwd: string
  readonly ledger: Ledger | undefined
  /** What the command line names with `--posts`; it takes the place of the ledger's entries. */
  readonly posts: readonly string[] | undefined
  /** All files of the output. */
  readonly files: readonly string[]
}

/** The option's default: no author wrote it. */
const DEFAULT_ENTRY = 'private/**'

/**
 * Entries of `posts` and of `auditExceptions` that match nothing, as sentences.
 *
 * @throws {UsageError} for an entry of the command line
 */
export async function describeUnmatchedEntries(
  { cwd, ledger, posts, files }: CheckedEntries,
  sources: CheckedSources,
): Promise<string[]> {
  const { input, templates } = sources
  if (onlyTakeOut(posts ?? [])) {
    throw new UsageError(
      '--posts: only entries that begin with "!", so that nothing is private by them. To do: name first what is private, such as --posts "private/**"',
    )
  }
  const [named] = findUnmatched({ entries: posts ?? [], input, cwd, templates })
  if (named) {
    const remedy = named.meant
      ? `write ${JSON.stringify(named.meant)}, if you mean that`
      : 'correct the glob, or name the folder of the sources with --input'
    throw new UsageError(
      `--posts: ${JSON.stringify(named.entry)} matches no file, so that nothing of it would be looked for. To do: ${remedy}`,
    )
  }
  const site = ledger?.site
  if (!site) return []
  const entries = posts === undefined ? entriesOf(site.posts) : []
  return [
    ...describeUnmatched({ entries, input, cwd, templates }),
    ...(await describeUnmatchedExceptions(
      site.auditExceptions,
      // An exception for front matter names the source itself.
      async () => [...files, ...sources.unread.map(({ path }) => path)],
      [
        ...templates,
        ...sources.attachments.map(({ path }) => path),
        ...sources.publicSources,
        ...Object.values(ledger.posts).map(({ path }) => path),
        UNKNOWN_POST,
      ],
    )),
  ]
}

/** The ledger keeps what the entries were made into: `letters` and `letters/**` for `letters`. */
function entriesOf(posts: readonly string[]): string[] {
  const made = new Set(posts.flatMap((entry) => withFolder(entry).filter((glob) => glob !== entry)))
  return posts.filter((entry) => entry !== DEFAULT_ENTRY && !made.has(entry))
}
