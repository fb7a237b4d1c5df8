import type { Words } from './words.ts'

/** "Dinner party" without its space has eleven letters; shorter ones stand within other words. */
const FEWEST_LETTERS = 9
/** Letters that are compared first. */
const PROBE = 8
const FILTER_BITS = 16
const BASE = 0x01000193

/** Phrases whose words were run together: `DinnerParty.pdf`, `ourdinnerparty`. */
export class GluedIndex<Entry> {
  readonly #entries = new Map<number, { readonly text: string; readonly entry: Entry }[]>()
  readonly #filter = new Uint8Array(2 ** FILTER_BITS)
  readonly #out = highestPower()

  /** @param text Folded, without anything but letters and digits. */
  add(text: string, entry: Entry): void {
    if (text.length < FEWEST_LETTERS) return
    const hash = hashOf(text, 0)
    const same = this.#entries.get(hash) ?? []
    same.push({ text, entry })
    this.#entries.set(hash, same)
    this.#filter[hash >>> (32 - FILTER_BITS)] = 1
  }

  /** Calls `found` for each phrase within a word, with the number of the word. */
  search(words: Words, found: (entry: Entry, at: number) => void): void {
    if (this.#entries.size === 0) return
    for (let at = 0; at < words.length; at++) {
      const start = words.start[at] ?? 0
      const end = words.end[at] ?? 0
      if (end - start >= FEWEST_LETTERS) {
        this.#searchWord(words.text, start, end, (entry) => found(entry, at))
      }
    }
  }

  #searchWord(text: string, start: number, end: number, found: (entry: Entry) => void): void {
    let hash = hashOf(text, start)
    for (let at = start; ; at++) {
      if (this.#filter[hash >>> (32 - FILTER_BITS)] === 1) {
        for (const { text: glued, entry } of this.#entries.get(hash) ?? []) {
          if (at + glued.length <= end && text.startsWith(glued, at)) found(entry)
        }
      }
      if (at + PROBE >= end) return
      const without = hash - Math.imul(text.charCodeAt(at), this.#out)
      hash = (Math.imul(without, BASE) + text.charCodeAt(at + PROBE)) >>> 0
    }
  }
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
