import type { MessageType } from '../delivery/message.ts'
import { staticPageIdentity } from '../web/page-identity.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import { isItem, textOfValue, urlsOfValue, valuesOf, type Item } from './microformats.ts'

/**
 * Responses by the property that names what they respond to, the stronger first; and legacy names. An item under a
 * legacy name is no response of the entry, but one that it received.
 */
const RESPONSES: readonly [type: MessageType, ...properties: readonly string[]][] = [
  ['reply', 'in-reply-to'],
  ['like', 'like-of', 'like'],
  ['repost', 'repost-of', 'repost'],
  ['bookmark', 'bookmark-of', 'bookmark'],
]
const LEGACY = ['like', 'repost', 'bookmark']
const RSVPS = ['yes', 'no', 'maybe', 'interested']

export interface ResponseOptions {
  readonly target: URL
  readonly me: URL
  /** Whether the target is our home page: what goes there is meant for us, not about it. */
  readonly isHome: boolean
}

/** What an entry is to its target. */
export interface ResponseType {
  readonly type: MessageType
  readonly rsvp?: string
}

/**
 * What kind of response an entry is.
 *
 * @see [post type discovery](https://www.w3.org/TR/post-type-discovery/)
 * @see [invitation](https://indieweb.org/invitation)
 * @see [person-tag](https://indieweb.org/person-tag)
 */
export function responseType(entry: Item, { target, me, isHome }: ResponseOptions): ResponseType {
  const page = staticPageIdentity(target)
  const isTarget = (url: string) => identityOf(url) === page
  const isUs = (url: string) => isTarget(url) || identityOf(url) === staticPageIdentity(me)
  const names = (property: string, fits: (url: string) => boolean) =>
    valuesOf(entry, property).some(
      (value) => !(LEGACY.includes(property) && isItem(value)) && urlsOfValue(value).some(fits),
    )

  const answers = names('in-reply-to', isTarget)
  const rsvp = textOfValue(valuesOf(entry, 'rsvp')[0])?.trim().toLowerCase()
  if (answers && rsvp !== undefined && RSVPS.includes(rsvp)) return { type: 'rsvp', rsvp }
  const invites = valuesOf(entry, 'invitee').length > 0 && answers
  if (invites || names('invitee', isUs)) return { type: 'invitation' }
  if (names('follow-of', isUs)) return { type: 'follow' }
  if (!isHome) {
    for (const [type, ...properties] of RESPONSES) {
      if (properties.some((property) => names(property, isTarget))) return { type }
    }
  }
  const tagged = valuesOf(entry, 'category').filter(isItem)
  if (tagged.some((card) => urlsOfValue(card).some(isUs))) return { type: 'person-tag' }
  return { type: 'mention' }
}

/** The page or message that an entry answers: the target where it is one of several. */
export function inReplyToOf(entry: Item, target: URL): string | undefined {
  const urls = valuesOf(entry, 'in-reply-to').flatMap(urlsOfValue)
  const known = urls.filter((url) => url.length <= 2048 && parseWebUrl(url) !== undefined)
  const own = known.find((url) => identityOf(url) === staticPageIdentity(target))
  return own ?? known[0]
}

function identityOf(url: string): string | undefined {
  const page = parseWebUrl(url)
  return page && staticPageIdentity(page)
}
