import * as v from 'valibot'
import { namesZone, parseDateText } from '../web/date-text.ts'
import { RequestError } from '../web/errors.ts'
import { parseJson } from '../web/json-body.ts'
import { parseWebUrl } from '../web/parse-url.ts'
import {
  canonicalAddress,
  formatUserAddress,
  isSameUser,
  parseUserAddress,
  type UserAddress,
} from '../web/user-address.ts'
import { isBase64, isBinaryFormat } from './format.ts'

/**
 * A message as it travels. `id`, `url` and `inReplyTo` are additions; a provider that does not know them
 * ignores them.
 *
 * @see intertalk, "Message Format"
 */
export interface IntertalkMessage {
  /** Everybody in the conversation, the sender too: addresses `user@domain`, none of them twice. */
  readonly to: readonly string[]
  readonly from: string
  /** RFC 3339, with an offset. What comes in another form of ISO 8601 is read as this. */
  readonly sentAt: string
  /** Plain text. */
  readonly message: string
  /** The same again, in `format`; Base 64 where that is a binary type. */
  readonly messageFormatted?: string
  /** A media type. */
  readonly format?: string
  /** The same for the same message, however often it is sent. */
  readonly id?: string
  /** Where it can be read on the web. */
  readonly url?: string
  /** What it answers: a URL, or another message's name. */
  readonly inReplyTo?: string
}

/** What a whole message may have, as it is sent: {@link IntertalkMessage} in JSON. */
export const MAX_MESSAGE_BYTES = 64 * 1024
/** More than a chat that anybody follows. */
export const MAX_PARTICIPANTS = 50
/** Milliseconds by which a sender's clock may be ahead of ours. */
const MAX_AHEAD = 5 * 60 * 1000
const HOUR = 60 * 60 * 1000
/** Hours by which the clocks on Earth are ahead of UTC at most. */
const MAX_ZONE = 14
const MAX_NAME = 255
const MAX_URL = 2048

const Shape = v.object(
  {
    to: v.array(v.string()),
    from: v.string(),
    sentAt: v.string(),
    message: v.string(),
    messageFormatted: v.nullish(v.string()),
    format: v.nullish(v.string()),
    // Not of the standard's first text: somebody else may mean another thing by them.
    id: v.fallback(
      v.nullish(v.pipe(v.string(), v.maxLength(MAX_NAME), v.regex(/^[^\p{C}]+$/u))),
      undefined,
    ),
    url: v.fallback(v.nullish(v.pipe(v.string(), v.maxLength(MAX_URL))), undefined),
    inReplyTo: v.fallback(v.nullish(v.pipe(v.string(), v.maxLength(MAX_URL))), undefined),
  },
  'a message is a JSON object',
)

/**
 * Reads what somebody sent as a message. Of `to`, whatever is there twice is left out.
 *
 * @param now When it arrived, for a message that is just coming in.
 * @throws {RequestError} `invalid_request`: 400 for what is no message, 403 where `from` is not in `to`
 * @see intertalk, "Message Format"
 */
export function parseMessage(value: unknown, now?: Date): IntertalkMessage {
  const result = v.safeParse(Shape, value)
  if (!result.success) throw fault(shapeFault(result.issues))
  const { messageFormatted, format, id, url, inReplyTo, ...shape } = result.output
  const from = parseAddress(shape.from, 'from')
  const to = participantsOf(shape.to)
  if (!to.some((participant) => isSameUser(participant, from))) {
    throw fault('"from" has to be in "to"', 403)
  }
  const sentAt = sentAtOf(shape.sentAt, now)
  if (sentAt === undefined) {
    throw fault('"sentAt" is not a time in ISO 8601, such as 2016-09-05T15:45:39Z')
  }
  if (format && messageFormatted && isBinaryFormat(format) && !isBase64(messageFormatted)) {
    throw fault('"messageFormatted" of a binary type has to be Base 64')
  }
  const page = url ? parseWebUrl(url) : undefined
  return {
    to: to.map(formatUserAddress),
    from: formatUserAddress(from),
    sentAt,
    message: shape.message,
    ...(messageFormatted && { messageFormatted }),
    ...(format && { format }),
    ...(id && { id }),
    ...(page && { url: page.href }),
    ...(inReplyTo && { inReplyTo }),
  }
}

/** @returns RFC 3339; `undefined` for what is no time */
function sentAtOf(text: string, now: Date | undefined): string | undefined {
  const time = parseDateText(text)
  if (time === undefined || RFC_3339.test(text)) return time && text
  return (now && !namesZone(text) ? notAfter(now, time) : time).toISOString()
}

/**
 * A time without a zone is what the sender's clock shows. Where that lies in the future of UTC, the clock is in the
 * east: as few hours are taken off as make it a time that has been.
 */
function notAfter(now: Date, time: Date): Date {
  const hours = Math.ceil((time.getTime() - now.getTime() - MAX_AHEAD) / HOUR)
  return hours > 0 && hours <= MAX_ZONE ? new Date(time.getTime() - hours * HOUR) : time
}

/**
 * Reads the body of a request as a message.
 *
 * @throws {RequestError} as {@link parseMessage}, and 400 for what is no JSON in UTF-8
 */
export function parseMessageBody(body: Uint8Array, now: Date): IntertalkMessage {
  const parsed = parseJson(textOf(body))
  if (!parsed) throw fault('a message is JSON in UTF-8')
  return parseMessage(parsed.value, now)
}

/** @throws {RequestError} `invalid_request`, 400, for a message that says to be from later than now */
export function refuseFuture({ sentAt }: IntertalkMessage, now: Date): void {
  const time = parseDateText(sentAt)
  if (time === undefined || time.getTime() > now.getTime() + MAX_AHEAD) {
    throw fault('"sentAt" lies in the future')
  }
}

/** What stays as it is. @see [RFC 3339 §5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6) */
const RFC_3339 =
  /^\d{4}-\d{2}-\d{2}[Tt]([01]\d|2[0-3]):\d{2}:[0-5]\d(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})$/

/** @throws {RequestError} `invalid_request`, 400 */
function textOf(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    // Without its cause, which would quote the message.
    throw fault('a message is JSON in UTF-8')
  }
}

function participantsOf(to: readonly string[]): readonly UserAddress[] {
  const participants = new Map<string, UserAddress>()
  for (const text of to) {
    const address = parseAddress(text, 'to')
    const name = canonicalAddress(address)
    if (!participants.has(name)) participants.set(name, address)
  }
  if (participants.size > MAX_PARTICIPANTS) {
    throw fault(`"to" has more than ${MAX_PARTICIPANTS} addresses`)
  }
  return [...participants.values()]
}

function parseAddress(text: string, field: string): UserAddress {
  const address = parseUserAddress(text)
  if (!address) throw fault(`"${field}" holds what is no address like bob@chat.example`)
  return address
}

function shapeFault([issue]: readonly v.BaseIssue<unknown>[]): string {
  const [step] = issue?.path ?? []
  return step === undefined
    ? 'a message is a JSON object'
    : `"${String(step.key)}" is missing or of the wrong type`
}

function fault(message: string, status = 400): RequestError {
  const code = status === 403 ? 'access_denied' : 'invalid_request'
  return new RequestError(code, message, { status })
}
