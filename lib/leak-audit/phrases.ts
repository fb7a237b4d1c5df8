import { wordKey, type Words } from './words.ts'

interface Node<Entry> {
  readonly next: Map<number, Node<Entry>>
  readonly entries: Entry[]
}

/** Finds any of thousands of phrases in one walk over the words of a text. */
export class PhraseIndex<Entry> {
  readonly #root: Node<Entry> = createNode()
  /** By 16 bits of its hash: whether any phrase may begin with a word. */
  readonly #starts = new Uint8Array(2 ** 16)

  add(phrase: Words, entry: Entry): void {
    let node = this.#root
    this.#starts[startOf(phrase, 0)] = 1
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
  return (first[at] ?? 0) & 0xffff
}

function createNode<Entry>(): Node<Entry> {
  return { next: new Map(), entries: [] }
}
