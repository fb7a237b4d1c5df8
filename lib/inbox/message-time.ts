/**
 * When a message was written, as its author says, and when it arrived, as this site knows.
 *
 * Threads are in the order in which their messages were written: copies travel by several ways, and a message
 * that waited in a queue still answers what it answered. The list is in the order of arrival, so that nothing new
 * is overlooked. A date is its author's word, so it counts only within limits.
 *
 * @module
 */
import { parseDateText } from '../web/date-text.ts'
import type { Entry } from './entry.ts'

const MINUTE = 60 * 1000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** What is dated longer than that before it arrived is dated by a clock that was never set. */
const LONGEST_WAY = 20 * 365 * DAY
/** Every message is some minutes on its way; only more than that is said. */
const NOTICEABLE = 10 * MINUTE

export type TimedEntry = Pick<Entry, 'received' | 'envelope'>

/**
 * When it was written, in UTC: as its author says, unless that lies after its arrival or decades before it. A
 * day without a time of day that is the day of its arrival says nothing that its arrival does not.
 */
export function timeOf({ received, envelope: { published } }: TimedEntry): string {
  const time = published === undefined ? undefined : parseDateText(published)?.toISOString()
  if (time === undefined || time > received) return received
  const isSameDay = isWholeDay(time) && time.slice(0, 10) === received.slice(0, 10)
  const age = Date.parse(received) - Date.parse(time)
  return isSameDay || age > LONGEST_WAY ? received : time
}

/** When it was written, where that is noticeably before its arrival. */
export function timeBefore(entry: TimedEntry): string | undefined {
  const time = timeOf(entry)
  return isNoticeable(time, entry.received) ? time : undefined
}

/** Whether both times are so far apart that a reader is told of both. */
export function isNoticeable(time: string, received: string): boolean {
  return Date.parse(received) - Date.parse(time) >= NOTICEABLE
}

/** `30 Nov 2026, 19:02 · arrived 19:20 UTC`, or `undefined` where its arrival says it all. */
export function describeTimes(entry: TimedEntry): string | undefined {
  const time = timeBefore(entry)
  return time === undefined
    ? undefined
    : `${fullTime(time)} · arrived ${arrivalAfter(time, entry.received)} UTC`
}

/** `30 Nov 2026, 19:02`; of a day without a time of day, only the day. */
export function fullTime(time: string): string {
  const day = describeDay(new Date(time), true)
  return isWholeDay(time) ? day : `${day}, ${clockOf(time)}`
}

/** When something was, the shorter the nearer it is. In UTC, as a server knows no other time. */
export function describeTime(time: string, now: Date): string {
  const date = new Date(time)
  const age = now.getTime() - date.getTime()
  if (age < MINUTE) return 'just now'
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`
  if (age < 2 * DAY) return 'yesterday'
  if (age < 7 * DAY) return `${Math.floor(age / DAY)} days ago`
  return describeDay(date, date.getUTCFullYear() !== now.getUTCFullYear())
}

/** The time of day alone where the day is the same. */
function arrivalAfter(time: string, received: string): string {
  const isSameDay = time.slice(0, 10) === received.slice(0, 10)
  return isSameDay ? clockOf(received) : fullTime(received)
}

function describeDay(date: Date, withYear: boolean): string {
  return date.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(withYear && { year: 'numeric' }),
    timeZone: 'UTC',
  })
}

function clockOf(time: string): string {
  return time.slice(11, 16)
}

/** Written without a time of day, as far as one can tell. */
function isWholeDay(time: string): boolean {
  return /T00:00:00\.000Z$/.test(time)
}
