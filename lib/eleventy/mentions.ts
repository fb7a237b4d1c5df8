import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import { FetchError } from '../web/errors.ts'
import { discardBody, readText } from '../web/body.ts'
import type { Fetch } from '../web/fetch.ts'
import { createGuardedFetch, userAgentOf } from '../web/guarded-fetch.ts'
import { pageIdentityOf } from '../web/page-identity.ts'
import { isCi, type PluginEnvironment } from './environment.ts'
import type { Mention } from './mention-list.ts'
import type { ResolvedOptions } from './options.ts'
import { ownLine } from './quiet-log.ts'
import { cacheFolder } from './written-pages.ts'

/** A page more or less at a time; a site with more mentions than that is no blog. */
const PER_PAGE = 500
const MAX_PAGES = 20
const MAX_BYTES = 8 * 1024 * 1024
/** A remote that is slow must not make the build slow: of the whole, and of each request. */
const LONGEST_FETCH = 15_000
const TIMEOUT = 5_000
/** Somebody who writes builds many times in ten minutes. */
const CACHE_SECONDS = 600
const TOKEN_VARIABLE = 'WEBMENTION_IO_TOKEN'

const Cached = v.object({
  fetched: v.pipe(v.string(), v.isoTimestamp()),
  children: v.array(v.unknown()),
})

/** Where mentions come from. The address may hold a token, and is never shown. */
interface Source {
  readonly name: string
  readonly url: URL
}

/**
 * Fetches the public mentions of the site. A failure is one line of warning and what was known before;
 * the build goes on.
 */
export async function fetchMentions(
  options: ResolvedOptions,
  environment: PluginEnvironment,
  pathPrefix: string,
): Promise<readonly Mention[]> {
  const { print, variables } = environment
  const sources = sourcesOf(options, variables, pathPrefix)
  if (sources.length === 0) {
    print(ownLine(`Mentions: ${tokenVariable(options)} is not set: none are shown.`, 'yellow'))
  }
  const lists = await Promise.all(sources.map((source) => fetchFrom(source, options, environment)))
  const known = new Map<string, Mention>()
  for (const mention of lists.flat()) {
    const pair = `${mention['wm-source']} ${pageIdentityOf(mention['wm-target'])}`
    if (!known.has(pair)) known.set(pair, mention)
  }
  return [...known.values()]
}

async function fetchFrom(
  source: Source,
  { mentions, me }: ResolvedOptions,
  environment: PluginEnvironment,
): Promise<readonly Mention[]> {
  const { cwd, now, print, fetch } = environment
  const { parseMentions } = await import('./mention-feed.ts')
  const key = createHash('sha256').update(source.url.href).digest('hex').slice(0, 16)
  const file = join(cacheFolder(cwd), `mentions-${key}.json`)
  const cached = await readCache(file)
  // A build server builds because something has changed, such as what was approved.
  const usual = isCi(environment) ? 0 : CACHE_SECONDS
  const { cacheSeconds = usual } = typeof mentions === 'object' ? mentions : {}
  const age = cached ? now().getTime() - Date.parse(cached.fetched) : Infinity
  if (cached && age >= 0 && age < cacheSeconds * 1000) return parseMentions(cached)

  const guarded = createGuardedFetch({
    allowLoopback: isLoopback(me),
    timeout: TIMEOUT,
    maxBytes: MAX_BYTES,
    userAgent: userAgentOf(me),
  })
  try {
    const children = await fetchPages(source, fetch ?? guarded.fetch)
    // What is cached is what may be shown: private mentions do not even come to rest here.
    const list = parseMentions({ children })
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, JSON.stringify({ fetched: now().toISOString(), children: list }))
    return list
  } catch (error) {
    const instead = cached ? `those of ${cached.fetched.slice(0, 16)} are shown` : 'none are shown'
    print(ownLine(`Mentions: ${source.name} ${describe(error)}; ${instead}.`, 'yellow'))
    return cached ? parseMentions(cached) : []
  } finally {
    await guarded.close()
  }
}

async function fetchPages({ url }: Source, fetch: Fetch): Promise<unknown[]> {
  const signal = AbortSignal.timeout(LONGEST_FETCH)
  const children: unknown[] = []
  for (let page = 0; page < MAX_PAGES; page++) {
    const address = new URL(url)
    address.searchParams.set('per-page', String(PER_PAGE))
    address.searchParams.set('page', String(page))
    const response = await fetch(address, { headers: { accept: 'application/json' }, signal })
    if (response.status !== 200) {
      await discardBody(response)
      throw new FetchError(`answered ${response.status}`)
    }
    const feed = v.parse(
      v.looseObject({ children: v.array(v.unknown()) }),
      parse(await readText(response)),
    )
    children.push(...feed.children)
    if (feed.children.length < PER_PAGE) break
  }
  return children
}

function sourcesOf(
  { mentions, me, paths }: ResolvedOptions,
  variables: PluginEnvironment['variables'],
  pathPrefix: string,
): Source[] {
  const { url, webmentionIo } = typeof mentions === 'object' ? mentions : {}
  const sources: Source[] = []
  if (url !== undefined || !webmentionIo) {
    const own = new URL(`${pathPrefix.replace(/\/$/, '')}${paths.mentions}`, me)
    const address = url === undefined ? own : new URL(url)
    sources.push({ name: address.host, url: address })
  }
  const token = webmentionIo && variables[webmentionIo.tokenVariable ?? TOKEN_VARIABLE]
  if (webmentionIo && token) {
    const address = new URL('https://webmention.io/api/mentions.jf2')
    address.searchParams.set('domain', webmentionIo.domain)
    address.searchParams.set('token', token)
    sources.push({ name: 'webmention.io', url: address })
  }
  return sources
}

function tokenVariable({ mentions }: ResolvedOptions): string {
  const { webmentionIo } = typeof mentions === 'object' ? mentions : {}
  return webmentionIo?.tokenVariable ?? TOKEN_VARIABLE
}

async function readCache(file: string): Promise<v.InferOutput<typeof Cached> | undefined> {
  try {
    return v.parse(Cached, JSON.parse(await readFile(file, 'utf8')))
  } catch {
    // A cache that cannot be read is none.
    return undefined
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new FetchError('did not answer with JSON')
  }
}

/** Without addresses, which may hold a token. */
function describe(error: unknown): string {
  if (
    error instanceof FetchError &&
    /^(answered \d+|did not answer with JSON)$/.test(error.message)
  ) {
    return error.message
  }
  if (error instanceof v.ValiError) return 'did not answer with a feed of mentions'
  return 'could not be reached'
}

function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '127.0.0.1'
}
