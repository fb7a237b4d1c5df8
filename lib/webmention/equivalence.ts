import { createHash } from 'node:crypto'
import type { MessageSink } from '../delivery/message.ts'
import {
  fragmentOf,
  pageIdentity,
  staticPageIdentity,
  withPlainEscapes,
} from '../web/page-identity.ts'
import { parseUrl } from '../web/parse-url.ts'
import type { Webmention } from './webmention.ts'

/**
 * The spelling by which two URLs are the same address: as the URL standard writes it (host in lower
 * case, no default port, a slash for an empty path), without fragment, and with percent-encoding only
 * where there is a need for it. Nothing else is folded: "exact match" means scheme, slash and query too.
 *
 * @see [Webmention §3.2.2](https://www.w3.org/TR/webmention/#webmention-verification)
 * @see [RFC 3986 §6.2.2](https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2)
 */
export function normalForm(url: URL): string {
  const { href, hash } = url
  const page = hash === '' ? href.replace(/#$/, '') : href.slice(0, -hash.length)
  return withPlainEscapes(page)
}

/** The spelling by which two sources are the same: two comments on a page are two sources. */
export function sourceForm(source: URL): string {
  const fragment = fragmentOf(source)
  return normalForm(source) + (fragment && `#${withPlainEscapes(fragment)}`)
}

/** The normal form of what a page calls a URL; `undefined` if it is none of the web. */
export function normalFormOf(reference: string, base?: URL): string | undefined {
  const url = parseUrl(reference, base)
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? normalForm(url) : undefined
}

/**
 * The name of a mention for ever: the same source again, to the same page, is an update of it, in whichever
 * spelling it names the page. So a page shows it once, and what is private by one spelling is so by all.
 */
export function mentionKey(source: URL, target: URL): string {
  return hashOf(source, pageIdentity(target))
}

/**
 * Under which key the inbox holds a mention, or will hold it: without the target's query, which a static host
 * ignores. Imported mentions, and those of earlier versions, may be there with it, or by the exact spelling.
 */
export async function keyOfMention(
  { find }: Pick<MessageSink, 'find'>,
  { source, target }: Webmention,
): Promise<string> {
  const key = hashOf(source, staticPageIdentity(target))
  const others = [mentionKey(source, target), hashOf(source, normalForm(target))]
  for (const one of new Set([key, ...others])) if ((await find(one)) !== undefined) return one
  return key
}

function hashOf(source: URL, target: string): string {
  const pair = JSON.stringify([sourceForm(source), target])
  return createHash('sha256').update(pair).digest('hex')
}
