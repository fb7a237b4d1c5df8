import { phraseKey } from './words.ts'

/** Runs of a site's navigation come back on every page. */
const REMEMBERED = 50_000

/** What segments of paths would name a post. */
export class SegmentIndex<Entry> {
  readonly #entries = new Map<number, Entry[]>()
  readonly #found = new Map<string, readonly Entry[]>()
  /** Longest of these segments. */
  longest = 0

  add(segment: string, entry: Entry): void {
    const key = phraseKey(segment)
    if (key === undefined) return
    const entries = this.#entries.get(key) ?? []
    entries.push(entry)
    this.#entries.set(key, entries)
    this.longest = Math.max(this.longest, segment.length)
  }

  find(segments: readonly string[]): readonly Entry[] {
    return segments.flatMap((segment) => {
      if (segment.length > 2 * this.longest) return []
      const known = this.#found.get(segment)
      if (known !== undefined) return known
      const key = phraseKey(segment)
      const entries = (key === undefined ? undefined : this.#entries.get(key)) ?? []
      if (this.#found.size > REMEMBERED) this.#found.clear()
      this.#found.set(segment, entries)
      return entries
    })
  }
}
