import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import * as v from 'valibot'
import { parseDomain, parseUserAddress, type UserAddress } from '../web/user-address.ts'

/** The longest letter that we send, encrypted: base64 adds a third. */
export const MAX_OBJECT_BYTES = 512 * 1024

/** Attributes are written as in the document. What has another name is none, `__proto__` least of all. */
const ATTRIBUTE_NAME = /^[A-Z][A-Z0-9-]{0,63}$/
const MAX_ATTRIBUTES = 64
/** As many as intertalk has in a conversation. */
const MAX_LIST = 50

/** What has a space around it is written otherwise than it is compared. */
const NO_SPACE = /^\S+$/

const text = (length: number) => v.pipe(v.string(), v.maxLength(length))
/** Lists are lists of JSON; the document's own are "space-separated". */
const List = v.union([text(4_000), v.pipe(v.array(text(254)), v.maxLength(MAX_LIST))])
const Address = v.pipe(
  text(254),
  v.regex(NO_SPACE),
  v.check((address) => parseUserAddress(address) !== undefined, 'an address is user@domain'),
)
/** In small letters, because it is signed as it is written. */
const Domain = v.pipe(
  text(260),
  v.check((domain) => parseDomain(domain) === domain, 'a domain is written in small letters'),
)
const Moment = v.pipe(v.string(), v.isoTimestamp())
/** `nonce.user@domain` */
const ObjectId = v.pipe(
  text(400),
  v.regex(NO_SPACE),
  v.check((id) => parseObjectId(id) !== undefined, 'an id is nonce.user@domain'),
)

/** What every object has: who signed it cannot be told from these, but from what it says of itself. */
const SIGNED = {
  /** base64url of SHA-256 over the RFC 8785 form of the object, without this and the next two. */
  HASH: v.optional(text(64)),
  /** Which of the domain's keys: a hint. */
  KEY: v.optional(text(64)),
  /** base64url of the Ed25519 signature. */
  SIGNATURE: v.optional(text(128)),
  /** Whether anybody may have it. */
  PUBLIC: v.optional(v.boolean()),
}

export const UserObject = v.looseObject({
  TYPE: v.literal('user'),
  ...SIGNED,
  ADDRESS: Address,
  'GIVEN-NAME': v.optional(text(200)),
  'FAMILY-NAME': v.optional(text(200)),
  PHOTO: v.optional(text(2_000)),
  URL: v.optional(text(2_000)),
  /** Media types. */
  FORMAT: v.optional(List),
  'ENCRYPT-POLICY': v.optional(v.pipe(text(20), v.regex(/^(required|optional|none)$/i))),
  /** `ECDH-ES+A256KW`, a space, and base64url of the public key's JWK. */
  'ENCRYPT-METHOD': v.optional(text(2_000)),
  STATUS: v.optional(text(500)),
  POLICY: v.optional(text(20)),
  /** The best way to make contact: the URL below which its server answers. */
  CONTACT: v.optional(text(2_000)),
  DATE: v.optional(Moment),
})
export type UserObject = v.InferOutput<typeof UserObject>

export const ServerObject = v.looseObject({
  TYPE: v.literal('server'),
  ...SIGNED,
  SERVER: Domain,
  CONTACT: v.optional(text(2_000)),
  STATUS: v.optional(text(500)),
  DATE: v.optional(Moment),
})
export type ServerObject = v.InferOutput<typeof ServerObject>

/** What a message says, in the open or encrypted. */
export const MessageContent = v.looseObject({
  SUBJECT: v.optional(text(1_000)),
  URL: v.optional(text(2_000)),
  /** A URL; a message is answered by PARENT. */
  'IN-REPLY-TO': v.optional(text(2_000)),
  FORMAT: v.optional(List),
  BODY: v.optional(
    v.union([
      text(MAX_OBJECT_BYTES),
      v.looseObject({ text: text(MAX_OBJECT_BYTES), html: v.optional(text(MAX_OBJECT_BYTES)) }),
    ]),
  ),
})
export type MessageContent = v.InferOutput<typeof MessageContent>

export const MessageObject = v.looseObject({
  TYPE: v.literal('message'),
  ...SIGNED,
  ID: ObjectId,
  FROM: Address,
  TO: List,
  DATE: v.optional(Moment),
  /** The message that it answers. */
  PARENT: v.optional(ObjectId),
  /** The first message of the thread. */
  TOP: v.optional(ObjectId),
  ...MessageContent.entries,
  /** Compact JWE of a {@link MessageContent}, instead of its attributes. */
  ENCRYPTED: v.optional(text(MAX_OBJECT_BYTES)),
})
export type MessageObject = v.InferOutput<typeof MessageObject>

