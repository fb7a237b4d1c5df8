import { SENTENCE_WORDS, type WindowIndex } from './windows.ts'
import { windowKey, wordKey, type Words } from './words.ts'

const FILTER_BITS = 18

/**
 * Runs of eight words across an edge: the end of a heading and what stands below it, the words on both
 * sides of a picture. A public source may have both sides in another order: then its page has the same
 * run by accident. Such a run is evidence only as long as some pair of words in it is nowhere public.
 */
export class EdgeRuns {
  readonly #runs: { readonly words: Words; readonly at: number }[] = []
  /** Words, and pairs of words, by whether a public source has them. */
  readonly #known = new Map<number, boolean>()
  readonly #filter = new Uint8Array(2 ** FILTER_BITS)
  #keys: ReadonlySet<number> | undefined

  add(words: Words, at: number): void {
    this.#runs.push({ words, at })
    for (const { key, hash } of pieces(words, at)) {
      this.#known.set(key, false)
      this.#filter[hash] = 1
    }
  }

  /** The keys of these runs. */
  keys(): ReadonlySet<number> {
    this.#keys ??= new Set(this.#runs.map(({ words, at }) => windowKey(words, at, SENTENCE_WORDS)))
    return this.#keys
  }

  explain(words: Words): void {
    if (this.#known.size === 0) return
    for (let at = 0; at < words.length; at++) {
      if (this.#filter[hashOf(words, at, 1)] === 1) this.#mark(keyOf(words, at, 1))
      if (at + 1 < words.length && this.#filter[hashOf(words, at, 2)] === 1) {
        this.#mark(keyOf(words, at, 2))
      }
    }
  }

  /** Takes out of the evidence what is put together of public pieces. */
  settle(windows: WindowIndex): void {
    for (const { words, at } of this.#runs) {
      if (pieces(words, at).every(({ key }) => this.#known.get(key)))
        windows.delete(windowKey(words, at, SENTENCE_WORDS))
    }
    this.#runs.length = 0
    this.#keys = new Set()
    this.#known.clear()
  }

  #mark(key: number): void {
    if (this.#known.get(key) === false) this.#known.set(key, true)
  }
}

interface Piece {
  readonly key: number
  readonly hash: number
}

/** The pairs of neighbours within one block; a word that stands alone there by itself. */
function pieces(words: Words, from: number): Piece[] {
  const found: Piece[] = []
  const to = from + SENTENCE_WORDS
  const isSame = (one: number, other: number) => words.block[one] === words.block[other]
  const add = (at: number, count: 1 | 2) =>
    found.push({ key: keyOf(words, at, count), hash: hashOf(words, at, count) })
  for (let at = from; at < to; at++) {
    const hasBefore = at > from && isSame(at - 1, at)
    const hasBehind = at + 1 < to && isSame(at, at + 1)
    if (hasBehind) add(at, 2)
    else if (!hasBefore) add(at, 1)
  }
  return found
}

function keyOf(words: Words, at: number, count: 1 | 2): number {
  return count === 1 ? wordKey(words, at) : windowKey(words, at, 2)
}

/** A few bits of one half of each word: most questions end with them. */
function hashOf({ first }: Words, at: number, count: 1 | 2): number {
  const one = first[at] ?? 0
  const hash = count === 1 ? one : Math.imul(one, 0x01000193) ^ (first[at + 1] ?? 0)
  return (hash ^ (hash >>> 15)) & (2 ** FILTER_BITS - 1)
}
