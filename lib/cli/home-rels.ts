/**
 * The links by which the software of strangers finds a site's functions. Software that was written from the
 * private-webmention draft looks for two of them on the home page and nowhere else.
 *
 * @see [private-webmention draft, Protocol Flow](https://indieweb.org/private-webmention-brainstorming#Protocol_Flow)
 * @module
 */
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverAddresses } from '../indieauth/server-addresses.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { DEFAULT_PATHS, type SiteRecord } from '../ledger/site-record.ts'
import { headersFor, parseHeadersFile } from '../web/headers-file.ts'
import { decodeSegment } from '../web/path-segment.ts'
import { relsInHeader } from '../web/rel-discovery.ts'
import { relsInHtml } from '../web/rels-in-html.ts'
import { ifVanished } from '../web/vanished.ts'
import { deployedAt } from './site.ts'

/** What a link to the site's IndieAuth server may be called. */
const SERVER_RELS = ['indieauth-metadata', 'authorization_endpoint', 'token_endpoint'] as const
type ServerRel = (typeof SERVER_RELS)[number]

/** A link that should stand in the head of a page. */
export interface HeadLink {
  readonly rel: string
  readonly href: URL
}

/** What of a site's settings the links depend on. */
export type LinkedSite = Pick<SiteRecord, 'me' | 'pathPrefix' | 'paths'>

/** Before the first build nothing is known of a site. */
const UNKNOWN_SITE: LinkedSite = {
  me: 'https://you.example/',
  pathPrefix: '/',
  paths: DEFAULT_PATHS,
}

/** The links that every page may have. Absolute: a page may be read at another address than the site's. */
export function layoutLinks(record: LinkedSite): readonly HeadLink[] {
  const { webmention, pm } = record.paths
  const at = (path: string) => new URL(path.replace(/^\/+/, ''), deployedAt(record))
  return [
    { rel: 'webmention', href: at(webmention) },
    { rel: 'pm', href: at(pm) },
  ]
}

/** The links to the site's IndieAuth server, for the home page. */
export function homeLinks(record: LinkedSite): readonly (HeadLink & { readonly rel: ServerRel })[] {
  const { metadata, authorization, token } = serverAddresses({
    ...record,
    site: deployedAt(record),
  })
  return [
    { rel: 'indieauth-metadata', href: metadata },
    { rel: 'authorization_endpoint', href: authorization },
    { rel: 'token_endpoint', href: token },
  ]
}

export function headElement({ rel, href }: HeadLink): string {
  return `<link rel="${rel}" href="${href.href}">`
}

/**
 * The links that a stranger's software looks for on the home page of a site with gated posts, and does not find.
 * Where the page names another server the author has decided so, and nothing is missing.
 */
export async function missingHomeLinks(
  ledger: Ledger | undefined,
  /** Absolute. */
  output: string,
): Promise<readonly HeadLink[]> {
  const site = ledger?.site
  const posts = Object.values(ledger?.posts ?? {})
  const isGated = posts.some(
    ({ access, visibility }) => access === 'gate' && visibility !== 'public',
  )
  if (!site || !isGated || typeof site.indieauth === 'string') return []

  const links = homeLinks(site)
  const { issuer } = serverAddresses({ ...site, site: deployedAt(site) })
  const missing: HeadLink[] = []
  for (const link of links) {
    if (link.rel === 'indieauth-metadata') continue
    if (link.rel === 'authorization_endpoint' && !site.indieauth) continue
    // A receiver looks for the token endpoint at the root of the source's host, for the other one at `me`.
    const page = new URL(link.rel === 'token_endpoint' ? '/' : site.me, deployedAt(site))
    const found = await relsOfPage(page, site, output)
    if (!found) continue
    const isElsewhere = [...found.values()].some((url) => !url?.href.startsWith(issuer.href))
    if (!isElsewhere && !found.has(link.rel)) missing.push(link)
  }
  return missing
}

/** The same as a sentence for the author. */
export function describeMissingLinks(links: readonly HeadLink[]): string {
  const rels = links.map(({ rel }) => `rel=${rel}`).join(' and no ')
  return `The home page has no ${rels}: software that knows no more than the private-webmention draft cannot open what you send it. To do: put into the head of the page: ${links.map(headElement).join(' ')}`
}

/** The links of a page to IndieAuth servers, or `undefined` where the site has no such page. */
async function relsOfPage(
  page: URL,
  record: LinkedSite,
  output: string,
): Promise<ReadonlyMap<string, URL | undefined> | undefined> {
  const root = deployedAt(record).pathname
  if (!page.pathname.startsWith(root)) return undefined
  const segments = page.pathname.slice(root.length).split('/').map(decodeSegment)
  if (segments.includes(undefined)) return undefined
  const path = segments.join('/').replace(/\/$/, '')
  const file = [`${path}/index.html`, `${path}.html`, path]
    .map((name) => join(output, name))
    .find((name) => name.endsWith('.html') && existsSync(name))
  if (file === undefined) return undefined

  const html = await readFile(file, 'utf8')
  const inPage = relsInHtml({ html, url: page.href, rels: SERVER_RELS, elements: ['link'] })
  const rules = parseHeadersFile(
    await readFile(join(output, '_headers'), 'utf8').catch(ifVanished('')),
  )
  const link = headersFor(rules, page.pathname).get('link') ?? ''
  // What is no header value is none that a host would send.
  const headers = new Headers(/^[\x20-\x7e]*$/.test(link) ? { link } : {})
  return new Map([
    ...inPage.map(
      ({ rel, href }) => [rel, href === undefined ? undefined : new URL(href)] as const,
    ),
    ...relsInHeader({ headers }, page, SERVER_RELS),
  ])
}

/** What a build has told of the site, if there was one. */
export async function readLinkedSite(ledgerFile: string): Promise<LinkedSite> {
  const ledger = existsSync(ledgerFile) ? await openLedgerFile(ledgerFile).read() : undefined
  return ledger?.site ?? UNKNOWN_SITE
}
