/** Seven digits are the shortest telephone number that anybody dials. */
const FEWEST_DIGITS = 7
/** `+49 30 1234567` and `030 1234567` are one number: of a long one, its end is enough. */
const COMPARED_DIGITS = 9

const DATE =
  /(?<!\d)(?:(?:19|20)\d\d[-./](?:0?[1-9]|1[0-2])[-./](?:[0-2]?\d|3[01])(?:[T ][\d:.]+(?:Z|[+-][\d:]+)?)?|(?:[0-2]?\d|3[01])[-./](?:[0-2]?\d|3[01])[-./](?:(?:19|20)\d\d|\d\d))(?!\d)/g
const RUN =
  /(?:\+\s?)?\(?\d+(?:(?:[ \t\u00a0\u202f]?[()/.\u2010-\u2015-][ \t\u00a0\u202f]?|[) ] ?|\u00a0|\u202f)\(?\d+\)?)*/g
const BOOK = /\bisbn(?:-1[03])?:?\s*$/i
/** What everybody writes: counting, the limits of computers, the constants of mathematics. */
const COMMON =
  /^(?:0?1234567(?:8(?:9(?:0)?)?)?|9876543(?:2(?:1(?:0)?)?)?|2147483647|2147483648|429496729[56]|9007199254740991|31415926\d*|2718281\d*|1414213\d*|1618033\d*)$/
const MOMENT =
  /^(?:1[4-9]\d{8}|1[4-9]\d{11}|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{4}|\d{6})?)$/

const DIGIT_0 = 48
const DIGIT_9 = 57
/** Whatever people write between the digits of a number. Not a comma: lists have commas. */
const BETWEEN = new Set(
  Array.from(' \t\n()./-_\u2010\u2011\u2012\u2013\u2014\u2015', (sign) => sign.charCodeAt(0)),
)
const LONGEST_GAP = 3

/** Numbers of private posts, however their digits are grouped. */
export class NumberIndex<Entry> {
  readonly #entries = new Map<string, Entry>()
  /** By the last two digits: whether any number ends so. */
  readonly #ends = new Uint8Array(100)

  get size(): number {
    return this.#entries.size
  }

  add(digits: string, entry: Entry): void {
    const key = digits.slice(-COMPARED_DIGITS)
    if (this.#entries.has(key)) return
    this.#entries.set(key, entry)
    this.#ends[Number(key.slice(-2))] = 1
  }

  /** Numbers that a row of so many digits may end with, by its last nine of them. */
  *endingWith(number: number, digits: number): Generator<Entry> {
    if (digits < FEWEST_DIGITS || this.#ends[number % 100] === 0) return
    for (let length = FEWEST_DIGITS; length <= Math.min(digits, COMPARED_DIGITS); length++) {
      const entry = this.#entries.get(String(number % 10 ** length).padStart(length, '0'))
      if (entry !== undefined) yield entry
    }
  }

  /** Calls `found` for each number in a folded text, with the offset of its end. */
  search(text: string, found: (entry: Entry, offset: number) => void): void {
    if (this.#entries.size === 0) return
    let from = -1
    let end = -1
    for (let at = 0; at < text.length; at++) {
      if (!isDigit(text.charCodeAt(at))) continue
      if (from === -1 || !isGap(text, end, at)) from = at
      end = at + 1
      while (end < text.length && isDigit(text.charCodeAt(end))) end++
      const last = text.charCodeAt(end - 1) - DIGIT_0
      const before = end - at > 1 ? text.charCodeAt(end - 2) - DIGIT_0 : undefined
      if (end - from >= FEWEST_DIGITS && this.#mayEnd(before, last)) {
        this.#lookUp(text.slice(Math.max(from, end - 40), end), (entry) => found(entry, end))
      }
      at = end - 1
    }
  }

  #mayEnd(before: number | undefined, last: number): boolean {
    return before === undefined || this.#ends[before * 10 + last] === 1
  }

  #lookUp(run: string, found: (entry: Entry) => void): void {
    const digits = run.replace(/\D/g, '')
    const whole = digits.length < COMPARED_DIGITS ? undefined : digits.slice(-COMPARED_DIGITS)
    const long = whole === undefined ? undefined : this.#entries.get(whole)
    if (long !== undefined) found(long)
    // A short number has to begin where a group of digits does.
    let count = 0
    for (let at = run.length - 1; at >= 0 && count < COMPARED_DIGITS; at--) {
      if (!isDigit(run.charCodeAt(at))) continue
      count++
      const isStart = at === 0 || !isDigit(run.charCodeAt(at - 1))
      if (!isStart || count < FEWEST_DIGITS || count >= COMPARED_DIGITS) continue
      const short = this.#entries.get(digits.slice(-count))
      if (short !== undefined) found(short)
    }
  }
}

/**
 * Numbers in a private text that betray it: telephone numbers, accounts, cards, places on a map. Dates,
 * times, book numbers, prices, versions and addresses of machines are no evidence.
 */
export function numbersIn(text: string): string[] {
  const undated = text.replace(DATE, ' x ')
  return Array.from(undated.matchAll(RUN)).flatMap(({ 0: run, index }) => {
    const before = undated.slice(Math.max(0, index - 12), index)
    const after = undated.charAt(index + run.length)
    const digits = run.replace(/\D/g, '')
    const isWithinWord = /[\p{L}_#]$/u.test(before) && !/\b[A-Z]{2}$/.test(before)
    if (digits.length < FEWEST_DIGITS || isWithinWord || /[\p{L}_]/u.test(after)) return []
    return BOOK.test(before) || isOrdinary(run.trim(), digits) ? [] : [digits]
  })
}

function isOrdinary(run: string, digits: string): boolean {
  if (COMMON.test(digits) || /^(\d)\1*$/.test(digits) || /0{5}$/.test(digits)) return true
  if (/^97[89]\d{10}$/.test(digits)) return true
  if (/^\d+$/.test(run)) return MOMENT.test(digits)
  const groups = run.match(/\d+/g) ?? []
  const isDialled = /^\+|^\(?0/.test(run)
  if (groups.every((group) => /^(?:19|20)\d\d$/.test(group))) return true
  if (isDialled) return groups.length > 3 && groups.every((group) => group.length === 1)
  // `1 234 567`, `1.234.567`; and a list of small numbers.
  const isGrouped = groups.slice(1).every((group) => group.length === 3)
  if (isGrouped && (digits.length < COMPARED_DIGITS || run.includes('.'))) return true
  if (groups.every((group) => group.length <= 2)) return true
  // Addresses of machines, versions, sections of a text; not `555.123.4567`, and no place on a map.
  const isPlace = /^\d{1,3}\.\d{5,}$/.test(run)
  return /^[\d.]+$/.test(run) && !isPlace && !/^\d{3}\.\d{3}\.\d{4}$/.test(run)
}

function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9
}

function isGap(text: string, from: number, to: number): boolean {
  if (to - from > LONGEST_GAP) return false
  for (let at = from; at < to; at++) if (!BETWEEN.has(text.charCodeAt(at))) return false
  return true
}
