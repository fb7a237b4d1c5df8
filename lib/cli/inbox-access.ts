import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import * as v from 'valibot'
import { redactSecrets } from '../web/redaction.ts'
import type { Message } from '../delivery/message.ts'
import { settingsOf } from '../deploy/send.ts'
import { createBuildHook } from '../inbox/build-hook.ts'
import { createInbox } from '../inbox/inbox.ts'
import { perform, type MessageAction } from '../inbox/inbox-actions.ts'
import { FullMessage, messageRow, MessageRow } from '../inbox/message-row.ts'
import type { Decided } from '../inbox/moderation.ts'
import { CALL_PURPOSE, type Order } from '../inbox/terminal-answers.ts'
import { createSecrets } from '../jwt/secrets.ts'
import { DEFAULT_PATHS, type SiteRecord } from '../ledger/site-record.ts'
import { readBuildHook } from '../site/build-hook.ts'
import { readSecretKeys } from '../site/secret-keys.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import { isLoopbackHost } from '../web/address-text.ts'
import { readText } from '../web/body.ts'
import { ConfigurationError, ResponseError } from '../web/errors.ts'
import type { Fetch } from '../web/fetch.ts'
import { createGuardedFetch, type GuardedFetch } from '../web/guarded-fetch.ts'
import {
  textOption,
  urlOption,
  UsageError,
  type CommandContext,
  type OptionValues,
} from './command.ts'
import { DEFAULT_LEDGER, openSite } from './site.ts'
import { loadLmdbStore, openPostgresStore, storePlaceOf, type OpenedStore } from './store-place.ts'

const PER_PAGE = 500
/** More than that is no inbox, but a server that repeats itself. */
const MAX_PAGES = 100
/** As many imported messages as one call carries. */
const BATCH = 10
/** A page of the longest rows. */
const MAX_ANSWER = 8 * 1024 * 1024

/** The inbox, wherever it is kept. */
export interface InboxAccess {
  /** Newest first. */
  list(): Promise<MessageRow[]>
  show(id: string): Promise<FullMessage | undefined>
  act(action: MessageAction): Promise<Decided>
  /** Keeps an imported message, at the latest with {@link flush}. */
  accept(key: string, message: Message): Promise<void>
  flush(): Promise<void>
  /** Whose mentions these are, as far as it is known here. */
  readonly domain: string | undefined
  readonly fetch: Fetch
  close(): Promise<void>
}

/** Opens the inbox of `--site`, or else the one in the store of `serve`. */
export async function openInboxAccess(
  values: OptionValues,
  context: CommandContext,
  { isWriting }: { readonly isWriting: boolean },
): Promise<InboxAccess> {
  const site = urlOption(values, 'site')
  if (site === undefined) return openLocal(values, context, isWriting)
  if (textOption(values, 'store') !== undefined) throw new UsageError('--site or --store, not both')
  const isLoopback = isLoopbackHost(site.hostname)
  if (site.protocol !== 'https:' && !isLoopback) {
    throw new UsageError('--site: over http anybody on the way could read your messages. Use https')
  }
  return openRemote(site, values, context)
}

async function openLocal(
  values: OptionValues,
  context: CommandContext,
  isWriting: boolean,
): Promise<InboxAccess> {
  const settings = settingsOf(await openSite(values, context).read())
  const { now, environment } = context
  const { store, closeStore } = await openStore(values, context, isWriting)
  const allowLoopback = values['allow-loopback'] === true
  const guarded = createGuardedFetch({ allowLoopback, redact: redactSecrets })
  const hook = readBuildHook(environment)
  const build = hook && createBuildHook({ hook, store, fetch: guarded.fetch, now })
  const me = new URL(settings.me)
  const inbox = createInbox({
    ...{ store, policy: settings.policy, me, now },
    ...(build && { onApproved: build.announce }),
  })
  return {
    async list() {
      const { items } = await inbox.list('all', { page: 0, perPage: Number.MAX_SAFE_INTEGER })
      return items.map(messageRow)
    },
    async show(id) {
      const letter = await inbox.letter(id)
      return letter && { ...messageRow(letter.entry), content: letter.content }
    },
    act: (action) => perform(action, inbox),
    accept: (key, message) => inbox.accept(key, message),
    flush: async () => {},
    domain: me.hostname,
    fetch: guarded.fetch,
    async close() {
      await guarded.close()
      await closeStore()
    },
  }
}

/** Looking at what is not there yet makes nothing. */
async function openStore(
  values: OptionValues,
  context: CommandContext,
  isWriting: boolean,
): Promise<OpenedStore> {
  const { cwd, now } = context
  const ledger = resolve(cwd, textOption(values, 'ledger') ?? DEFAULT_LEDGER)
  const place = storePlaceOf(values, context, ledger)
  if (place.kind === 'postgres') return openPostgresStore(place.url, context)
  const { folder, isNamed } = place
  if (!existsSync(folder) && !isWriting) {
    if (!isNamed) return { store: createMemoryStore({ now }), closeStore: async () => {} }
    throw new ConfigurationError(`${textOption(values, 'store')}: there is no such folder.`)
  }
  const { createLmdbStore } = await loadLmdbStore()
  const store = createLmdbStore({ folder, now })
  return { store, closeStore: () => store.close() }
}

