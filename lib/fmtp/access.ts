import { isCurrent, readLetters, readPublicLetters } from '../delivery/letter.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { RequestError } from '../web/errors.ts'
import { isSameUser, parseUserAddress, type UserAddress } from '../web/user-address.ts'
import { encryptFor } from './encryption.ts'
import type { FmtpOptions, FmtpSession } from './fmtp.ts'
import { buildMessageObject, parentOf } from './message-object.ts'
import { parseObjectId, type FmtpObject, type MessageObject } from './object.ts'
import { findUser } from './route.ts'
import { rememberedTop } from './thread.ts'
import { buildServerObject, buildUserObject } from './user-object.ts'

/** An object that anybody may have: how to ask for it, and what it is. */
export interface PublicEntry {
  readonly TYPE: FmtpObject['TYPE']
  /** An address, a domain, or an ID. */
  readonly ID: string
  readonly DATE?: string
  readonly SUBJECT?: string
}

/** Milliseconds. Whoever comes for a private post waits while their own server is asked. */
const LOOKUP_BUDGET = 8_000
/** Seconds. */
const RETRY_AFTER = 60
/** As many of the newest posts as a feed has. */
const MAX_LISTED = 100

/** "A list may be obtained, showing all available public objects." */
export async function listPublicObjects(options: FmtpOptions): Promise<readonly PublicEntry[]> {
  const { address, files } = options
  const letters = await readPublicLetters(files)
  const posts = letters.slice(0, MAX_LISTED).map((letter) => {
    const { TYPE, ID, DATE, SUBJECT } = buildMessageObject(letter, ownPost(options, []))
    return {
      TYPE,
      ID,
      ...(DATE !== undefined && { DATE }),
      ...(SUBJECT !== undefined && { SUBJECT }),
    }
  })
  const user = await buildUserObject(options)
  return [{ TYPE: 'server', ID: address.domain }, { TYPE: 'user', ID: user.ADDRESS }, ...posts]
}

/**
 * "Do you know lost@lenore.org?" The object of that name, as far as the one who asks may have it: the owner, the
 * server and public posts everybody; a private post the servers of those whom it was written to, each as it was
 * written to them.
 *
 * @param name An address, a domain, or an ID.
 * @returns To be signed. `undefined` for what is not there and for what is not for them alike
 */
export async function findObject(
  name: string,
  session: FmtpSession | undefined,
  options: FmtpOptions,
): Promise<FmtpObject | undefined> {
  const { address } = options
  if (name.toLowerCase() === address.domain) return buildServerObject(options)
  const user = parseUserAddress(name)
  const id = parseObjectId(name)
  // @NOTE An ID reads like the address of somebody whose name has a dot in it.
  if (user && isSameUser(user, address)) return buildUserObject(options)
  if (!id || !isSameUser(id.address, address)) return undefined
  return (await findPublicPost(id.nonce, options)) ?? findPrivatePost(id.nonce, session, options)
}

async function findPublicPost(
  nonce: string,
  options: FmtpOptions,
): Promise<FmtpObject | undefined> {
  const letters = await readPublicLetters(options.files)
  const letter = letters.find(({ id }) => id === nonce)
  return letter && buildMessageObject(letter, ownPost(options, []))
}

async function findPrivatePost(
  nonce: string,
  session: FmtpSession | undefined,
  options: FmtpOptions,
): Promise<FmtpObject | undefined> {
  if (!session) return undefined
  const { files, settings } = options
  const letters = Object.entries(await readLetters(files, nonce))
  for (const [recipient, letter] of letters) {
    const to = addressOfRecipient(recipient, settings)
    if (to?.domain !== session.server || !isCurrent(letter, options.now())) continue
    const parent = parentOf(letter, [to])
    const top = parent === undefined ? undefined : await rememberedTop(parent, options)
    return encryptTo(to, buildMessageObject(letter, { ...ownPost(options, [to]), top }), options)
  }
  return undefined
}

/**
 * A message as its recipient wants it, whoever comes for it.
 *
 * @returns `undefined` where they require what we do not understand
 * @throws {RequestError} 503 where they cannot be asked what they want
 */
async function encryptTo(
  to: UserAddress,
  message: MessageObject,
  options: FmtpOptions,
): Promise<MessageObject | undefined> {
  const { fmtp } = options.settings
  const found = await findUser(to, { ...options, fmtp, budget: LOOKUP_BUDGET })
  if (found.outcome === 'unreachable') {
    throw new RequestError('temporarily_unavailable', 'your server could not be reached', {
      ...{ status: 503, retryAfter: RETRY_AFTER },
    })
  }
  if (found.outcome !== 'found') return message
  const encryption = await encryptFor(found.user, message)
  return encryption.done ? encryption.message : undefined
}

/** The page of a post of ours, or `undefined` if the ID is not that of one. */
export async function findPostPage(
  id: string,
  { address, files }: Pick<FmtpOptions, 'address' | 'files'>,
): Promise<URL | undefined> {
  const parsed = parseObjectId(id)
  if (!parsed || !isSameUser(parsed.address, address)) return undefined
  const published = await readPublicLetters(files)
  const written = Object.values(await readLetters(files, parsed.nonce))
  // All letters of one id are of one URL.
  const letter = [...published, ...written].find((one) => one.id === parsed.nonce)
  return letter && new URL(letter.url)
}

/** The address of a recipient, where we know one: the id itself, or what the author says of them. */
export function addressOfRecipient(
  recipient: string,
  { recipients }: Pick<SiteRecord, 'recipients'>,
): UserAddress | undefined {
  const record = Object.hasOwn(recipients, recipient) ? recipients[recipient] : undefined
  return parseUserAddress(record?.address ?? recipient)
}

function ownPost({ address, now }: FmtpOptions, to: readonly UserAddress[]) {
  return { from: address, to, now }
}
