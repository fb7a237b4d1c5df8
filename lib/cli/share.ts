import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { redactSecrets } from '../web/redaction.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { findPostId, matchRecipient } from '../ledger/revoke.ts'
import { knownRecipients, postsSince, sharePost, type ShareRefusal } from '../ledger/share.ts'
import { nearest } from '../post/nearest.ts'
import { ConfigurationError } from '../web/errors.ts'
import { textOption, UsageError, type Command, type OptionValues } from './command.ts'
import { openSite, printable, requirePostId, SITE_HELP, SITE_OPTIONS } from './site.ts'

/** What became of one post, as `--json` prints it. */
interface ShareRow {
  readonly post: string
  readonly recipient: string
  readonly outcome: 'shared' | 'already shared' | 'has a link'
  /** Whether the page is there only after the next build. */
  readonly needsBuild: boolean
}

/** Gives older posts to somebody who joined a group after they were written. */
export const shareCommand: Command = {
  name: 'share',
  summary: 'Gives older posts of a group to a member who joined later.',
  parameters: '<post…|--since DATE> <recipient> [options]',
  help: [
    'Who joins a group sees the posts that come after. This gives them older ones, on purpose.',
    '',
    '--since DATE   every post of their groups that was first shared on that day or later: 2026-12-24',
    ...SITE_HELP,
  ],
  options: { ...SITE_OPTIONS, since: { type: 'string' } },

  async run({ positionals, values }, context) {
    const now = context.now()
    const since = sinceOption(values)
    const [recipientQuery, posts] = [positionals.at(-1), positionals.slice(0, -1)]
    if (recipientQuery === undefined) throw new UsageError('name the recipient, behind the posts')
    if (since && posts.length > 0) throw new UsageError('name posts, or --since, but not both')
    if (!since && posts.length === 0) {
      throw new UsageError(
        'name the posts and then the recipient, or give --since and the recipient',
      )
    }
    const { recipient, rows } = await openSite(values, context).update(async (before) => {
      const known = requireRecipient(before, recipientQuery)
      const named = posts.map((post) => requirePost(before, post, context.cwd))
      const result = since
        ? shareAll(before, postsSince(before, since), known, now, { isStrict: false })
        : shareAll(before, named, known, now, { isStrict: true })
      return { ledger: result.ledger, result: { recipient: known, rows: result.rows } }
    })

    const { terminal } = context
    if (values['json']) terminal.out(`${JSON.stringify({ shared: rows }, null, 2)}\n`)
    if (rows.length === 0) {
      terminal.error(`There is no post since then that ${printable(recipient)} could be given.\n`)
      return 1
    }
    if (!values['json']) terminal.out(report(recipient, rows))
    return 0
  },
}

function shareAll(
  before: Ledger,
  postIds: readonly string[],
  recipient: string,
  now: Date,
  { isStrict }: { readonly isStrict: boolean },
): { readonly ledger: Ledger; readonly rows: readonly ShareRow[] } {
  let ledger = before
  const rows: ShareRow[] = []
  for (const postId of new Set(postIds)) {
    const path = before.posts[postId]?.path ?? postId
    const share = sharePost(ledger, postId, recipient, now)
    if ('refusal' in share) {
      if (isStrict) throw new ConfigurationError(REFUSALS[share.refusal](path, recipient))
      continue
    }
    ledger = share.ledger
    rows.push({ post: path, recipient, outcome: share.outcome, needsBuild: share.needsBuild })
  }
  return { ledger, rows }
}

const REFUSALS: Readonly<Record<ShareRefusal, (path: string, recipient: string) => string>> = {
  public: (path) => `${path} is public: everybody may read it, so that there is nothing to share.`,
  unlisted: (path) =>
    `${path} is unlisted: it has one link, the same for everybody. To do: private-posts links ${path}`,
  expired: (path) => `${path} has expired. To do: change its "expires" and build first.`,
  revoked: (path, recipient) =>
    `${path}: you have taken the link of this recipient back. To do: private-posts rotate ${path} ${quoted(recipient)}`,
  stranger: (path, recipient) =>
    `${path}: ${recipient} is in no group of its audience. To do: add them to its "audience". (If a group was changed since the last build, build first.)`,
}

/** @throws {ConfigurationError | UsageError} for a post that the ledger does not know */
function requirePost(ledger: Ledger, query: string, cwd: string): string {
  const postId = findPostId(ledger, query)
  if (postId !== undefined) return postId
  if (existsSync(resolve(cwd, query))) {
    throw new ConfigurationError(
      `${redactSecrets(query)} is public, or no build has seen it yet. To do: if it is private, build the site first; a public post needs no sharing.`,
    )
  }
  return requirePostId(ledger, query)
}

/** @throws {UsageError} naming the one that was meant, if there is one like it */
function requireRecipient(ledger: Ledger, query: string): string {
  const known = knownRecipients(ledger)
  const found = matchRecipient(known, query)
  if (found !== undefined) return found
  const meant =
    nearest(query, known) ??
    nearest(`https://${query}/`, known) ??
    nearest(`mailto:${query}`, known)
  throw new UsageError(
    `"${redactSecrets(query)}" is nobody in a group or an audience, or could be several.${meant === undefined ? ' (Posts come first, the recipient last.) To do: if they are new, add them to the "audience" of the post, and build.' : ` Did you mean ${quoted(printable(meant))}?`}`,
  )
}

/** Midnight in UTC, or the moment that is given. */
function sinceOption(values: OptionValues): Date | undefined {
  const text = textOption(values, 'since')
  if (text === undefined) return undefined
  const date = new Date(text)
  const isDate = /^\d{4}-\d\d-\d\d(T[\d:.]+Z)?$/.test(text) && !Number.isNaN(date.getTime())
  if (!isDate || date.toISOString().slice(0, 10) !== text.slice(0, 10)) {
    throw new UsageError(`--since: "${redactSecrets(text)}" is not a date such as 2026-12-24`)
  }
  return date
}

function report(recipient: string, rows: readonly ShareRow[]): string {
  const lines = rows.map(({ post, outcome, needsBuild }) => {
    const state = outcome === 'has a link' ? ' · has a link already' : ''
    return `  ${printable(post)}${state}${outcome === 'already shared' ? ' · was shared before' : ''}${needsBuild ? '' : ', no build needed'}`
  })
  const next = rows.some(({ needsBuild }) => needsBuild)
    ? NEXT
    : 'Nothing to build: private-posts links prints the links.\n'
  return [`Shared with ${printable(recipient)}:`, ...lines, '', next].join('\n')
}

const NEXT = `What to do now:
  1. Build and deploy: the build makes their pages. Commit the ledger.
  2. private-posts send, after the deploy: tells recipients with a website or an address.
  3. private-posts links <post>: prints the link, to hand over to everybody else.
`

function quoted(name: string): string {
  return /[\s']/.test(name) ? JSON.stringify(name) : name
}
