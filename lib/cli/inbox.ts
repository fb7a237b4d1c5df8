import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { knownSecretsFileOf, rememberSecrets } from '../ledger/known-secrets.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { redactSecrets } from '../web/redaction.ts'
import { importMentions } from '../inbox/import-mentions.ts'
import { ACTIONS, type Action } from '../inbox/inbox-actions.ts'
import type { FullMessage, MessageRow } from '../inbox/message-row.ts'
import { blockableOf, originOf } from '../inbox/correspondents.ts'
import { idOf } from '../inbox/entry.ts'
import { ConfigurationError, FetchError, ResponseError } from '../web/errors.ts'
import {
  textOption,
  UsageError,
  type Command,
  type CommandContext,
  type ExitCode,
  type OptionValues,
} from './command.ts'
import { openInboxAccess, type InboxAccess } from './inbox-access.ts'
import { inboxTable, wholeMessage } from './inbox-text.ts'
import { DEFAULT_LEDGER, printable, SITE_OPTIONS } from './site.ts'

/** A message stays private for longer than anybody waits with an answer. */
const DAYS_KNOWN = 365

/** `private-posts inbox`: what the owner's inbox page shows and does, in the terminal. */
export const inboxCommand: Command = {
  name: 'inbox',
  summary: 'Reads what others have sent, and decides who may see it.',
  parameters: '[show|approve|keep|delete|block|block-host|allow|read|unread <id>] [options]',
  help: [
    '--unread       only what is new',
    '--held         only what waits for a decision',
    '--site URL     the inbox of a deployed site; needs PRIVATE_POSTS_SECRET',
    '--store PLACE  the store of "serve", as there (default .private-posts/store beside the ledger)',
    '--import webmention.io  take over what was kept there; needs WEBMENTION_IO_TOKEN',
    '--domain NAME  with --import: only what was sent there (default: the host of your profile URL)',
    '--approve      with --import: let everybody see what was public there',
    `--ledger FILE  the ledger (default ${DEFAULT_LEDGER})`,
    '--allow-loopback  for development: visit sites on this machine too',
    '--json         print one JSON object',
    '',
    'approve lets everybody see it, keep takes it for private, block and allow are about all',
    "that comes from its sender's address or host, block-host is about everybody there.",
    'An id may be cut short.',
  ],
  options: {
    ...SITE_OPTIONS,
    site: { type: 'string' },
    store: { type: 'string' },
    'allow-loopback': { type: 'boolean' },
    unread: { type: 'boolean' },
    held: { type: 'boolean' },
    import: { type: 'string' },
    domain: { type: 'string' },
    approve: { type: 'boolean' },
  },

  async run({ positionals, values }, context) {
    const order = orderOf(positionals, values)
    const inbox = await openInboxAccess(values, context, { isWriting: order.what === 'import' })
    try {
      switch (order.what) {
        case 'list':
          return await list(inbox, values, context)
        case 'show':
          return await show(inbox, order.id, values, context)
        case 'act':
          return await act(inbox, order, context)
        case 'import':
          return await takeOver(inbox, order.token, values, context)
      }
    } catch (error) {
      throw explained(error)
    } finally {
      await inbox.close()
    }

    function orderOf(words: readonly string[], of: OptionValues): Order {
      const [word, id, ...others] = words
      const source = textOption(of, 'import')
      if (source !== undefined) {
        if (word !== undefined) throw new UsageError('--import stands alone')
        return { what: 'import', token: tokenFor(source, context) }
      }
      if (of['approve'] || of['domain']) throw new UsageError('that goes with --import')
      if (word === undefined) return { what: 'list' }
      const action = ACTIONS.find((candidate) => candidate === word)
      if (word !== 'show' && !action) {
        throw new UsageError(`"${redactSecrets(word)}" is not what can be done with a message`)
      }
      if (id === undefined || others.length > 0) throw new UsageError('name one message, by its id')
      if (!/^[0-9a-f]{4,24}$/.test(id)) {
        throw new UsageError(`"${redactSecrets(id)}" is no id: write at least four of its letters`)
      }
      return action ? { what: 'act', action, id } : { what: 'show', id }
    }
  },
}

type Order =
  | { readonly what: 'list' }
  | { readonly what: 'show'; readonly id: string }
  | { readonly what: 'act'; readonly action: Action; readonly id: string }
  | { readonly what: 'import'; readonly token: string }

async function list(
  inbox: InboxAccess,
  values: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal, now } = context
  const all = await inbox.list()
  await rememberPrivate(all, values, context)
  const messages = all
    .filter(({ unread }) => !values['unread'] || unread)
    .filter(({ state }) => !values['held'] || state === 'held')
    .map(withoutCapabilities)
  const json = `${JSON.stringify({ messages }, null, 2)}\n`
  terminal.out(values['json'] ? json : inboxTable(messages, now()))
  return 0
}

async function show(
  inbox: InboxAccess,
  id: string,
  values: OptionValues,
  context: CommandContext,
): Promise<ExitCode> {
  const { terminal } = context
  const row = await find(inbox, id)
  const message = row && (await inbox.show(row.id))
  if (!message) return notHere(id, terminal)
  await rememberPrivate([message], values, context)
  const messages: FullMessage[] = [message]
  const json = `${JSON.stringify({ messages }, null, 2)}\n`
  terminal.out(values['json'] ? json : wholeMessage(message))
  return 0
}

