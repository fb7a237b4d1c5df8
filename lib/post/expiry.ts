import { postError } from './post-error.ts'

const DAY = 24 * 60 * 60 * 1000
/** The last moment that ISO 8601 can write with four digits for the year: as good as never. */
const NEVER = Date.parse('9999-12-31T23:59:59.999Z')
const MOMENT =
  /^(\d{4}-\d{2}-\d{2})(?:[Tt ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(Z|[+-]\d{2}:?\d{2})?)?$/i

/**
 * Reads `expires`. A date without a time is the last day on which the link works; a time without a
 * zone is in UTC, as in YAML.
 *
 * @returns The moment from which the link no longer works.
 */
export function parseExpiry(path: string, value: unknown): Date | undefined {
  if (value === undefined || value === null) return undefined
  const time = value instanceof Date ? endOf(value.getTime()) : fromText(value)
  // A year before 0 cannot be written down, and is nothing that anybody could mean.
  if (Number.isNaN(time) || time < Date.parse('0000-01-01')) {
    throw postError(path, 'expires', value, {
      problem: 'this is not a date',
      remedy: 'write a day such as 2026-12-24, or a moment such as 2026-12-24T18:00:00Z',
    })
  }
  return new Date(Math.min(time, NEVER))
}

/** @NOTE YAML turns a plain day into midnight UTC, and no more tells it from a moment. */
function endOf(time: number): number {
  return time % DAY === 0 ? time + DAY : time
}

function fromText(value: unknown): number {
  const [, day, time, zone = 'Z'] = MOMENT.exec(typeof value === 'string' ? value.trim() : '') ?? []
  if (day === undefined || !isOnCalendar(day)) return NaN
  return time === undefined ? Date.parse(day) + DAY : Date.parse(`${day}T${time}${zone}`)
}

/** `Date.parse('2026-02-31')` rolls over into March instead of failing. */
function isOnCalendar(day: string): boolean {
  const time = Date.parse(day)
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day)
}

/**
 * Refuses an impossible day such as `2026-02-31`, which YAML has by now turned into another one.
 *
 * @param source The file as written, front matter included.
 */
export function refuseRolledOverExpiry(path: string, source: string | undefined): void {
  const written = /^["']?expires["']?\s*[:=]\s*["']?(\d{4}-\d{2}-\d{2})/m.exec(source ?? '')?.[1]
  if (written !== undefined) parseExpiry(path, written)
}
