import { windowKey, type Words } from './words.ts'

/** Shorter runs are idioms; longer ones would miss sentences. */
export const SENTENCE_WORDS = 8
/** 2 MB of bits: with half a million windows in it, 97 of 100 questions end here. */
const FILTER_BITS = 24

/** Runs of eight words, each with the post that it is from. */
export class WindowIndex {
  readonly #posts = new Map<number, string>()
  readonly #filter = new Uint8Array(2 ** (FILTER_BITS - 3))

  /** The first post that has a run keeps it. */
  add(words: Words, at: number, post: string): void {
    const key = windowKey(words, at, SENTENCE_WORDS)
    if (this.#posts.has(key)) return
    this.#posts.set(key, post)
    const bit = bitOf(words, at)
    this.#filter[bit >>> 3] = (this.#filter[bit >>> 3] ?? 0) | (1 << (bit & 7))
  }

  /** Posts that have any run left. */
  posts(): Set<string> {
    return new Set(this.#posts.values())
  }

  /** The key of a run that a post has. */
  find(words: Words, at: number): number | undefined {
    const key = this.#mayHave(words, at) ? windowKey(words, at, SENTENCE_WORDS) : undefined
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
    const bit = bitOf(words, at)
    return ((this.#filter[bit >>> 3] ?? 0) & (1 << (bit & 7))) !== 0
  }
}

/** Three of the eight words are enough for the first question. */
function bitOf({ first }: Words, at: number): number {
  let hash = Math.imul(first[at] ?? 0, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15) ^ (first[at + 3] ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 15) ^ (first[at + SENTENCE_WORDS - 1] ?? 0), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> (32 - FILTER_BITS)
}
