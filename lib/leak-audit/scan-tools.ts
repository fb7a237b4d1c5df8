import type { Evidence } from './evidence.ts'
import type { FoldTable } from './fold-table.ts'
import type { Wanted, WordStream } from './word-stream.ts'

/** What the scan of one layer looks with. */
export interface ScanTools {
  readonly evidence: Evidence
  readonly table: FoldTable
  /** Words of the text, and words in tags. One scan at a time uses them. */
  readonly plain: WordStream
  readonly inside: WordStream
  /** Room for a text. */
  readonly buffers: ScanBuffers
}

export interface ScanOptions {
  readonly wanted: Wanted
  /** Whether there is markup in the text. */
  readonly hasTags?: boolean
  /** Collects the names of tags: of a source, these may become words. */
  readonly tagNames?: Set<string>
}

/** Memory that each scan uses again. */
export class ScanBuffers {
  #units = new Uint16Array(2 ** 16)
  #word = new Uint16Array(2 ** 16)

  /** The text in units of UTF-16, and room for any word of it. */
  load(text: string): { readonly units: Uint16Array; readonly word: Uint16Array } {
    if (text.length > this.#units.length) {
      this.#units = new Uint16Array(2 * text.length)
      this.#word = new Uint16Array(2 * text.length)
    }
    Buffer.from(this.#units.buffer).write(text, 'utf16le')
    return { units: this.#units, word: this.#word }
  }
}
