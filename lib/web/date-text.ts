/**
 * Dates as people and programs write them, in the forms of ISO 8601 that name a day and a time of day.
 *
 * @module
 */
const DAY = 24 * 60 * 60 * 1000
/** Long before anybody wrote to anybody on the web. */
const EARLIEST = Date.UTC(1990)
/**
 * Extended (`2026-11-20T10:00:00Z`) or basic (`20261120T100000Z`), with a space instead of the "T", without
 * seconds, without a zone, or with the zone as `+01:00`, `+0100` or `+01`. ISO 8601 writes the minus as U+2212, too.
 */
const DATE_TIME =
  /^(\d{4})(-?)(\d\d)\2(\d\d)(?:(?:T| {1,4})(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,20}))?)? ?(Z|[+\u2212-]\d\d(?::?[0-5]\d)?)?)?$/i

/**
 * Reads a date. A time without a zone is taken for UTC, and a day without a time for its beginning.
 *
 * @returns `undefined` for other words, for week and ordinal dates, and for days that no calendar has
 */
export function parseDateText(text: string): Date | undefined {
  const found = DATE_TIME.exec(text.trim())
  if (!found) return undefined
  const [, year, , month, date, hour = '00', minute = '00', second = '00', fraction = '0', zone] =
    found
  const day = `${year}-${month}-${date}`
  if (!isDay(day)) return undefined
  // A leap second is the one before it.
  const clock = `${hour}:${minute}:${second === '60' ? '59' : second}.${fraction.slice(0, 3)}`
  const time = new Date(`${day}T${clock}${offsetOf(zone)}`)
  return Number.isNaN(time.getTime()) ? undefined : time
}

/** ISO 8601 in UTC. What lies ahead, or before the web was, is no date of a message. */
export function toDate(text: string | undefined, now: Date): string | undefined {
  const time = parseDateText(text ?? '')
  const isBelievable = time && time.getTime() > EARLIEST && time.getTime() < now.getTime() + DAY
  return isBelievable ? time.toISOString() : undefined
}

/** 30 February is none, though `Date` takes it for 2 March. */
function isDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)
}

/** A zone as `Date` reads it. */
function offsetOf(zone = 'Z'): string {
  if (zone.toUpperCase() === 'Z') return 'Z'
  const [, hours = '', minutes = ''] = /^.(\d\d):?(\d\d)?$/.exec(zone) ?? []
  return `${zone.startsWith('+') ? '+' : '-'}${hours}:${minutes || '00'}`
}
