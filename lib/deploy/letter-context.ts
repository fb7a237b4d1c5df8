import type { PostRecord } from '../ledger/ledger.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { formatMessageReference, parseMessageReference } from '../post/message-reference.ts'
import { recipientKind } from '../post/recipient.ts'
import { parseUrl } from '../web/parse-url.ts'
import { isSameUser, parseAcctUrl } from '../web/user-address.ts'
import { addressOf, profileOf } from './candidates.ts'
import type { LetterContext } from './letter.ts'

/** What a letter of a private post says that its page does not say, or not in so many words. */
export function letterContext(
  record: PostRecord,
  recipient: string,
  settings: SiteRecord,
): LetterContext {
  const { title, showAudience, links, inReplyTo } = record
  const others = showAudience ? links.flatMap((link) => (link.revoked ? [] : link.recipient)) : []
  const readers = others.filter((id) => id !== null).map(shownName)
  const own = links.find((link) => !link.revoked && link.recipient === recipient)
  return {
    title,
    audience: [...new Set([recipient, ...readers])],
    inReplyTo:
      inReplyTo !== undefined && mayKnowParent(record, recipient, settings)
        ? formatMessageReference(new URL(inReplyTo))
        : undefined,
    expires: own?.expires,
  }
}

/** As the notice of a copy shows them: who is told of a person is not told their mail address. */
function shownName(recipient: string): string {
  return recipientKind(recipient) === 'mail'
    ? recipient.replace(/^mailto:/i, '').replace(/@[^@]*$/, '')
    : recipient
}

/**
 * That a post is an answer, and to what, is known to whoever is answered; to the others only if they see each
 * other anyway. A `pm:` message does not say whose it is: where several can be meant, nobody is told.
 */
function mayKnowParent(
  { inReplyTo = '', showAudience, links }: PostRecord,
  recipient: string,
  { recipients }: SiteRecord,
): boolean {
  const parent = parseUrl(inReplyTo)
  if (showAudience || !parent) return showAudience === true
  const profile = profileOf(recipient, recipients)
  const own = addressOf(recipient, recipients)
  const address = own && parseAcctUrl(own)
  if (/^https?:$/.test(parent.protocol)) {
    return profile?.host === parent.host || address?.domain === parent.host
  }

  const { author } = parseMessageReference(formatMessageReference(parent)) ?? {}
  if (author) return address !== undefined && isSameUser(address, author)
  const known = links.filter(
    (link) => !link.revoked && link.recipient !== null && profileOf(link.recipient, recipients),
  )
  return profile !== undefined && known.length === 1
}
