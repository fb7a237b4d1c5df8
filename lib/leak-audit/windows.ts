import { windowKey, windowKeyInRing, type Words } from './words.ts'

/** Shorter runs are idioms; longer ones would miss sentences. */
export const SENTENCE_WORDS = 8
const LAST = SENTENCE_WORDS - 1
/** 2 MB of bits: with half a million windows in it, 97 of 100 questions end here. */
const FILTER_BITS = 24
/** Words of a piece: whichever five words of a row are asked, one begins a piece that lies within the run. */
const PIECE_WORDS = 4
export const PIECE_STEP = SENTENCE_WORDS - PIECE_WORDS + 1
const PIECE_BITS = 22

/** Runs of eight words, each with the post that it is from. */
export class WindowIndex {
  readonly #posts = new Map<number, string>()
  readonly #filter = new Uint8Array(2 ** (FILTER_BITS - 3))
  /** Of runs of four words within these. */
  readonly #pieces = new Uint8Array(2 ** (PIECE_BITS - 3))

  /** The first post that has a run keeps it. */
  add(words: Words, at: number, post: string): void {
    const key = windowKey(words, at, SENTENCE_WORDS)
    if (this.#posts.has(key)) return
    this.#posts.set(key, post)
    const bit = bitOf(words, at)
    setBit(this.#filter, bit)
    for (let i = at; i < at + PIECE_STEP; i++) {
      const { first } = words
      setBit(this.#pieces, bitOfPiece(first[i] ?? 0, first[i + 1] ?? 0, first[i + 3] ?? 0))
    }
  }

  /** Posts that have any run left, those of some keys apart. */
  posts(except?: ReadonlySet<number>): Set<string> {
    const posts = new Set<string>()
    for (const [key, post] of this.#posts) if (except?.has(key) !== true) posts.add(post)
    return posts
  }

  /** The keys of the runs that some posts have. */
  keysOf(posts: ReadonlySet<string>): number[] {
    return [...this.#posts].flatMap(([key, post]) => (posts.has(post) ? key : []))
  }

  /** The key of a run that a post has. */
  find(words: Words, at: number): number | undefined {
    const key = this.#mayHave(words, at) ? windowKey(words, at, SENTENCE_WORDS) : undefined
    return key !== undefined && this.#posts.has(key) ? key : undefined
  }

  /** Whether a post has the run of that key, and no public source. */
  has(key: number): boolean {
    return this.#posts.has(key)
  }

  /** Whether the last four words in a ring of hashes may be part of a run. */
  mayHavePiece(first: Int32Array, last: number): boolean {
    const bit = bitOfPiece(
      first[(last - 3) & LAST] ?? 0,
      first[(last - 2) & LAST] ?? 0,
      first[last & LAST] ?? 0,
    )
    return hasBit(this.#pieces, bit)
  }

  /** The key of a run whose words' hashes lie in a ring, the oldest of them at `oldest`. */
  findIn(first: Int32Array, second: Int32Array, oldest: number): number | undefined {
    const bit = bitOfHashes(
      first[oldest] ?? 0,
      first[(oldest + 3) & LAST] ?? 0,
      first[(oldest + LAST) & LAST] ?? 0,
    )
    const key = hasBit(this.#filter, bit) ? windowKeyInRing(first, second, oldest) : undefined
    return key !== undefined && this.#posts.has(key) ? key : undefined
  }

  delete(key: number): void {
    this.#posts.delete(key)
  }

  get(words: Words, at: number): string | undefined {
    const key = this.find(words, at)
    return key === undefined ? undefined : this.#posts.get(key)
  }

  #mayHave(words: Words, at: number): boolean {
    if (at + SENTENCE_WORDS > words.length) return false
    return hasBit(this.#filter, bitOf(words, at))
  }
}

/** Three of the eight words are enough for the first question. */
function bitOf({ first }: Words, at: number): number {
  return bitOfHashes(first[at] ?? 0, first[at + 3] ?? 0, first[at + SENTENCE_WORDS - 1] ?? 0)
}

function bitOfHashes(one: number, other: number, last: number): number {
  let hash = Math.imul(one, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15) ^ other, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15) ^ last, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> (32 - FILTER_BITS)
}

function bitOfPiece(one: number, other: number, last: number): number {
  let hash = Math.imul(one, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15) ^ other, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15) ^ last, 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> (32 - PIECE_BITS)
}

function setBit(bits: Uint8Array, bit: number): void {
  bits[bit >>> 3] = (bits[bit >>> 3] ?? 0) | (1 << (bit & 7))
}

function hasBit(bits: Uint8Array, bit: number): boolean {
  return ((bits[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0
}
