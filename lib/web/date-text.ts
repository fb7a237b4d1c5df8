/**
 * Dates as people and programs write them, in the forms of ISO 8601 that name a day and a time of day.
 *
 * @module
 */
const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR
/** Long before anybody wrote to anybody on the web. */
const EARLIEST = Date.UTC(1990)
const DATE_AND_TIME = /^(\S+?)(?:(?:T| {1,4})(\S.*))?$/i
/** A calendar date (`2026-11-20`, `20261120`), a week date (`2026-W47-5`), or an ordinal date (`2026-324`). */
const DATE = /^(\d{4})(?:(-?)(\d\d)\2(\d\d)|-?W(\d\d)-?([1-7])|-?(\d{3}))$/i
/**
 * `10`, `10:00`, `10:00:00`, or without the colons. The last of them may have a fraction. Then nothing, or the zone as
 * `Z`, `+01:00`, `+0100` or `+01`. ISO 8601 writes the minus as U+2212, too.
 */
const TIME =
  /^(\d\d)(?::?([0-5]\d)(?::?([0-5]\d|60))?)?(?:[.,](\d{1,20}))?(?: ?(?:(Z)|([+\u2212-])(\d\d)(?::?([0-5]\d))?))?$/i

/**
 * Reads a date of ISO 8601, also with a space instead of the "T". A time without a zone is taken for UTC, and a day
 * without a time for its beginning.
 *
 * @returns `undefined` for other words, and for days and times that do not exist
 */
export function parseDateText(text: string): Date | undefined {
  const [, date = '', time] = DATE_AND_TIME.exec(text.trim()) ?? []
  const day = dayOf(date)
  const clock = time === undefined ? 0 : clockOf(time)
  return day === undefined || clock === undefined ? undefined : new Date(day + clock)
}

/** Whether a text that {@link parseDateText} reads names its time zone. Without one it is the time of the writer's clock. */
export function namesZone(text: string): boolean {
  const [, , time = ''] = DATE_AND_TIME.exec(text.trim()) ?? []
  const [, , , , , utc, sign] = TIME.exec(time) ?? []
  return utc !== undefined || sign !== undefined
}

/** ISO 8601 in UTC. What lies ahead, or before the web was, is no date of a message. */
export function toDate(text: string | undefined, now: Date): string | undefined {
  const time = parseDateText(text ?? '')
  const isBelievable = time && time.getTime() > EARLIEST && time.getTime() < now.getTime() + DAY
  return isBelievable ? time.toISOString() : undefined
}

/** Milliseconds of UTC at the beginning of the day. 30 February does not exist, though `Date` takes it for 2 March. */
function dayOf(text: string): number | undefined {
  const [, year, , month, day, week, weekday, ordinal] = DATE.exec(text) ?? []
  if (year === undefined) return undefined
  const first = Date.UTC(Number(year), 0, 1)
  if (week !== undefined) return dayOfWeek(Number(year), Number(week), Number(weekday))
  const time =
    ordinal === undefined
      ? Date.UTC(Number(year), Number(month) - 1, Number(day))
      : first + (Number(ordinal) - 1) * DAY
  const isThatDay =
    ordinal === undefined
      ? new Date(time).toISOString().startsWith(`${year}-${month}-${day}`)
      : new Date(time).getUTCFullYear() === Number(year)
  return isThatDay ? time : undefined
}

/** The first week of a year is the one with 4 January; weeks begin on Monday. */
function dayOfWeek(year: number, week: number, weekday: number): number | undefined {
  const fourth = Date.UTC(year, 0, 4)
  const monday = fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY
  const last = Date.UTC(year, 11, 28)
  const time = monday + ((week - 1) * 7 + weekday - 1) * DAY
  return week >= 1 && monday + (week - 1) * 7 * DAY <= last ? time : undefined
}

/** Milliseconds from the beginning of the day. A leap second is the one before it. */
function clockOf(text: string): number | undefined {
  const found = TIME.exec(text)
  if (!found) return undefined
  const [, hour = '0', minute, second, fraction = '0', , sign, zoneHour = '0', zoneMinute = '0'] =
    found
  const unit = second === undefined ? (minute === undefined ? HOUR : HOUR / 60) : 1000
  const seconds = Math.min(Number(second ?? 0), 59)
  const time =
    Number(hour) * HOUR +
    Number(minute ?? 0) * (HOUR / 60) +
    seconds * 1000 +
    Math.floor(Number(`0.${fraction}`) * unit)
  if (time > DAY || Number(zoneHour) > 23) return undefined
  const offset = Number(zoneHour) * HOUR + Number(zoneMinute) * (HOUR / 60)
  return sign === '+' ? time - offset : time + offset
}
