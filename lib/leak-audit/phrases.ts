import { wordKey, type Words } from './words.ts'

/** Phrases that have begun, at one of their words. */
export interface PhraseNode<Entry> {
  readonly next: ReadonlyMap<number, PhraseNode<Entry>>
  readonly entries: Entry[]
}

interface Node<Entry> extends PhraseNode<Entry> {
  readonly next: Map<number, Node<Entry>>
}

const START_BITS = 16
const PAIR_BITS = 17

/** How phrases of one or several indexes begin: to be asked first, because of most words none does. */
export class PhraseBeginnings {
  readonly #lone = new Uint8Array(2 ** PAIR_BITS)
  readonly #pairs = new Uint8Array(2 ** PAIR_BITS)

  add({ first: [first = 0, next] }: Words): void {
    if (next === undefined) this.#lone[first & (2 ** PAIR_BITS - 1)] = 1
    else this.#pairs[pairOf(first, next)] = 1
  }

  /** Whether a word may be a whole phrase, by the first half of its hash. */
  mayBe(first: number): boolean {
    return this.#lone[first & (2 ** PAIR_BITS - 1)] === 1
  }

  /** Whether a longer phrase may begin with two words. */
  mayBeginWith(first: number, next: number): boolean {
    return this.#pairs[pairOf(first, next)] === 1
  }
}

/** Finds any of thousands of phrases in one walk over the words of a text. */
export class PhraseIndex<Entry> {
  readonly #root: Node<Entry> = createNode()
  /** By 16 bits of its hash: whether any phrase may begin with a word. */
  readonly #starts = new Uint8Array(2 ** START_BITS)
  readonly #beginnings: PhraseBeginnings

  constructor(beginnings = new PhraseBeginnings()) {
    this.#beginnings = beginnings
  }

  add(phrase: Words, entry: Entry): void {
    let node = this.#root
    this.#starts[startOf(phrase, 0)] = 1
    this.#beginnings.add(phrase)
    for (let at = 0; at < phrase.length; at++) {
      const key = wordKey(phrase, at)
      const next = node.next.get(key) ?? createNode<Entry>()
      node.next.set(key, next)
      node = next
    }
    if (node !== this.#root) node.entries.push(entry)
  }

  /** Whether any phrase may begin at word `at`: to be asked first, because of most words none does. */
  mayBegin(words: Words, at: number): boolean {
    return this.#starts[startOf(words, at)] === 1
  }

  /** The phrases that begin with the word of a key. */
  begin(key: number): PhraseNode<Entry> | undefined {
    return this.#root.next.get(key)
  }

  /** Calls `found` for each phrase that begins at word `at`, with the word behind its last. */
  matchAt(words: Words, at: number, found: (entry: Entry, end: number) => void): void {
    if (!this.mayBegin(words, at)) return
    let node = this.#root
    for (let i = at; i < words.length; i++) {
      const next = node.next.get(wordKey(words, i))
      if (next === undefined) return
      node = next
      for (const entry of node.entries) found(entry, i + 1)
    }
  }

  /** Calls `found` for each phrase that is the whole text. */
  matchWhole(words: Words, found: (entry: Entry) => void): void {
    this.matchAt(words, 0, (entry, end) => {
      if (end === words.length) found(entry)
    })
  }
}

function startOf({ first }: Words, at: number): number {
  return (first[at] ?? 0) & (2 ** START_BITS - 1)
}

function pairOf(first: number, next: number): number {
  const hash = Math.imul(Math.imul(first, 0x01000193) ^ next, 0x85ebca6b)
  return (hash ^ (hash >>> 15)) & (2 ** PAIR_BITS - 1)
}

function createNode<Entry>(): Node<Entry> {
  return { next: new Map(), entries: [] }
}
