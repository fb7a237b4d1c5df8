import { parseUrl } from '../web/parse-url.ts'
import { quotesSecretUrl } from '../web/secret-url.ts'
import { formatUserAddress, isSameUser } from '../web/user-address.ts'
import { addressOf, spelled, type KnownRecipients } from './known-recipients.ts'
import { namesMessage, parseMessageReference, type MessageReference } from './message-reference.ts'
import { postError } from './post-error.ts'
import type { Recipient } from './recipient.ts'
import type { Visibility } from './visibility.ts'

/** What a post answers: a page of the web, or a message in the author's inbox. */
export type Parent = MessageReference & {
  /** Whether it is a message, which has no page. */
  readonly isMessage: boolean
}

/** What an error shows in the place of somebody's secret. */
const SECRET = '(a capability URL)'
const MESSAGE = '(a private message)'

/** @throws {ConfigurationError} when a private post answers nothing that there could be, or a public one a secret. */
export function parseInReplyTo(
  path: string,
  value: unknown,
  visibility: Visibility,
): Parent | undefined {
  if (value === undefined || value === null) return undefined
  if (visibility === 'public') {
    refusePublicReply(path, value)
    return undefined
  }
  const text = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (typeof text === 'string' && text.includes('…')) {
    throw postError(path, 'inReplyTo', text, {
      problem: 'this address is cut short, as lists show it',
      remedy:
        'take it from the page of the message in your inbox, or from "private-posts inbox show"',
    })
  }
  const parent = typeof text === 'string' ? parseParent(text) : undefined
  if (!parent) {
    throw postError(path, 'inReplyTo', quotesSecretUrl(value) ? SECRET : value, {
      problem: 'this is not the address of a post',
      remedy:
        'write one http: or https: URL, or what your inbox calls the message, such as "fmtp:1.bob@mail.example"',
    })
  }
  if (parent.isMessage && visibility === 'unlisted') {
    throw postError(path, 'inReplyTo', MESSAGE, {
      problem: 'an answer to a message is for its author, and an unlisted post names nobody',
      remedy: 'write "visibility: private"',
    })
  }
  return parent
}

/**
 * A reply is for the author of its parent too: whoever lives at the root of that site, or has that address.
 *
 * @returns `undefined` where they are named already, or not known
 */
export function impliedRecipient(
  named: readonly Recipient[],
  parent: Parent | undefined,
  known: KnownRecipients = {},
): Recipient | undefined {
  if (!parent) return undefined
  const { url: page, author, isMessage } = parent
  if (author) {
    const isNamed = named.some((recipient) => {
      const address = addressOf(recipient, known)
      return address !== undefined && isSameUser(address, author)
    })
    const id = formatUserAddress(author)
    return isNamed ? undefined : spelled({ id, kind: 'address', name: id }, known)
  }
  if (isMessage || named.some((recipient) => livesAt(recipient, page.host, known))) return undefined
  // By its origin, because the address of a post may hold a name and a password.
  const url = new URL(`${page.origin}/`)
  return { id: url.href, kind: 'profile', name: url.host, url }
}

/** @throws {ConfigurationError} where nobody is named, and the message does not say whose it is */
export function requireAuthor(path: string, { isMessage, author }: Parent): void {
  if (!isMessage || author) return
  throw postError(path, 'inReplyTo', MESSAGE, {
    problem: 'this does not say who wrote the message',
    remedy: 'name its author under "audience"',
  })
}

function parseParent(text: string): Parent | undefined {
  if (namesMessage(text)) {
    const reference = parseMessageReference(text)
    return reference && { ...reference, isMessage: true }
  }
  const url = /^https?:\/\//i.test(text) ? parseUrl(text) : undefined
  return url && { url, isMessage: false }
}

function refusePublicReply(path: string, value: unknown): void {
  if (quotesSecretUrl(value)) {
    throw postError(path, 'inReplyTo', SECRET, {
      problem: 'a public reply would publish the secret address of the post that it replies to',
      remedy: 'write "visibility: private", or remove the line',
    })
  }
  if (namesMessage(value)) {
    throw postError(path, 'inReplyTo', MESSAGE, {
      problem: 'a public reply would tell everybody of a message that was sent to you alone',
      remedy: 'write "visibility: private", or remove the line',
    })
  }
}

function isWeb({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:'
}

/** Whoever has their page or their address at a host is the author of what stands there. */
function livesAt(recipient: Recipient, host: string, known: KnownRecipients): boolean {
  const { url } = recipient
  const isPage = url !== undefined && isWeb(url) && url.host === host
  return isPage || addressOf(recipient, known)?.domain === host
}
