/**
 * Whether a mention may be seen by anybody but the owner: private wins, doubt holds.
 *
 * @see [Denoting Privacy](https://indieweb.org/private-webmention-brainstorming#Denoting_Privacy)
 * @module
 */
import type { Message, Privacy } from '../delivery/message.ts'
import { attribute, elements, hasToken, isElement, textOf } from '../web/html.ts'
import type { HtmlDocument, HtmlElement } from '../web/html.ts'
import { isSecretUrl } from '../web/secret-url.ts'
import { jsonValues } from './link-search.ts'
import type { KnownTarget } from './receiver-target.ts'
import type { SourceContent, VerifiedSource } from './verification.ts'

/** `<meta>` names that speak to every robot, or to the one that most pages address. */
const ROBOTS = ['robots', 'googlebot']
const NOINDEX = /(^|[\s,:])(noindex|none)\s*(,|;|$)/i

export interface PrivacySigns {
  readonly source: Pick<VerifiedSource, 'authenticated' | 'chain' | 'headers' | 'content'>
  readonly target: KnownTarget['kind']
  /** A `code` came along, whatever it was good for. */
  readonly code: boolean
  /** It was good for a token: whoever sent it speaks for the source. */
  readonly redeemed: boolean
  /** What the inbox already holds of this mention. */
  readonly before: Pick<Message, 'privacy'> | undefined
}

/**
 * Classifies a mention, before its document is used up.
 *
 * What was private stays so, unless its page says in so many words that it is public now. And what was
 * public is not made private by a code that is good for nothing, or anybody could take mentions down.
 */
export function classify({ source, target, code, redeemed, before }: PrivacySigns): Privacy {
  const { authenticated, chain, headers, content } = source
  const visibilities = visibilitiesOf(content)
  const noindex = NOINDEX.test(headers.get('x-robots-tag') ?? '') || metaNoindex(content)
  const uncached = /(^|[\s,])(private|no-store)\s*(,|=|$)/i.test(headers.get('cache-control') ?? '')
  const claimsCode = redeemed || (code && before?.privacy !== 'public')

  const isPrivate =
    claimsCode ||
    authenticated ||
    target !== 'public' ||
    visibilities.some((visibility) => visibility !== 'public') ||
    (uncached && noindex)
  if (isPrivate) return 'private'
  if (before?.privacy === 'private' && visibilities.length === 0) return 'private'
  return noindex || chain.some((url) => isSecretUrl(url)) ? 'unsure' : 'public'
}

/** Every visibility that the page names, of whatever part of it; of JSON, as Micropub writes it. */
function visibilitiesOf(content: SourceContent): string[] {
  const found: string[] = []
  if (content.type === 'html') {
    for (const element of elements(content.document)) {
      if (hasToken(attribute(element, 'class'), 'p-visibility')) found.push(valueOf(element))
    }
  }
  if (content.type === 'json') {
    for (const value of jsonValues(content.json)) {
      if (typeof value !== 'object' || value === null || !('visibility' in value)) continue
      const values = Array.isArray(value.visibility) ? value.visibility : [value.visibility]
      found.push(...values.slice(0, 10).map((one) => (typeof one === 'string' ? one : 'unknown')))
    }
  }
  return found.map((visibility) => visibility.trim().toLowerCase())
}

/** The value of a `p-*` property (microformats2 parsing, "parsing a p- property"). */
function valueOf(element: HtmlElement): string {
  const from = isElement(element, 'data', 'input')
    ? attribute(element, 'value')
    : isElement(element, 'abbr', 'link')
      ? attribute(element, 'title')
      : isElement(element, 'meta')
        ? attribute(element, 'content')
        : undefined
  return from ?? textOf(element)
}

function metaNoindex(content: SourceContent): boolean {
  return content.type === 'html' && hasNoindex(content.document)
}

/** Whether a page keeps itself out of search engines. */
export function hasNoindex(document: HtmlDocument): boolean {
  for (const element of elements(document)) {
    const isRobots =
      isElement(element, 'meta') && ROBOTS.includes(attribute(element, 'name')?.toLowerCase() ?? '')
    if (isRobots && NOINDEX.test(attribute(element, 'content') ?? '')) return true
  }
  return false
}
