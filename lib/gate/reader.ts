import type { GatedPost, GateReader, GateRegister } from './register.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** The post behind a segment, unless there is none or it has expired: those two are one. */
export function findPost(
  { posts }: GateRegister,
  segment: string,
  now: Date,
): GatedPost | undefined {
  const post = Object.hasOwn(posts, segment) ? posts[segment] : undefined
  if (post?.expires === undefined) return post
  // A date that cannot be read is over, too.
  return Date.parse(post.expires) > now.getTime() ? post : undefined
}

/** The reader of the post that `id` is, or `undefined`: then `id` is not in its audience. */
export function findReader({ readers }: GatedPost, id: string): GateReader | undefined {
  const exact = readers.find((reader) => reader.id === id)
  return exact ?? readers.find((reader) => mayReadAs(id, reader.id))
}

/** Whether somebody who is known as `id` could read the post behind a segment once. */
export function wasReader({ gone = {} }: GateRegister, segment: string, id: string): boolean {
  const former = Object.hasOwn(gone, segment) ? (gone[segment] ?? []) : []
  return former.some((named) => mayReadAs(id, named))
}

/**
 * Whether somebody who is known as `id` is the one that the author named.
 *
 * Profile URLs are compared in their canonical form. `https` proves more than `http` does: who is confirmed
 * as `https://bob.example/` is also the `http://bob.example/` of an author who wrote it so. Never the
 * other way round, because over `http` anybody on the way can be Bob. Other ids are compared as they are.
 *
 * @see [IndieAuth §3.4, URL Canonicalization](https://indieauth.spec.indieweb.org/#url-canonicalization)
 */
export function mayReadAs(id: string, named: string): boolean {
  const asker = canonicalId(id)
  const reader = canonicalId(named)
  return asker === reader || (isHttps(asker) && asker === withHttps(reader))
}

function canonicalId(id: string): string {
  if (!/^https?:\/\//i.test(id) || !canParseUrl(id)) return id
  const url = new URL(id)
  url.hash = ''
  url.hostname = url.hostname.replace(/\.+$/, '')
  if (url.search === '') url.search = ''
  return url.href
}

function isHttps(id: string): boolean {
  return id.startsWith('https://')
}

/** A port belongs to its scheme: with one of its own, `http` has no counterpart. */
function withHttps(id: string): string {
  return /^http:\/\/[^/:]+\//.test(id) ? id.replace('http:', 'https:') : id
}