/** An answer to a private message is private, however its address looks: the next build has to know it. */
async function rememberPrivate(
  rows: readonly MessageRow[],
  values: OptionValues,
  { cwd, now }: CommandContext,
): Promise<void> {
  const ledger = resolve(cwd, textOption(values, 'ledger') ?? DEFAULT_LEDGER)
  if (!existsSync(ledger)) return
  const pages = rows.filter((row) => row.private).flatMap(({ source }) => parseWebUrl(source) ?? [])
  await rememberSecrets(knownSecretsFileOf(ledger), pages, { now: now(), days: DAYS_KNOWN })
}

async function act(
  inbox: InboxAccess,
  { action, id }: { readonly action: Action; readonly id: string },
  { terminal }: CommandContext,
): Promise<ExitCode> {
  const row = await find(inbox, id)
  if (!row) return notHere(id, terminal)
  const outcome = await inbox.act({ action, id: row.id, version: row.version })
  if (outcome === 'gone') return notHere(id, terminal)
  if (outcome === 'changed') {
    terminal.error('It has changed just now. Please look at it again.\n')
    return 1
  }
  terminal.out(`${wordsOf(action, row)}\n`)
  return 0
}

async function takeOver(
  inbox: InboxAccess,
  token: string,
  values: OptionValues,
  { terminal, signal }: CommandContext,
): Promise<ExitCode> {
  const domain = textOption(values, 'domain') ?? inbox.domain
  const { keys, ...numbers } = await importMentions({
    token,
    sink: inbox,
    fetch: inbox.fetch,
    signal,
    ...(domain !== undefined && { domain }),
  })
  await inbox.flush()
  let approved = 0
  if (values['approve']) {
    const imported = new Set(keys.map(idOf))
    for (const { id, version, state, private: isPrivate } of await inbox.list()) {
      if (!imported.has(id) || state !== 'held' || isPrivate) continue
      if ((await inbox.act({ action: 'approve', id, version })) === 'done') approved += 1
    }
  }
  if (values['json']) {
    const counts = { imported: keys.length, approved, ...numbers }
    terminal.out(`${JSON.stringify(counts, null, 2)}\n`)
    return 0
  }
  const notes = [
    numbers.private > 0 && `${numbers.private} of them private`,
    values['approve'] === true && `${approved} approved`,
    numbers.unreadable > 0 && `${numbers.unreadable} more could not be read`,
  ]
  terminal.out(`Taken over: ${[keys.length, ...notes.filter(Boolean)].join(', ')}.\n`)
  return 0
}

async function find(inbox: InboxAccess, id: string): Promise<MessageRow | undefined> {
  const rows = (await inbox.list()).filter((row) => row.id.startsWith(id))
  if (rows.length > 1)
    throw new UsageError(`"${id}" could be ${rows.length} messages: write more of it`)
  return rows[0]
}

function notHere(id: string, { error }: CommandContext['terminal']): ExitCode {
  error(`There is no message ${id}. "private-posts inbox" lists those that there are.\n`)
  return 1
}

function wordsOf(action: Action, row: MessageRow): string {
  const who = printable(row.author)
  const words: Readonly<Record<Action, string>> = {
    approve: `Approved: ${who}.`,
    keep: `Only you can see it: ${who}.`,
    read: `Marked as read: ${who}.`,
    unread: `Marked as unread: ${who}.`,
    delete: `Deleted: ${who}.`,
    block: `Blocked: nothing more comes in from ${printable(blockableOf(row))}.`,
    'block-host': `Blocked: nothing more comes in from ${printable(row.host)}, and nobody there can write to you.`,
    allow: `Allowed: what comes from ${printable(originOf(row))} need not wait any more.`,
  }
  return words[action]
}

/** A list is scrolled back to, piped and pasted: it opens no private page. `show` names one in full. */
function withoutCapabilities(row: MessageRow): MessageRow {
  const { source, sender, audience, target, inReplyTo, summary } = row
  const { author, authorUrl, claimedUrl, photo, url } = row
  return {
    ...row,
    author: redactSecrets(author),
    authorUrl: authorUrl === null ? null : redactSecrets(authorUrl),
    ...(claimedUrl !== undefined && { claimedUrl: redactSecrets(claimedUrl) }),
    ...(photo !== undefined && { photo: redactSecrets(photo) }),
    ...(url !== undefined && { url: redactSecrets(url) }),
    sender: redactSecrets(sender),
    audience: audience.map(redactSecrets),
    summary: redactSecrets(summary),
    source: redactSecrets(source),
    target: redactSecrets(target),
    inReplyTo: inReplyTo === null ? null : redactSecrets(inReplyTo),
  }
}

function tokenFor(source: string, { environment }: CommandContext): string {
  if (source !== 'webmention.io') throw new UsageError('--import knows webmention.io only')
  const token = environment['WEBMENTION_IO_TOKEN']
  if (token !== undefined && /^[\w.~+/=-]+$/.test(token)) return token
  throw new ConfigurationError(
    'WEBMENTION_IO_TOKEN is missing. To do: copy the API key from https://webmention.io/settings into it.',
  )
}

/** What a peer did wrong is no fault of ours, and is said without a stack. */
function explained(error: unknown): unknown {
  const isPeer = error instanceof FetchError || error instanceof ResponseError
  return isPeer ? new ConfigurationError(`${error.message}.`, { cause: error }) : error
}
