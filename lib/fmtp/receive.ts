import * as v from 'valibot'
import { needRoom } from '../delivery/room.ts'
import { storeKey, updateEntry } from '../store/store.ts'
import { FetchError, RequestError } from '../web/errors.ts'
import { isSameUser, parseUserAddress } from '../web/user-address.ts'
import { createObjectCache } from './cache.ts'
import { verifyByDomain, type DomainVerification } from './domain-key.ts'
import { decrypt } from './encryption.ts'
import type { FmtpOptions, FmtpSession } from './fmtp.ts'
import { inboxKey, inboxMessage, type ReceivedMessage } from './inbox-message.ts'
import {
  addressOf,
  domainOf,
  listOf,
  parseObjectId,
  readObject,
  type MessageContent,
  type MessageObject,
  type UserObject,
} from './object.ts'
import { rememberTop, topOf } from './thread.ts'

/** A chat's worth at once. */
const MAX_OBJECTS = 10
/** Milliseconds by which the author's clock may be ahead of ours. */
const MAX_AHEAD = 5 * 60 * 1000
/** Seconds. Later than that, nobody brings an old version again in order to deceive. */
const SEEN = 400 * 24 * 60 * 60
/** Versions of one message that are remembered. */
const MAX_VERSIONS = 50
/** Seconds after which a domain whose name servers do not answer may be worth another try. */
const RETRY_AFTER = 60

const NOT_VERIFIED: Readonly<
  Record<Extract<DomainVerification, { verified: false }>['reason'], string>
> = {
  unsigned: 'has no HASH and SIGNATURE',
  hash: 'has another HASH than it says',
  signature: 'is not signed with a key of its domain',
  'no key': 'is of a domain that publishes no key',
}

/**
 * "Poe: This is edgar@poe.net. Here is a message for lost@lenore.org from edgar@poe.net"
 *
 * Who brings them does not matter as long as they have greeted; each has to be signed by the domain that it is
 * of. All are judged before the first one is taken. What is for nobody here whom we know, or from somebody whom
 * the owner has blocked, is dropped without a word of it.
 *
 * @param value The user objects of the authors, and their messages.
 * @returns The users to be remembered: authors of what was taken, and who was looked up before. Of others there is
 *   no end.
 * @throws {RequestError} 400 for what is no such list, 403 for an object that is refused, 503 where a domain's
 *   key could not be asked for
 */
export async function receiveObjects(
  value: unknown,
  session: FmtpSession,
  options: FmtpOptions,
): Promise<readonly UserObject[]> {
  const { users, messages } = parseObjects(value)
  const authors = new Map(messages.map((message) => [message, authorOf(message, users)]))
  for (const message of messages) validateMessage(message, options)

  const warnings = await verifyAll([...users, ...messages], options)
  const received: ReceivedMessage[] = []
  for (const [message, user] of authors) {
    if (!isForOwner(message, options)) continue
    const content = await readContent(message, options)
    const { server } = session
    received.push({ message, content, user, server, warnings: warnings.get(message) ?? [] })
  }

  const isWanted = await wantedBy(options, session)
  for (const letter of received) if (await isWanted(letter.user)) await take(letter, options)
  const isAuthor = new Set(received.map(({ user }) => user))
  const cache = createObjectCache(options)
  const isKnown = async (user: UserObject) =>
    isAuthor.has(user) || (await cache.find(addressOf(user.ADDRESS), Infinity)) !== undefined
  const isKept = await Promise.all(
    users.map(async (user) => (await isWanted(user)) && isKnown(user)),
  )
  return users.filter((_, index) => isKept[index])
}

function parseObjects(value: unknown): { users: UserObject[]; messages: MessageObject[] } {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_OBJECTS) {
    throw new RequestError('invalid_request', `send a list of up to ${MAX_OBJECTS} objects`)
  }
  const users: UserObject[] = []
  const messages: MessageObject[] = []
  for (const item of value) {
    const object = readObject(item)
    if (typeof object === 'string') {
      throw new RequestError('invalid_request', `an object cannot be read: ${object}`)
    }
    if (object.TYPE === 'user') users.push(object)
    else if (object.TYPE === 'message') messages.push(object)
    else throw new RequestError('invalid_request', 'only users and messages are taken here')
  }
  return { users, messages }
}

/** "This is edgar@poe.net": who writes is introduced. */
function authorOf({ FROM }: MessageObject, users: readonly UserObject[]): UserObject {
  const from = addressOf(FROM)
  const author = users.find(({ ADDRESS }) => isSameUser(addressOf(ADDRESS), from))
  if (author) return author
  throw new RequestError('invalid_request', 'the user object of FROM is missing')
}

/** Rules that need nobody else. */
function validateMessage(message: MessageObject, { address, now }: FmtpOptions): void {
  const { ID, FROM, TO, DATE, ENCRYPTED } = message
  const author = parseObjectId(ID)?.address
  if (!author || !isSameUser(author, addressOf(FROM))) throw refusal('the ID is not one of FROM')
  if (DATE !== undefined && !(Date.parse(DATE) <= now().getTime() + MAX_AHEAD)) {
    throw new RequestError('invalid_request', 'DATE is in the future')
  }
  const isHere = listOf(TO).some((to) => parseUserAddress(to)?.domain === address.domain)
  if (!isHere) throw refusal('nobody in TO is of this domain')
  if ((ENCRYPTED === undefined) !== hasContent(message)) {
    throw new RequestError('invalid_request', 'send either a content or ENCRYPTED')
  }
}

