/**
 * Addresses that were given out, or told to others, and have no page any more: hosts answer 410 there, or show a
 * tombstone, so that whoever was told of them forgets them.
 *
 * 1. {@link goneLinks} – private links that were taken back
 * 2. {@link findGonePages} – public pages that others were told of
 *
 * @see [Webmention §3.1.5](https://www.w3.org/TR/webmention/#sending-webmentions-for-deleted-posts)
 * @module
 */
import { existsSync } from 'node:fs'
import { join, posix } from 'node:path'
import { isGone } from '../ledger/absence.ts'
import type { Ledger } from '../ledger/ledger.ts'
import { decodeSegment } from '../web/path-segment.ts'
import { isTombstoneFile } from './tombstones.ts'

/** A private link whose page was taken back, and since when (ISO 8601). */
export interface GoneLink {
  readonly token: string
  readonly since: string
  /** Its post has only vanished from the build: no deploy without it was seen yet. */
  readonly mayReturn?: true
}

/** Links that were revoked, or whose post has vanished; not those of a post that is public now. */
export function goneLinks({ posts }: Pick<Ledger, 'posts'>): GoneLink[] {
  return Object.values(posts).flatMap((record) =>
    record.links.flatMap(({ token, revoked, invitation, unbuilt }) => {
      if (invitation || unbuilt || revoked?.reason === 'published') return []
      if (revoked) return [{ token, since: revoked.at }]
      if (!isGone(record) || !record.absent) return []
      return [{ token, since: record.absent.since, mayReturn: true }]
    }),
  )
}

/** Addresses of which others were told, and of these the ones that were gone already. */
export interface ToldAddresses {
  /** Sources of webmentions. */
  readonly sources: readonly string[]
  /** Those of private posts, with whom they were told. */
  readonly readers: readonly { readonly source: string; readonly reader: string }[]
  readonly gone: Readonly<Record<string, string>>
}

/** What a ledger knows of that. */
export function toldIn({
  deliveries,
  gone = {},
}: Pick<Ledger, 'deliveries' | 'gone'>): ToldAddresses {
  const known = deliveries.filter((delivery) => delivery.known)
  return {
    sources: [...new Set(known.map(({ source }) => source))],
    readers: known.flatMap(({ source, recipient }) =>
      recipient === null ? [] : [{ source, reader: recipient }],
    ),
    gone,
  }
}

/**
 * Tokens of private links that lead to a public page, because their post was made public, where that page is gone,
 * too.
 *
 * @param isMoved Whether the author has said where a URL path went.
 */
export function findLostLinks(
  { posts }: Pick<Ledger, 'posts'>,
  sight: PageSight,
  isMoved: (pathname: string) => boolean,
): ReadonlySet<string> {
  const lost = Object.values(posts).flatMap(({ publishedAs, links }) => {
    const path = publishedAs?.replace(/^\/+/, '')
    if (path === undefined || isMoved(`/${path}`) || isThere(path, sight)) return []
    return links.filter(({ revoked, invitation }) => revoked?.reason === 'published' && !invitation)
  })
  return new Set(lost.map(({ token }) => token))
}

export interface PageSight {
  /** Output folder, from the project's root. */
  readonly output: string
  /** Where the site lies below its host. */
  readonly pathPrefix: string
  readonly prefix: string
  readonly gatePrefix: string
  /** Pages of earlier builds that this one did not write, below the output folder. */
  readonly left: ReadonlySet<string>
  readonly now: Date
}

/**
 * Finds the pages that others were told of and that this build has none of, with the moment since when that is so.
 * Names are URL paths below the site, percent-encoded, without a slash at the beginning.
 *
 * Private links are looked at only where the ledger does not know them, as on a host that keeps no ledger for
 * builds.
 *
 * @param lost Tokens of {@link findLostLinks}.
 */
export function findGonePages(
  told: readonly ToldAddresses[],
  { posts }: Pick<Ledger, 'posts'>,
  sight: PageSight,
  lost: ReadonlySet<string>,
): Record<string, string> {
  const { prefix, gatePrefix, now } = sight
  const known: ReadonlySet<string> = new Set(
    Object.values(posts).flatMap(({ links }) => links.map(({ token }) => token)),
  )
  const since = Object.assign({}, ...told.map(({ gone }) => gone)) as Record<string, string>
  const paths = new Set([
    ...told.flatMap(({ sources }) => sources.flatMap((source) => pathOf(source, sight) ?? [])),
    ...Object.keys(since),
    ...[...lost].map((token) => `${prefix.slice(1)}${token}/`),
  ])
  const gone = [...paths].filter((path) => {
    const name = `/${path}`
    if (path === '' || name.startsWith(gatePrefix)) return false
    if (name.startsWith(prefix)) {
      const [token = ''] = name.slice(prefix.length).split('/')
      return lost.has(token) || !known.has(token)
    }
    return !isThere(path, sight)
  })
  return Object.fromEntries(gone.toSorted().map((path) => [path, since[path] ?? now.toISOString()]))
}

/** The file below the output folder that a URL path below the site means; `undefined` if it can mean none. */
export function fileOf(path: string): string | undefined {
  const names = path.split('/').map(decodeSegment)
  if (names.some((name) => name === undefined || name === '.' || name === '..')) return undefined
  const file = names.join('/')
  return file === '' || file.endsWith('/') ? `${file}index.html` : file
}

function pathOf(source: string, { pathPrefix }: PageSight): string | undefined {
  const { pathname } = new URL(source)
  const folder = posix.join('/', pathPrefix, '/')
  return pathname.startsWith(folder) ? pathname.slice(folder.length) : undefined
}

function isThere(path: string, { output, left }: PageSight): boolean {
  const file = fileOf(path)
  if (file === undefined) return true
  const isPage = (name: string) =>
    existsSync(join(output, name)) && !left.has(name) && !isTombstoneFile(join(output, name))
  return isPage(file) || isPage(siblingOf(file))
}

/** `x/index.html` and `x.html` have one address on many hosts: a tombstone at one would cover the other. */
function siblingOf(file: string): string {
  return /\/index\.html$/.test(file)
    ? file.replace(/\/index\.html$/, '.html')
    : file.replace(/\.html?$/, '/index.html')
}
