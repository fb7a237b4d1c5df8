/**
 * The fields of a request. The document names none, so each may come under the names that its words suggest, in
 * any spelling: `message_id`, `messageId`, `Message-ID`.
 *
 * @module
 */
import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { bearerToken } from '../web/oauth.ts'
import { MAX_FIELDS, MAX_TOKEN_LENGTH } from './limits.ts'
import { isMessageName } from './message-name.ts'
import { parseDestination, parsePlace, spellingOf, type Destination } from './profile.ts'

/** Our own name of a field first, and the others that are understood. */
const ALIASES = {
  // The alternate example calls it an "auth code".
  message: ['message', 'message_id', 'id', 'code', 'auth_code'],
  from: ['from', 'sender', 'source'],
  to: ['to', 'recipient'],
  deliver_to: ['deliver_to', 'destination', 'delivery_destination'],
  token: ['token', 'secret', 'access_token'],
  standing_token: ['standing_token'],
  expires_in: ['expires_in'],
  standing: ['standing'],
} as const
type FieldName = keyof typeof ALIASES
export const MESSAGE_NAMES: readonly string[] = ALIASES.message
export const SENDER_NAMES: readonly string[] = ALIASES.from

/** What can stand in an `Authorization` header, and nothing that could end it. */
const TOKEN = /^[\x21-\x7e]+$/

export function hasField(form: URLSearchParams, name: FieldName): boolean {
  return valuesOf(form, ALIASES[name]).length > 0
}

/**
 * The names of messages under all aliases, or those among them that are given: in a message, `message` is
 * what it says.
 */
export function messageIn(
  form: URLSearchParams,
  aliases: readonly string[] = MESSAGE_NAMES,
): string {
  const texts = valuesOf(form, aliases).map((value) => value.trim())
  const text = one('message', texts, (value) => value)
  return checkName(text ?? missing('message'), 'message')
}

/** @throws {RequestError} where the text is no name */
export function checkName(text: string, name: string): string {
  if (isMessageName(text)) return text
  throw fault(`"${name}" has to be 1 to 512 letters, digits or signs, without spaces`)
}

/** A profile URL, or the host of one. `undefined` where the field is not there. */
export function placeIn(
  form: URLSearchParams,
  name: 'from' | 'to',
  allowLoopback: boolean,
): URL | undefined {
  const places = valuesOf(form, ALIASES[name]).map((text) => parsePlace(text, allowLoopback))
  if (places.includes(undefined)) throw noPlace(name)
  return one(name, places, (place) => place && spellingOf(place))
}

/** Where a message is to be brought: an endpoint, or the host of one. Of two spellings, the endpoint. */
export function destinationIn(
  form: URLSearchParams,
  allowLoopback: boolean,
): Destination | undefined {
  const found: Destination[] = []
  for (const text of valuesOf(form, ALIASES.deliver_to)) {
    const destination = parseDestination(text, allowLoopback)
    if (!destination) throw noPlace('deliver_to')
    found.push(destination)
  }
  const exact = found.filter(({ isHost }) => !isHost)
  if (new Set(found.map(({ url }) => url.host)).size > 1) throw conflict('deliver_to')
  return one('deliver_to', exact, ({ url }) => url.href) ?? found[0]
}

/** A token of the form, and no other than the one in the `Authorization` header. */
export function tokenIn(
  form: URLSearchParams,
  name: 'token' | 'standing_token',
  bearer?: string,
): string {
  const texts = [...valuesOf(form, ALIASES[name]), ...(bearer === undefined ? [] : [bearer])]
  const token = one(name, texts, (text) => text) ?? missing(name)
  if (!TOKEN.test(token) || token.length > MAX_TOKEN_LENGTH) {
    throw fault(`"${name}" has to be a token of at most ${MAX_TOKEN_LENGTH} characters`)
  }
  return token
}

export function textIn(form: URLSearchParams, name: 'expires_in' | 'standing'): string | undefined {
  return valuesOf(form, ALIASES[name])[0]
}

/** The values of the fields of these names, in any spelling of each. */
export function valuesOf(form: URLSearchParams, names: readonly string[]): string[] {
  const plain = names.map(plainName)
  const keys = new Set([...form.keys()].filter((key) => plain.includes(plainName(key))))
  return [...keys].flatMap((key) => field(form, key) ?? [])
}

/** The token that a request has beside its form: in its header, or else in its address. */
export function tokenBeside(request: Request): string | undefined {
  const query = new URL(request.url).searchParams
  return bearerToken(request) ?? (hasField(query, 'token') ? tokenIn(query, 'token') : undefined)
}

/** @throws {RequestError} where there is more than any request of this protocol has */
export function checkSize(form: URLSearchParams): void {
  if (form.size > MAX_FIELDS) throw fault(`send at most ${MAX_FIELDS} fields`)
}

/** @throws {RequestError} saying all names under which the field could have come */
export function missing(name: FieldName): never {
  throw fault(whatIsMissing(name))
}

export function whatIsMissing(name: FieldName): string {
  const [own, ...others] = ALIASES[name].map((alias) => `"${alias}"`)
  return `${own}${others.length > 0 ? ` (or ${others.join(', ')})` : ''} is missing`
}

export function fault(message: string): RequestError {
  return new RequestError('invalid_request', message)
}

/** The one value that all spellings of a field have. */
function one<Value>(
  name: FieldName,
  values: readonly Value[],
  spell: (value: Value) => string | undefined,
): Value | undefined {
  if (new Set(values.map(spell)).size > 1) throw conflict(name)
  return values[0]
}

function conflict(name: FieldName): RequestError {
  const names = ALIASES[name].map((alias) => `"${alias}"`).join(', ')
  return fault(`${names} are names of one field, and have different values`)
}

function noPlace(name: FieldName): RequestError {
  return fault(`"${name}" has to be an https URL of the public web, or its host`)
}

/** The same for all spellings of a name. None of ours is as long as to be cut. */
function plainName(name: string): string {
  return name.slice(0, 40).toLowerCase().replace(/[-_]/g, '')
}
