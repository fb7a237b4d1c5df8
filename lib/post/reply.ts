import { parseUrl } from '../web/parse-url.ts'
import { isFileService } from '../web/public-places.ts'
import { quotesSecretUrl, type SecretRules } from '../web/secret-url.ts'
import { formatUserAddress, isSameUser } from '../web/user-address.ts'
import { addressOf, spelled, type KnownRecipients } from './known-recipients.ts'
import { namesMessage, parseMessageReference, type MessageReference } from './message-reference.ts'
import { postError } from './post-error.ts'
import type { Recipient } from './recipient.ts'
import { parentOf, writtenParents, type WrittenParent } from './reply-properties.ts'
import type { FrontMatter, Visibility } from './visibility.ts'

/** What a post answers: a page of the web, or a message in the author's inbox. */
export type Parent = MessageReference & {
  /** Whether it is a message, which has no page. */
  readonly isMessage: boolean
  /** What it is to the post, as microformats call it: `in-reply-to`, `like-of`. */
  readonly property: string
}

/** What an error shows in the place of somebody's secret. */
const SECRET = '(a capability URL)'
const MESSAGE = '(a private message)'

/**
 * Reads what the post answers.
 *
 * @throws {ConfigurationError} when a private post answers nothing that there could be, or a public one a secret.
 */
export function parseParents(
  path: string,
  data: FrontMatter,
  visibility: Visibility,
  secrets?: SecretRules,
): Parent | undefined {
  if (visibility === 'public') {
    for (const parent of writtenParents(data)) refusePublicReply(path, parent, secrets)
    return undefined
  }
  const written = parentOf(data, secrets)
  return written && { ...parseParent(path, written, visibility), property: written.property }
}

function parseParent(
  path: string,
  { key, value }: WrittenParent,
  visibility: Visibility,
): Omit<Parent, 'property'> {
  const text = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (typeof text === 'string' && text.includes('…')) {
    throw postError(path, key, text, {
      problem: 'this address is cut short, as lists show it',
      remedy:
        'take it from the page of the message in your inbox, or from "private-posts inbox show"',
    })
  }
  const parent = typeof text === 'string' ? parentAt(text) : undefined
  if (!parent) {
    throw postError(path, key, quotesSecretUrl(value) ? SECRET : value, {
      problem: 'this is not the address of a post',
      remedy:
        'write one http: or https: URL, or what your inbox calls the message, such as "fmtp:1.bob@mail.example"',
    })
  }
  if (parent.isMessage && visibility === 'unlisted') {
    throw postError(path, key, MESSAGE, {
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
  // Whoever shares a file there is not known by its address.
  if (!isMessage && isFileService(page)) return undefined
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

function parentAt(text: string): Omit<Parent, 'property'> | undefined {
  if (namesMessage(text)) {
    const reference = parseMessageReference(text)
    return reference && { ...reference, isMessage: true }
  }
  const url = /^https?:\/\//i.test(text) ? parseUrl(text) : undefined
  return url && { url, isMessage: false }
}

function refusePublicReply(
  path: string,
  { key, value }: WrittenParent,
  secrets: SecretRules | undefined,
): void {
  if (quotesSecretUrl(value, secrets)) {
    throw postError(path, key, SECRET, {
      problem: 'a public reply would publish the secret address of the post that it replies to',
      remedy:
        'write "visibility: private", or remove the line. If everybody may know the address, name the post under "auditExceptions" with the kind "foreign-secret"',
    })
  }
  if (namesMessage(value)) {
    throw postError(path, key, MESSAGE, {
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
