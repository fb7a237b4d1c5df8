/**
 * When queued work is due, as names of keys: `<milliseconds since 1970>_<host>_<nonce>_<id>`. A list in the order of the
 * keys begins with what has waited longest, and says of whom it is, without reading an entry.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto'

/** Milliseconds since 1970 have so many digits until the year 2286. */
const TIME_DIGITS = 13
const LAST_TIME = 10 ** TIME_DIGITS - 1
const NAME = /^(\d{13})_([a-z\d.-]{1,80})_([a-f\d]{12})_([\w.-]{1,80})$/
const PLAIN_HOST = /^[a-z\d.-]{1,70}$/

export interface Due {
  /** The name of the key, without its collection. */
  readonly name: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** As {@link hostName} writes it. */
  readonly host: string
  readonly id: string
}

/** A name for a due key that no other has ever had. */
export function dueName(id: string, host: string, notBefore: Date): string {
  const nonce = randomBytes(6).toString('hex')
  return `${timeText(notBefore)}_${hostName(host)}_${nonce}_${id}`
}

/** @returns `undefined` for what is no such name */
export function parseDue(name: string): Due | undefined {
  const [, time, host, , id] = NAME.exec(name) ?? []
  if (time === undefined || host === undefined || id === undefined) return undefined
  return { name, time: Number(time), host, id }
}

/** A name that comes after all that are due at that time, and before all that are not. */
export function dueUntil(time: Date): string {
  return `${timeText(time)}_~`
}

/** The host itself, or a hash of what a key may not hold, such as a port. */
export function hostName(host: string): string {
  if (PLAIN_HOST.test(host)) return host
  return `-${createHash('sha256').update(host).digest('hex').slice(0, 32)}`
}

function timeText(date: Date): string {
  return String(Math.min(Math.max(0, date.getTime()), LAST_TIME)).padStart(TIME_DIGITS, '0')
}
