import { RequestError } from '../web/errors.ts'
import { isMessageForm } from './message-form.ts'
import {
  checkName,
  checkSize,
  destinationIn,
  fault,
  hasField,
  messageIn,
  missing,
  whatIsMissing,
  placeIn,
  textIn,
  tokenIn,
  valuesOf,
} from './pm-fields.ts'
import { isSamePerson, type Destination } from './profile.ts'

/** Step 2: there is a message for `to`. */
export interface Announcement {
  readonly message: string
  readonly from: URL
  readonly to: URL
  /** Its sender would like a token for more than one message. */
  readonly standing: boolean
}

/** Step 3: is there such a message? Its name tells for whom. */
export type Asked = Pick<Announcement, 'message' | 'from'> & {
  readonly to?: URL
  /** What a form lacks that is of this step only if there is such a message. */
  readonly otherwise?: RequestError
}

/** Step 4: bring the message there, with this token. */
export interface DeliveryRequest {
  readonly message: string
  readonly to: URL
  readonly deliverTo: URL
  readonly token: string
  /** For the messages after this one; `seconds` is how long it lives. */
  readonly standing?: { readonly token: string; readonly seconds: number }
}

/** A request as others send it: the message names its recipient, and a host its endpoint. */
export type ReceivedRequest = Omit<DeliveryRequest, 'to' | 'deliverTo'> & {
  readonly to?: URL
  readonly deliverTo: Destination
}

/** What a form at the endpoint asks for. */
export type PmForm =
  | { readonly step: 'announcement'; readonly announcement: Announcement }
  | { readonly step: 'check'; readonly check: Asked }
  | { readonly step: 'request'; readonly request: ReceivedRequest }
  /**
   * The message itself, step 6. Where its fields alone do not tell, whether the token is ours does: if it is not, the form
   * is `otherwise`.
   */
  | {
      readonly step: 'message'
      readonly token: string
      readonly otherwise?: Exclude<PmForm, { step: 'message' }> | RequestError
    }
  /** A standing token of ours is to end (RFC 7009 §2.1). */
  | { readonly step: 'revocation'; readonly token: string }

export interface PmFormOptions {
  /** Whose endpoint it is: the recipient that a form without one means. */
  readonly me: URL
  readonly allowLoopback: boolean
  /** The token of the `Authorization` header. */
  readonly bearer?: string | undefined
}

const DEFAULT_SECONDS = 3600
/** All that RFC 7009 §2.1 has in a revocation, and `action` from IndieAuth's older one. */
const REVOCATION = ['token', 'token_type_hint', 'client_id', 'client_secret', 'action']

/**
 * Reads what a peer asks. Fields that are not known are not minded, except in a revocation: a token with anything
 * else beside it came with a message, or to fetch one.
 *
 * @throws {RequestError} `invalid_request` for what could not be meant, saying what is missing
 */
export function parsePmForm(form: URLSearchParams, options: PmFormOptions): PmForm {
  const { bearer } = options
  checkSize(form)
  if (form.has('check')) return { step: 'check', check: parseCheck(form, options) }
  const hasToken = bearer !== undefined || hasField(form, 'token')
  if (isRevocation(form) && bearer === undefined) {
    return { step: 'revocation', token: tokenIn(form, 'token') }
  }
  if (hasToken) {
    const token = tokenIn(form, 'token', bearer)
    const isRequest = hasField(form, 'deliver_to')
    if (isMessageForm(form) && !isRequest) return { step: 'message', token }
    return { step: 'message', token, otherwise: parseOther(form, options, isRequest) }
  }
  if (!hasField(form, 'from') && hasField(form, 'message')) {
    const otherwise = fault(whatIsMissing(hasField(form, 'deliver_to') ? 'token' : 'from'))
    const check = { message: messageIn(form), ...peopleIn(form, options), otherwise }
    return { step: 'check', check }
  }
  return parseAnnouncement(form, options)
}

/** What a form with a token is that is not ours. What is wrong with it counts only then. */
function parseOther(
  form: URLSearchParams,
  options: PmFormOptions,
  isRequest: boolean,
): ReturnType<typeof parseRequest> | ReturnType<typeof parseAnnouncement> | RequestError {
  try {
    if (isRequest) return parseRequest(form, options)
    return hasField(form, 'from') ? parseAnnouncement(form, options) : lackOfToken(form)
  } catch (error) {
    if (error instanceof RequestError) return error
    throw error
  }
}

function parseAnnouncement(
  form: URLSearchParams,
  { me, allowLoopback }: PmFormOptions,
): Extract<PmForm, { step: 'announcement' | 'check' }> {
  const message = messageIn(form)
  const from = placeIn(form, 'from', allowLoopback) ?? missing('from')
  const to = placeIn(form, 'to', allowLoopback) ?? destinationIn(form, allowLoopback)?.url
  // The owner announces nothing here: somebody asks whether the message is theirs.
  if (isSamePerson(from, me) && !(to && isSamePerson(to, me))) {
    return { step: 'check', check: { message, from, ...(to && { to }) } }
  }
  const standing = textIn(form, 'standing') === 'true'
  const announcement = { message, from, to: to ?? me, standing }
  return { step: 'announcement', announcement }
}

/** Reads step 3 where it comes as the query of a GET. `undefined`: it names no message. */
export function parseCheckQuery(query: URLSearchParams, options: PmFormOptions): Asked | undefined {
  if (query.has('check')) return parseCheck(query, options)
  if (!hasField(query, 'message')) return undefined
  checkSize(query)
  return { message: messageIn(query), ...peopleIn(query, options) }
}

function parseCheck(form: URLSearchParams, options: PmFormOptions): Asked {
  const [name = ''] = valuesOf(form, ['check'])
  return { message: checkName(name, 'check'), ...peopleIn(form, options) }
}

/** Whose message it is said to be, and for whom: the owner's, for the recipient that its name tells. */
function peopleIn(form: URLSearchParams, { me, allowLoopback }: PmFormOptions) {
  const to = placeIn(form, 'to', allowLoopback)
  return { from: placeIn(form, 'from', allowLoopback) ?? me, ...(to && { to }) }
}

function parseRequest(
  form: URLSearchParams,
  { allowLoopback, bearer }: PmFormOptions,
): Extract<PmForm, { step: 'request' }> {
  const standing = parseStanding(form)
  const to = placeIn(form, 'to', allowLoopback)
  const request = {
    message: messageIn(form),
    ...(to && { to }),
    deliverTo: destinationIn(form, allowLoopback) ?? missing('deliver_to'),
    token: tokenIn(form, 'token', bearer),
    ...(standing && { standing }),
  }
  return { step: 'request', request }
}

function isRevocation(form: URLSearchParams): boolean {
  const [action = 'revoke'] = valuesOf(form, ['action'])
  const isAlone = [...form.keys()].every((key) => REVOCATION.includes(key))
  return form.has('token') && action === 'revoke' && isAlone
}

/** A token came with neither of what could be meant by it. */
function lackOfToken(form: URLSearchParams): RequestError {
  return hasField(form, 'message')
    ? fault('"deliver_to" (or "destination") is missing; or "content", if this is the message')
    : fault('"message" (or "message_id", "id") is missing; or "content", if this is the message')
}

function parseStanding(form: URLSearchParams): DeliveryRequest['standing'] {
  if (!hasField(form, 'standing_token')) return undefined
  const text = textIn(form, 'expires_in') ?? String(DEFAULT_SECONDS)
  if (!/^\d{1,10}$/.test(text)) throw fault('"expires_in" has to be a number of seconds')
  return { token: tokenIn(form, 'standing_token'), seconds: Number(text) }
}
