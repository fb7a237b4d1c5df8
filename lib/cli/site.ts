import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { createMint } from '../eleventy/tokens.ts'
import { redactSecrets } from '../web/redaction.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import type { JournaledLedger } from '../ledger/journaled-ledger.ts'
import type { Ledger, Link, PostRecord } from '../ledger/ledger.ts'
import { findPostId, findRecipient, type LinkSelection } from '../ledger/revoke.ts'
import type { Mint } from '../ledger/mint.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { ConfigurationError } from '../web/errors.ts'
import {
  textOption,
  UsageError,
  type CommandContext,
  type Options,
  type OptionValues,
} from './command.ts'

export const DEFAULT_LEDGER = 'private-posts.ledger.json'

/** Options of every command that works on the ledger of a site. */
export const SITE_OPTIONS = {
  ledger: { type: 'string' },
  json: { type: 'boolean' },
} satisfies Options

export const SITE_HELP = [
  `--ledger FILE  the ledger (default ${DEFAULT_LEDGER})`,
  '--json         print one JSON object',
]

/**
 * Opens the ledger of the site. These commands speak about what was built, so that a missing ledger
 * is an error here, and not an empty one.
 *
 * @throws {ConfigurationError}
 */
export function openSite(values: OptionValues, context: CommandContext): JournaledLedger {
  return openLedgerFile(ledgerFileOf(values, context))
}

/** @throws {ConfigurationError} if there is no such file */
export function ledgerFileOf(values: OptionValues, { cwd }: CommandContext): string {
  const name = textOption(values, 'ledger') ?? DEFAULT_LEDGER
  const file = resolve(cwd, name)
  if (!existsSync(file)) {
    throw new ConfigurationError(
      `${name}: there is no such file. To do: build the site once, run this command in its folder, or name the file with --ledger. A build of a site without private posts writes none: create it with "private-posts ledger --create", then build.`,
    )
  }
  return file
}

/**
 * Makes tokens for new links of a ledger that the command has open, and that so remembers them.
 *
 * @throws {ConfigurationError} if they are derived, and `PRIVATE_POSTS_SECRET` is missing or weak
 */
export function mintAtHome(
  tokens: SiteRecord['tokens'],
  environment: CommandContext['environment'],
): Mint {
  const secret = environment['PRIVATE_POSTS_SECRET']
  return createMint(tokens, { isCi: false, ledgerPersists: true, secret }, DEFAULT_LEDGER)
}

/**
 * Finds what `<post> [recipient]` means.
 *
 * @throws {UsageError} listing what could have been meant.
 */
export function selectLinks(ledger: Ledger, positionals: readonly string[]): LinkSelection {
  const [post, recipient, ...others] = positionals
  if (post === undefined) throw new UsageError('name the post, by the path of its source')
  if (others.length > 0) throw new UsageError('name one post, and at most one recipient')
  const postId = requirePostId(ledger, post)
  if (recipient === undefined) return { postId }

  const record = ledger.posts[postId]
  const found = record && findRecipient(record, recipient)
  if (found === undefined) {
    const known = listOf((record?.links ?? []).map(recipientName))
    throw new UsageError(
      `"${redactSecrets(recipient)}" is no recipient of ${record?.path}, or could be several. Known: ${known}`,
    )
  }
  return { postId, recipient: found }
}

/** @throws {UsageError} listing the posts with a similar path. */
export function requirePostId(ledger: Ledger, query: string): string {
  const id = findPostId(ledger, query)
  if (id !== undefined) return id
  const similar = similarPaths(ledger, query)
  const hint = similar.length === 0 ? 'The ledger knows no posts.' : `Known: ${listOf(similar)}`
  throw new UsageError(`"${redactSecrets(query)}" is no post of this ledger. ${hint}`)
}

/** How a link's recipient is called where people read it. */
export function recipientName({ recipient }: Pick<Link, 'recipient'>): string {
  return recipient ?? 'anyone with the link'
}

/** Text of the author's in a terminal, without what could do more than be read there. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ')
}

export function byPath(one: PostRecord, other: PostRecord): number {
  return one.path < other.path ? -1 : 1
}

function similarPaths(ledger: Ledger, query: string): string[] {
  const paths = Object.values(ledger.posts).map(({ path }) => path)
  const remoteness = (path: string) =>
    path.toLowerCase().includes(query.toLowerCase()) ? 0 : distance(path, query)
  return paths.toSorted((one, other) => remoteness(one) - remoteness(other)).slice(0, 5)
}

function listOf(names: readonly string[]): string {
  return ['', ...new Set(names)].map(printable).join('\n  ')
}

/** Where the site is, if it is where its author is. */
export function deployedAt({ me, pathPrefix }: Pick<SiteRecord, 'me' | 'pathPrefix'>): URL {
  return new URL(`/${pathPrefix}/`.replace(/\/+/g, '/'), me)
}
