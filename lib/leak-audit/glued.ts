import { wordAt, type Words } from './words.ts'

/** "Dinner party" without its space has eleven letters; shorter ones stand within other words. */
const FEWEST_LETTERS = 9
/** Letters that are compared first. */
const PROBE = 8
/** Words of prose are longer; this many in a row are letters with a place of their own each. */
const LONGEST_PIECE = 2
const FEWEST_PIECES = 5
const FILTER_BITS = 16
const BASE = 0x01000193

interface Glued<Entry> {
  readonly text: string
  readonly entry: Entry
  /** Within a longer word it proves nothing. */
  readonly isLoose: boolean
}

/**
 * Phrases whose words were run together (`DinnerParty.pdf`, `ourdinnerparty`), or taken apart: a drawing,
 * or an animation of a heading, gives each letter an element of its own.
 */
export class GluedIndex<Entry> {
  readonly #entries = new Map<number, Glued<Entry>[]>()
  readonly #filter = new Uint8Array(2 ** FILTER_BITS)
  readonly #out = highestPower()

  /**
   * @param text Folded, without anything but letters and digits.
   * @param isLoose It is looked for only where its letters stand apart.
   */
  add(text: string, entry: Entry, isLoose = false): void {
    if (text.length < FEWEST_LETTERS) return
    const hash = hashOf(text, 0)
    const same = this.#entries.get(hash) ?? []
    same.push({ text, entry, isLoose })
    this.#entries.set(hash, same)
    this.#filter[hash >>> (32 - FILTER_BITS)] = 1
  }

  /** Calls `found` for each phrase within a word, with the number of the word. */
  search(words: Words, found: (entry: Entry, at: number) => void): void {
    if (this.#entries.size === 0) return
    let pieces = 0
    for (let at = 0; at < words.length; at++) {
      const start = words.start[at] ?? 0
      const end = words.end[at] ?? 0
      if (end - start <= LONGEST_PIECE) {
        pieces++
        continue
      }
      if (pieces >= FEWEST_PIECES) this.#searchPieces(words, at - pieces, at, found)
      pieces = 0
      if (end - start < FEWEST_LETTERS) continue
      this.#searchWord(words.text, start, end, ({ entry, isLoose }) => {
        if (!isLoose) found(entry, at)
      })
    }
    if (pieces >= FEWEST_PIECES) {
      this.#searchPieces(words, words.length - pieces, words.length, found)
    }
  }

  get size(): number {
    return this.#entries.size
  }

  /** The same in the units of a word, or of pieces; for an entry that is loose, the caller decides. */
  searchUnits(
    units: Uint16Array,
    length: number,
    found: (entry: Entry, isLoose: boolean) => void,
  ): void {
    if (length < FEWEST_LETTERS) return
    let hash = 0
    for (let at = 0; at < PROBE; at++) hash = Math.imul(hash, BASE) + (units[at] ?? 0)
    hash >>>= 0
    for (let at = 0; ; at++) {
      if (this.#filter[hash >>> (32 - FILTER_BITS)] === 1) {
        for (const { text, entry, isLoose } of this.#entries.get(hash) ?? []) {
          if (at + text.length <= length && startsAt(units, text, at)) found(entry, isLoose)
        }
      }
      if (at + PROBE >= length) return
      const without = hash - Math.imul(units[at] ?? 0, this.#out)
      hash = (Math.imul(without, BASE) + (units[at + PROBE] ?? 0)) >>> 0
    }
  }

  #searchPieces(
    words: Words,
    from: number,
    to: number,
    found: (entry: Entry, at: number) => void,
  ): void {
    let text = ''
    for (let at = from; at < to; at++) text += wordAt(words, at)
    if (text.length < FEWEST_LETTERS) return
    this.#searchWord(text, 0, text.length, ({ entry }) => found(entry, from))
  }

  #searchWord(
    text: string,
    start: number,
    end: number,
    found: (glued: Glued<Entry>) => void,
  ): void {
    let hash = hashOf(text, start)
    for (let at = start; ; at++) {
      if (this.#filter[hash >>> (32 - FILTER_BITS)] === 1) {
        for (const glued of this.#entries.get(hash) ?? []) {
          if (at + glued.text.length <= end && text.startsWith(glued.text, at)) found(glued)
        }
      }
      if (at + PROBE >= end) return
      const without = hash - Math.imul(text.charCodeAt(at), this.#out)
      hash = (Math.imul(without, BASE) + text.charCodeAt(at + PROBE)) >>> 0
    }
  }
}

function startsAt(units: Uint16Array, text: string, at: number): boolean {
  for (let i = 0; i < text.length; i++) if (units[at + i] !== text.charCodeAt(i)) return false
  return true
}

function hashOf(text: string, from: number): number {
  let hash = 0
  for (let at = from; at < from + PROBE; at++) hash = Math.imul(hash, BASE) + text.charCodeAt(at)
  return hash >>> 0
}

function highestPower(): number {
  let power = 1
  for (let i = 1; i < PROBE; i++) power = Math.imul(power, BASE)
  return power
}
