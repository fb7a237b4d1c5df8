import { RequestError } from '../web/errors.ts'
import { field } from '../web/form.ts'
import { MAX_TOKEN_LENGTH } from './limits.ts'
import { isMessageName } from './message-name.ts'
import { parsePlace } from './profile.ts'

/** Step 2: there is a message for `to`. */
export interface Announcement {
  readonly message: string
  readonly from: URL
  readonly to: URL
  /** Its sender would like a token for more than one message. */
  readonly standing: boolean
}

/** Step 3: is there such a message? */
export type Check = Omit<Announcement, 'standing'>

/** Step 4: bring the message there, with this token. */
export interface DeliveryRequest {
  readonly message: string
  readonly to: URL
  readonly deliverTo: URL
  readonly token: string
  /** For the messages after this one; `seconds` is how long it lives. */
  readonly standing?: { readonly token: string; readonly seconds: number }
}

/** What a form at the endpoint asks for. */
export type PmForm =
  | { readonly step: 'announcement'; readonly announcement: Announcement }
  | { readonly step: 'check'; readonly check: Check }
  | { readonly step: 'request'; readonly request: DeliveryRequest }
  /** A standing token of ours is to end (RFC 7009 §2.1). */
  | { readonly step: 'revocation'; readonly token: string }

/** What can stand in an `Authorization` header, and nothing that could end it. */
const TOKEN = /^[\x21-\x7e]+$/
/** An hour, where a standing token comes without its life: as RFC 6749 has it in its examples. */
const DEFAULT_SECONDS = 3600

/**
 * Reads what a peer asks. Fields that are not known are not minded.
 *
 * @throws {RequestError} `invalid_request` for what could not be meant, whoever it is about
 */
export function parsePmForm(form: URLSearchParams, allowLoopback: boolean): PmForm {
  const place = (name: string): URL => {
    const url = parsePlace(field(form, name), allowLoopback)
    if (!url) throw fault(`"${name}" has to be an https URL of the public web`)
    return url
  }
  const messageName = (name: string): string => {
    const text = field(form, name)
    if (text === undefined || !isMessageName(text)) {
      throw fault(`"${name}" has to be 1 to 128 letters, digits, "-", ".", "_" or "~"`)
    }
    return text
  }

  if (form.has('check')) {
    const check = { message: messageName('check'), from: place('from'), to: place('to') }
    return { step: 'check', check }
  }
  if (form.has('deliver_to')) {
    const standing = parseStanding(form)
    const request = {
      message: messageName('message'),
      to: place('to'),
      deliverTo: place('deliver_to'),
      token: parseToken(form, 'token'),
      ...(standing && { standing }),
    }
    return { step: 'request', request }
  }
  if (!form.has('message') && form.has('token')) {
    return { step: 'revocation', token: parseToken(form, 'token') }
  }
  const announcement = {
    message: messageName('message'),
    from: place('from'),
    to: place('to'),
    standing: field(form, 'standing') === 'true',
  }
  return { step: 'announcement', announcement }
}

function parseStanding(form: URLSearchParams): DeliveryRequest['standing'] {
  if (!form.has('standing_token')) return undefined
  const text = field(form, 'expires_in') ?? String(DEFAULT_SECONDS)
  if (!/^\d{1,10}$/.test(text)) throw fault('"expires_in" has to be a number of seconds')
  return { token: parseToken(form, 'standing_token'), seconds: Number(text) }
}

function parseToken(form: URLSearchParams, name: string): string {
  const token = field(form, name)
  if (token === undefined || !TOKEN.test(token) || token.length > MAX_TOKEN_LENGTH) {
    throw fault(`"${name}" has to be a token of at most ${MAX_TOKEN_LENGTH} characters`)
  }
  return token
}

function fault(message: string): RequestError {
  return new RequestError('invalid_request', message)
}
