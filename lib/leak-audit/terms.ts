import { lineOfWord, type Words } from './words.ts'

/** Fewer words in common are an accident. */
const FEWEST_TERMS = 6
const SHARE = 0.6
/** Of a long post, this many words that no public source has are enough. */
const ENOUGH_TERMS = 40
const FILTER_BITS = 16

/**
 * Words that only a private post has, by their first letters: an index of search keeps words without
 * their endings, each once, and in an order of its own.
 */
export class TermIndex {
  readonly #posts = new Map<number, Set<string>>()
  readonly #filter = new Uint8Array(2 ** FILTER_BITS)
  #needed: ReadonlyMap<string, number> | undefined

  add(words: Words, post: string): void {
    for (let at = 0; at < words.length; at++) {
      const length = lengthOf(words, at)
      if (length < 4) continue
      const key = prefixKey(words, at, length > 5 ? 5 : 4)
      if (key === undefined) continue
      const posts = this.#posts.get(key) ?? new Set()
      this.#posts.set(key, posts.add(post))
      this.#filter[key >>> (32 - FILTER_BITS)] = 1
    }
  }

  /** A public source has these words. */
  explain(words: Words): void {
    if (this.#posts.size === 0) return
    this.#search(words, (key) => this.#posts.delete(key))
  }

  /** Whether enough words of a post are left to tell it by them. */
  has(post: string): boolean {
    return this.#count().has(post)
  }

  /** Calls `found` for each post most of whose own words are in a text. */
  search(words: Words, found: (post: string, line: number) => void): void {
    const needed = this.#count()
    if (needed.size === 0) return
    const seen = new Map<string, { readonly keys: Set<number>; readonly first: number }>()
    this.#search(words, (key, at) => {
      for (const post of this.#posts.get(key) ?? []) {
        const one = seen.get(post) ?? { keys: new Set(), first: at }
        one.keys.add(key)
        seen.set(post, one)
      }
    })
    for (const [post, { keys, first }] of seen) {
      if (keys.size >= (needed.get(post) ?? Infinity)) found(post, lineOfWord(words, first))
    }
  }

  get size(): number {
    return this.#posts.size
  }

  /** Adds the keys of a word in units to `keys`. */
  lookUp(units: Uint16Array, length: number, keys: Set<number>): void {
    let hash4 = 4
    let hash5 = 5
    for (let at = 0; at < 4; at++) {
      const unit = units[at] ?? 0
      if (unit >= 48 && unit <= 57) return
      hash4 = Math.imul(hash4 ^ unit, 0x01000193)
      hash4 ^= hash4 >>> 15
      hash5 = Math.imul(hash5 ^ unit, 0x01000193)
      hash5 ^= hash5 >>> 15
    }
    if (length < 7) this.#lookUpKey(hash4 >>> 0, keys)
    const unit = units[4] ?? 0
    if (length === 4 || (unit >= 48 && unit <= 57)) return
    hash5 = Math.imul(hash5 ^ unit, 0x01000193)
    this.#lookUpKey((hash5 ^ (hash5 >>> 15)) >>> 0, keys)
  }

  #lookUpKey(key: number, keys: Set<number>): void {
    if (this.#filter[key >>> (32 - FILTER_BITS)] === 1 && this.#posts.has(key)) keys.add(key)
  }

  /** Whether words with such keys are most of a post's own. */
  mayTell(keys: ReadonlySet<number>): boolean {
    const needed = keys.size < FEWEST_TERMS ? undefined : this.#count()
    if (needed === undefined || needed.size === 0) return false
    const counts = new Map<string, number>()
    for (const key of keys) {
      for (const post of this.#posts.get(key) ?? []) counts.set(post, (counts.get(post) ?? 0) + 1)
    }
    return [...counts].some(([post, count]) => count >= (needed.get(post) ?? Infinity))
  }

  /** A public source has words with these keys. */
  explainKeys(keys: Iterable<number>): void {
    for (const key of keys) this.#posts.delete(key)
  }

  /** How many words of each post have to be in one file. */
  #count(): ReadonlyMap<string, number> {
    if (this.#needed) return this.#needed
    const counts = new Map<string, number>()
    for (const posts of this.#posts.values()) {
      for (const post of posts) counts.set(post, (counts.get(post) ?? 0) + 1)
    }
    const needed = [...counts]
      .filter(([, count]) => count >= FEWEST_TERMS)
      .map(([post, count]) => {
        const share = Math.max(FEWEST_TERMS, Math.ceil(count * SHARE))
        return [post, Math.min(share, ENOUGH_TERMS)] as const
      })
    return (this.#needed = new Map(needed))
  }

  #search(words: Words, found: (key: number, at: number) => void): void {
    for (let at = 0; at < words.length; at++) {
      const length = lengthOf(words, at)
      if (length < 4) continue
      if (length < 7) this.#look(words, at, 4, found)
      if (length > 4) this.#look(words, at, 5, found)
    }
  }

  #look(words: Words, at: number, letters: number, found: (key: number, at: number) => void): void {
    const key = prefixKey(words, at, letters)
    if (key === undefined || this.#filter[key >>> (32 - FILTER_BITS)] === 0) return
    if (this.#posts.has(key)) found(key, at)
  }
}

function lengthOf({ start, end }: Words, at: number): number {
  return (end[at] ?? 0) - (start[at] ?? 0)
}

/** `undefined` for what begins like a number. */
function prefixKey({ text, start }: Words, at: number, letters: number): number | undefined {
  const from = start[at] ?? 0
  let hash = letters
  for (let i = from; i < from + letters; i++) {
    const code = text.charCodeAt(i)
    if (code >= 48 && code <= 57) return undefined
    hash = Math.imul(hash ^ code, 0x01000193)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}
