/**
 * Whether a mention may be seen by anybody but the owner: private wins, doubt holds.
 *
 * @see [Denoting Privacy](https://indieweb.org/private-webmention-brainstorming#Denoting_Privacy)
 * @module
 */
import type { Message, Privacy } from '../delivery/message.ts'
import { isSecretUrl } from '../web/secret-url.ts'
import type { KnownTarget } from './receiver-target.ts'
import { isNoindexRule } from './robots.ts'
import type { VerifiedSource } from './verification.ts'

export interface PrivacySigns {
  readonly source: Pick<VerifiedSource, 'authenticated' | 'chain' | 'headers' | 'signs'>
  readonly target: KnownTarget['kind']
  /** A `code` came along, whatever it was good for. */
  readonly code: boolean
  /** It was good for a token: whoever sent it speaks for the source. */
  readonly redeemed: boolean
  /** What the inbox already holds of this mention. */
  readonly before: Pick<Message, 'privacy'> | undefined
}

/**
 * Classifies a mention.
 *
 * What was private stays so, unless its page says in so many words that it is public now. And what was
 * public is not made private by a code that is good for nothing, or anybody could take mentions down.
 */
export function classify({ source, target, code, redeemed, before }: PrivacySigns): Privacy {
  const { authenticated, chain, headers, signs } = source
  const { visibilities } = signs
  const noindex = isNoindexRule(headers.get('x-robots-tag') ?? '') || signs.isNoindex
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