function hasContent({ BODY, SUBJECT, URL }: MessageContent): boolean {
  return [BODY, SUBJECT, URL].some((part) => part !== undefined)
}

/**
 * All domains at once, so that ten which let us wait take no longer than one; the objects of a domain one after
 * the other, so that it is asked once.
 *
 * @returns What the owner should know of the signature of each.
 */
async function verifyAll(
  objects: readonly (UserObject | MessageObject)[],
  options: FmtpOptions,
): Promise<ReadonlyMap<UserObject | MessageObject, readonly string[]>> {
  const warnings = new Map<UserObject | MessageObject, readonly string[]>()
  const domains = [...new Set(objects.map(domainOf))]
  const verifications = domains.map(async (domain) => {
    const own = objects.filter((object) => domainOf(object) === domain)
    for (const object of own) warnings.set(object, await verify(object, options))
  })
  await Promise.all(verifications)
  return warnings
}

/** @returns What the owner should know of its signature. */
async function verify(
  object: UserObject | MessageObject,
  options: FmtpOptions,
): Promise<readonly string[]> {
  const what = object.TYPE === 'user' ? 'the user object' : 'the message'
  try {
    const verification = await verifyByDomain(object, options)
    if (!verification.verified) throw refusal(`${what} ${NOT_VERIFIED[verification.reason]}`)
    const { domain, changed } = verification.keys
    const day = changed?.toISOString().slice(0, 10)
    return day === undefined
      ? []
      : [`The key of ${domain} was replaced on ${day}: somebody else may have written this.`]
  } catch (error) {
    if (!(error instanceof FetchError)) throw error
    throw keyUnknown(error)
  }
}

/** For a domain whose key could not be asked for. "Come back later", because that says nothing about them. */
export function keyUnknown(cause: FetchError): RequestError {
  const [status, retryAfter] = [503, RETRY_AFTER]
  const message = "the domain's key could not be asked for: try again later"
  return new RequestError('temporarily_unavailable', message, { status, retryAfter, cause })
}

function isForOwner({ TO }: MessageObject, { address }: FmtpOptions): boolean {
  return listOf(TO).some((to) => {
    const user = parseUserAddress(to)
    return user !== undefined && isSameUser(user, address)
  })
}

/** @see FMTP, ENCRYPT-POLICY */
async function readContent(
  message: MessageObject,
  { settings, secrets }: FmtpOptions,
): Promise<MessageContent> {
  if (message.ENCRYPTED === undefined) {
    if (settings.fmtp.encrypt !== 'required') return message
    throw refusal('messages to this user have to be encrypted: see ENCRYPT-METHOD')
  }
  const content = await decrypt(message, secrets)
  if (content && hasContent(content)) return content
  throw refusal('the message is not encrypted to the key of this user: see ENCRYPT-METHOD')
}

/** Neither from whom the owner has blocked, nor brought by them. */
async function wantedBy(
  { isDenied }: FmtpOptions,
  { server }: FmtpSession,
): Promise<(user: UserObject) => Promise<boolean>> {
  const isServerDenied = await isDenied(server)
  return async ({ ADDRESS }) => {
    const isOwnServer = addressOf(ADDRESS).domain === server
    return !(isServerDenied && !isOwnServer) && !(await isDenied(ADDRESS))
  }
}

/** Hands it to the inbox, unless it has been there already. */
async function take(letter: ReceivedMessage, options: FmtpOptions): Promise<void> {
  const { store, sink, now } = options
  const { ID, HASH = '' } = letter.message
  const key = inboxKey(ID)
  const entry = storeKey('fmtp-seen', key)
  const seen = parseVersions((await store.get(entry))?.value)
  // From the author's own server the last word counts, even if it takes back the one before. Anybody else may
  // have kept an old version.
  const isOwnServer = letter.server === addressOf(letter.message.FROM).domain
  if (isOwnServer ? seen[0] === HASH : seen.includes(HASH)) return

  const message = await inboxMessage(letter, options)
  await needRoom(sink, { key, host: message.host, sender: letter.message.FROM })
  await sink.accept(key, message)
  await rememberTop(ID, await topOf(letter.message, options), options)
  const expires = new Date(now().getTime() + SEEN * 1000)
  await updateEntry(store, entry, (value) => {
    const others = parseVersions(value).filter((version) => version !== HASH)
    return { value: [HASH, ...others].slice(0, MAX_VERSIONS), expires }
  })
}

function parseVersions(value: unknown): readonly string[] {
  const result = v.safeParse(v.array(v.string()), value)
  return result.success ? result.output : []
}

function refusal(message: string): RequestError {
  return new RequestError('access_denied', message, { status: 403 })
}