async function openRemote(
  site: URL,
  values: OptionValues,
  context: CommandContext,
): Promise<InboxAccess> {
  const { environment, now, signal } = context
  const keys = readSecretKeys(environment)
  const settings = await settingsIfAny(values, context)
  const path = settings?.paths.inbox ?? DEFAULT_PATHS.inbox
  const endpoint = new URL(path.replace(/^\//, ''), site)
  // @NOTE Only issues: what is spent and revoked, the site remembers.
  const secrets = createSecrets({ keys, site, store: createMemoryStore({ now }), now })
  const allowLoopback = values['allow-loopback'] === true || isLoopbackHost(site.hostname)
  const guarded: GuardedFetch = createGuardedFetch({
    ...{ allowLoopback, redact: redactSecrets, maxBytes: MAX_ANSWER },
  })
  let waiting: { key: string; message: Message }[] = []

  return {
    async list() {
      const rows: MessageRow[] = []
      for (let page = 0; page < MAX_PAGES; page++) {
        const url = new URL(endpoint)
        url.searchParams.set('per-page', String(PER_PAGE))
        url.searchParams.set('page', String(page))
        const { messages, total } = read(List, (await call(url)).value)
        rows.push(...messages)
        if (messages.length === 0 || rows.length >= total) break
      }
      return rows
    },
    async show(id) {
      const { status, value } = await call(new URL(`${endpoint.pathname}/${id}`, endpoint))
      return status === 404 ? undefined : read(FullMessage, value)
    },
    async act({ action, id, version }) {
      const { value } = await post({ action, id, ...(version !== undefined && { version }) })
      return read(Outcome, value).outcome
    },
    async accept(key, message) {
      waiting.push({ key, message })
      if (waiting.length >= BATCH) await flush()
    },
    flush,
    domain: settings && new URL(settings.me).hostname,
    fetch: guarded.fetch,
    close: () => guarded.close(),
  }

  async function flush(): Promise<void> {
    const messages = waiting
    waiting = []
    if (messages.length === 0) return
    const plain = messages.map(({ key, message: { audience, hosts, warnings, ...message } }) => ({
      key,
      message: {
        ...message,
        ...(audience && { audience: [...audience] }),
        ...(hosts && { hosts: [...hosts] }),
        ...(warnings && { warnings: [...warnings] }),
      },
    }))
    await post({ action: 'import', messages: plain })
  }

  function post(order: Order) {
    const headers = { 'content-type': 'application/json' }
    return call(endpoint, { method: 'POST', headers, body: JSON.stringify(order) })
  }

  /** Each call has a pass of its own, which works for minutes, and changes something only once; it follows no redirect. */
  async function call(url: URL, init: RequestInit = {}) {
    const pass = await secrets.issue('call', { purpose: CALL_PURPOSE })
    const headers = new Headers(init.headers)
    headers.set('authorization', `Bearer ${pass}`)
    headers.set('accept', 'application/json')
    const response = await guarded.fetch(url, { ...init, headers, redirect: 'error', signal })
    const text = await readText(response, { maxBytes: MAX_ANSWER })
    const { status } = response
    if (status === 401) {
      throw new ResponseError(
        `${site.href} did not accept PRIVATE_POSTS_SECRET: it has to be the one that the site has, and --site the address that the site knows itself by`,
      )
    }
    if (![200, 404, 409].includes(status)) {
      throw new ResponseError(`${site.href} answered ${status}`)
    }
    return { status, value: parseJson(text) }
  }

  function parseJson(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch {
      throw noInbox()
    }
  }

  function read<Schema extends v.GenericSchema>(schema: Schema, value: unknown) {
    const result = v.safeParse(schema, value)
    if (result.success) return result.output
    throw noInbox()
  }

  function noInbox(): ResponseError {
    return new ResponseError(`${endpoint.href} is no inbox of this kind`)
  }
}

const List = v.object({ messages: v.array(MessageRow), total: v.number() })
const Outcome = v.object({ outcome: v.picklist(['done', 'gone', 'changed']) })

/** A deployed inbox can be read from anywhere, also without the sources of the site. */
async function settingsIfAny(
  values: OptionValues,
  context: CommandContext,
): Promise<SiteRecord | undefined> {
  const ledger = textOption(values, 'ledger') ?? DEFAULT_LEDGER
  if (!existsSync(resolve(context.cwd, ledger))) return undefined
  return settingsOf(await openSite(values, context).read())
}
