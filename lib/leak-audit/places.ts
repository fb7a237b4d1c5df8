/** A place on a map: latitude and longitude, or the other way round. */
export type Place = readonly [number, number]

/** A place of a private post. */
export interface KnownPlace<Entry> {
  readonly place: Place
  readonly entry: Entry
  /** Digits behind the point up to which public sources say the same. */
  known: number
}

interface Degrees {
  readonly value: number
  /** Digits behind the point. */
  readonly digits: number
  readonly offset: number
  readonly end: number
}

const DEGREES = /(?<![\d.])[-\u2212]?\d{1,3}\.\d{2,}(?![\d.])/g
/** As other languages write them. Two such numbers are no place by themselves: "1,000, 2,500". */
const WITH_COMMA = /(?<![\d.,])[-\u2212]?\d{1,3},\d{3,}(?![\d.,]\d)/g
/** Folded: a sign of two strokes is two signs then. */
const IN_SECONDS =
  /(?<!\d)(\d{1,3})\s?°\s?(\d{1,2})\s?['’\u2032]\s?(\d{1,2}(?:[.,]\d+)?)\s?(?:"|”|\u2033|['’\u2032]{2})\s?([sw]?)/g
/** A hundred metres. What is less accurate is a town. */
const FEWEST_DIGITS = 3
const BETWEEN = /^[^\p{L}\d]{0,3}[,;/ ][^\p{L}\d]{0,3}$/u
/** Other numbers, and letters, between the two: `"lat": 52.52, "zoom": 12.75, "lng": 13.405`. */
const NEIGHBOURS = 2
const FARTHEST = 160

/** Places of private posts, however their numbers are rounded and in whatever order. */
export class PlaceIndex<Entry> {
  readonly #places: KnownPlace<Entry>[] = []
  readonly #degrees = new Set<number>()

  add(place: Place, entry: Entry): void {
    this.#places.push({ place, entry, known: 0 })
    for (const coordinate of place) degreesOf(coordinate).forEach((one) => this.#degrees.add(one))
  }

  get size(): number {
    return this.#places.length
  }

  /** Whether a place has so many whole degrees. */
  isDegree(degrees: number): boolean {
    return this.#degrees.has(degrees)
  }

  /** Whether both numbers of a place may be in a text that has such whole degrees. */
  mayBeAmong(degrees: ReadonlySet<number>): boolean {
    return this.#places.some(({ place }) =>
      place.every((coordinate) => degreesOf(coordinate).some((one) => degrees.has(one))),
    )
  }

  /** Calls `found` for each place in a text that is more accurate there than in public sources. */
  search(text: string, found: (entry: Entry, offset: number) => void): void {
    for (const { known, digits, offset } of this.find(text)) {
      if (digits > known.known) found(known.entry, offset)
    }
  }

  /** All of these places in a text, with the digits that stand there. */
  *find(text: string): Generator<{
    readonly known: KnownPlace<Entry>
    readonly digits: number
    readonly offset: number
  }> {
    if (this.#places.length === 0) return
    const others = [...withCommasIn(text), ...inSecondsIn(text)]
    const all = [...degreesIn(text), ...others].sort((one, other) => one.offset - other.offset)
    for (const [at, one] of all.entries()) {
      for (const known of this.#places) {
        if (!isRounded(known.place[0], one)) continue
        const near = all.slice(Math.max(0, at - NEIGHBOURS), at + NEIGHBOURS + 1)
        const other = near.find(
          (degrees) =>
            degrees !== one &&
            Math.abs(degrees.offset - one.offset) < FARTHEST &&
            isRounded(known.place[1], degrees),
        )
        const digits = Math.max(one.digits, other?.digits ?? 0)
        if (other && digits >= FEWEST_DIGITS) {
          yield { known, digits, offset: Math.min(one.offset, other.offset) }
        }
      }
    }
  }
}

/** The whole degrees that a coordinate is written with, rounded up or cut off. */
function degreesOf(coordinate: number): number[] {
  const size = Math.abs(coordinate)
  const step = 2 * 10 ** -FEWEST_DIGITS
  return [...new Set([Math.max(0, size - step), size + step].map(Math.floor))]
}

/** Places in a private text or its front matter: two numbers of degrees side by side. */
export function placesIn(text: string): Place[] {
  const all = degreesIn(text)
  return all.flatMap((one, at) => {
    const other = all[at + 1]
    if (!other || Math.max(one.digits, other.digits) < FEWEST_DIGITS) return []
    const isPlace = Math.abs(one.value) <= 180 && Math.abs(other.value) <= 180
    return isPlace && BETWEEN.test(text.slice(one.end, other.offset))
      ? [[one.value, other.value]]
      : []
  })
}

function degreesIn(text: string): Degrees[] {
  return Array.from(text.matchAll(DEGREES), ({ 0: written, index }) => ({
    value: Number(written.replace('\u2212', '-')),
    digits: written.length - written.indexOf('.') - 1,
    offset: index,
    end: index + written.length,
  }))
}

function withCommasIn(text: string): Degrees[] {
  return Array.from(text.matchAll(WITH_COMMA), ({ 0: written, index }) => ({
    value: Number(written.replace('\u2212', '-').replace(',', '.')),
    digits: written.length - written.indexOf(',') - 1,
    offset: index,
    end: index + written.length,
  }))
}

/** `52°31′12″ N`: a second is thirty metres. */
function inSecondsIn(text: string): Degrees[] {
  return Array.from(text.matchAll(IN_SECONDS), ({ 0: written, index, ...found }) => {
    const [degrees = 0, minutes = 0, seconds = 0] = [found[1], found[2], found[3]].map((part) =>
      Number((part ?? '').replace(',', '.')),
    )
    const size = degrees + minutes / 60 + seconds / 3600
    const value = found[4] === 's' || found[4] === 'w' ? -size : size
    return { value, digits: FEWEST_DIGITS, offset: index, end: index + written.length }
  })
}

/** Whether a number is another one, rounded or cut off. Zeros at the end may have been left out. */
function isRounded(exact: number, { value, digits }: Degrees): boolean {
  const step = 10 ** -Math.max(digits, FEWEST_DIGITS)
  // A little more, because a fraction is no exact number.
  return Math.abs(exact - value) < step * 1.01
}