export const Greeting = v.looseObject({
  TYPE: v.literal('greeting'),
  ...SIGNED,
  SERVER: Domain,
  TO: Domain,
  NONCE: v.pipe(v.string(), v.regex(/^[\w-]{16,128}$/)),
  TIME: Moment,
  /** The host that it is sent to: whoever else gets it cannot pass it on. An answer goes back as it came. */
  AT: v.optional(text(260)),
  /** The nonce of the greeting that this one answers. */
  ANSWERS: v.optional(text(128)),
  SESSION: v.optional(text(4_000)),
})
export type Greeting = v.InferOutput<typeof Greeting>

/** The keys of a domain, as a parent tells them to a child that cannot ask the domain itself. */
export const KeysObject = v.looseObject({
  TYPE: v.literal('keys'),
  ...SIGNED,
  /** The parent, which signs this. */
  SERVER: Domain,
  DOMAIN: Domain,
  /** Records as in key-record.ts. */
  KEYS: v.pipe(v.array(text(254)), v.minLength(1), v.maxLength(8)),
  DATE: Moment,
})
export type KeysObject = v.InferOutput<typeof KeysObject>

const FmtpObject = v.variant('TYPE', [
  UserObject,
  ServerObject,
  MessageObject,
  Greeting,
  KeysObject,
])

/** A discrete piece of data. Attributes that we do not know are kept, because they are signed too. */
export type FmtpObject = UserObject | ServerObject | MessageObject | Greeting | KeysObject

/** The value as an object of FMTP, or `undefined` if it is none. It still may be anybody's: see signature.ts. */
export function parseObject(value: unknown): FmtpObject | undefined {
  const read = readObject(value)
  return typeof read === 'string' ? undefined : read
}

/** The value as an object of FMTP, or what is wrong with it, in words for who sent it. */
export function readObject(value: unknown): FmtpObject | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return 'it is no JSON object'
  }
  const names = Object.keys(value)
  if (names.length > MAX_ATTRIBUTES) return `it has more than ${MAX_ATTRIBUTES} attributes`
  if (!names.every((name) => ATTRIBUTE_NAME.test(name))) {
    return 'names of attributes are capitals, digits and "-", such as "GIVEN-NAME"'
  }
  const result = v.safeParse(FmtpObject, value, { abortEarly: true })
  if (result.success) return result.output
  const name = String(result.issues[0].path?.[0]?.key ?? 'TYPE')
  return `its ${name} is missing, or not of the expected form`
}

/** As {@link parseObject}, of one type only. */
export function parseObjectOf<Type extends FmtpObject['TYPE']>(
  type: Type,
  value: unknown,
): Extract<FmtpObject, { TYPE: Type }> | undefined {
  const object = parseObject(value)
  return object && isOfType(type, object) ? object : undefined
}

function isOfType<Type extends FmtpObject['TYPE']>(
  type: Type,
  object: FmtpObject,
): object is Extract<FmtpObject, { TYPE: Type }> {
  return object.TYPE === type
}

/** Whose signature it needs: the domain of the user, the server or the author that it is about. */
export function domainOf(object: FmtpObject): string {
  switch (object.TYPE) {
    case 'user':
      return addressOf(object.ADDRESS).domain
    case 'message':
      return addressOf(object.FROM).domain
    case 'server':
    case 'greeting':
    case 'keys':
      return object.SERVER
  }
}

/** An address that a schema has let through. */
export function addressOf(text: string): UserAddress {
  const address = parseUserAddress(text)
  if (!address) throw new TypeError('"text" must be an address')
  return address
}

/** The items of a list, as JSON has them or as the document has them. */
export function listOf(list: string | readonly string[] | undefined): readonly string[] {
  return typeof list === 'string' ? list.split(/\s+/).filter((item) => item !== '') : (list ?? [])
}

/**
 * What an id is made of. "The ID, combined with the user address (1239583738491.user@domain) should be
 * universally unique."
 */
export function parseObjectId(
  id: string,
): { readonly nonce: string; readonly address: UserAddress } | undefined {
  const [, nonce = '', rest = ''] = /^([\w-]{1,128})\.(.+)$/s.exec(id) ?? []
  const address = parseUserAddress(rest)
  return nonce !== '' && address ? { nonce, address } : undefined
}

/**
 * The HASH of an object: of everything but what vouches for it.
 *
 * @returns `undefined` where it has no canonical form: half a surrogate pair, a number beyond all numbers
 * @see [RFC 8785](https://www.rfc-editor.org/rfc/rfc8785)
 */
export function hashOf(object: Readonly<Record<string, unknown>>): string | undefined {
  const { HASH: _hash, KEY: _key, SIGNATURE: _signature, ...attributes } = object
  try {
    const form = canonicalize(attributes) ?? ''
    return createHash('sha256').update(form).digest('base64url')
  } catch {
    // fail closed because what cannot be written down twice alike cannot be signed
    return undefined
  }
}
