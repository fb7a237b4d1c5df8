import { behindParting, decode, mayBeEscape } from './escapes.ts'
import {
  ESCAPE_UNIT,
  LETTER_UNIT,
  LONG_UNIT,
  ODD_UNIT,
  OTHER_UNIT,
  SILENT_UNIT,
  SPACE_UNIT,
  TAG_UNIT,
} from './fold-table.ts'
import { endOfTag, joinsWords, markerAt } from './markup.ts'
import { aroundPath, goesOnAsPath, pathRuns } from './path-runs.ts'
import type { ScanOptions, ScanTools } from './scan-tools.ts'
import type { TraceCollector } from './traces.ts'
import type { Place, StreamedWord, WordStream } from './word-stream.ts'
import { wordsOf } from './words.ts'

const TAG_NAME = /<(\/?)([a-z][\w:.-]*)/iy
const BACKSLASH = 92
const EQUALS = 61
/** Before and behind a text that is the whole of an element, an attribute or a string; or of an escaped one. */
const OPENS_WHOLE = new Set(Array.from('>"\'[;', (sign) => sign.charCodeAt(0)))
const CLOSES_WHOLE = new Set(Array.from('<>"\']&\\%', (sign) => sign.charCodeAt(0)))

/**
 * Finds in one pass, without taking the text apart, what evidence may stand in a layer: `splitMarkup`, `decode`,
 * `wordsOf` and the searches of `searchLayer` in one. What it cannot tell for sure it takes for evidence.
 *
 * Words of the text and words in tags are two streams. From an escape on, up to the next space, the text is decoded.
 */
export class LayerScan implements Place {
  readonly #text: string
  readonly #units: Uint16Array
  readonly #tools: ScanTools
  readonly #traces: TraceCollector
  readonly #plain: WordStream
  readonly #inside: WordStream
  readonly #word: StreamedWord
  readonly #hasTags: boolean
  /** Names of tags, which only a source may print as words. */
  readonly tagNames: Set<string> | undefined
  /** Where the tag ends that stopped the scan. */
  #tagEnd: number | undefined
  /** Whether a tag stands within a word. */
  isJoined = false

  constructor(
    text: string,
    tools: ScanTools,
    traces: TraceCollector,
    { wanted, hasTags = true, tagNames }: ScanOptions,
  ) {
    this.#text = text
    this.#tools = tools
    this.#traces = traces
    const { units, word } = tools.buffers.load(text)
    this.#units = units
    this.#word = { units: word, length: 0, first: 0, second: 0, from: 0, to: 0, lowest: 0 }
    this.#hasTags = hasTags
    this.tagNames = tagNames
    this.#plain = tools.plain
    this.#inside = tools.inside
    this.#plain.begin(traces, this, wanted)
    this.#inside.begin(traces, this, wanted)
  }

  run(): void {
    const end = this.#text.length
    let from = 0
    while (from < end) {
      const at = this.#scan(this.#plain, from, end, this.#hasTags)
      if (at === end) break
      from = this.#skipTags(from, at)
    }
    this.#plain.end()
    this.#inside.end()
  }

  isWhole(from: number, to: number): boolean {
    let at = from - 1
    for (; at >= 0; at--) {
      const unit = this.#units[at] ?? 0
      if (OPENS_WHOLE.has(unit) || unit === EQUALS) break
      // The letter of an escape: `\n`.
      if (this.#isLetter(at)) {
        if (this.#units[at - 1] !== BACKSLASH) return false
        break
      }
    }
    const isBare = at >= 0 && this.#units[at] === EQUALS
    for (let i = to; i < this.#text.length; i++) {
      if (CLOSES_WHOLE.has(this.#units[i] ?? 0)) return true
      if (isBare && this.#kindAt(i) !== LETTER_UNIT && /\s/.test(this.#text.charAt(i))) return true
      if (this.#isLetter(i)) return false
    }
    return true
  }

  readPath(from: number, to: number): void {
    this.#readPaths(aroundPath(this.#text, from, to))
  }

  #readPaths(text: string): void {
    const { evidence } = this.#tools
    for (const run of pathRuns(text)) {
      for (const clue of evidence.segmentClues(run)) this.#traces.add(clue, true)
      for (const { address } of run.addresses) {
        if (evidence.addresses.has(address)) this.#traces.add(address, true)
      }
    }
  }

  /** Scans words up to the end, or up to a tag. */
  #scan(stream: WordStream, start: number, end: number, hasTags: boolean): number {
    const units = this.#units
    const word = this.#word
    const letters = word.units
    const { kinds, folded } = this.#tools.table
    let at = start
    while (at < end) {
      let kind = kinds[units[at] ?? 0] || this.#kindAt(at)
      if (kind === OTHER_UNIT || kind === SPACE_UNIT || kind === SILENT_UNIT) {
        at++
        continue
      }
      if (kind === TAG_UNIT) {
        this.#tagEnd = hasTags ? endOfTag(this.#text, at) : undefined
        if (this.#tagEnd !== undefined) return at
        at++
        continue
      }
      const begin = at
      let length = 0
      let first = 0x811c9dc5
      let second = 0x9e3779b9
      let lowest = 0xffff
      while (kind === LETTER_UNIT || kind === SILENT_UNIT) {
        if (kind === LETTER_UNIT) {
          const unit = folded[units[at] ?? 0] ?? 0
          letters[length++] = unit
          if (unit < lowest) lowest = unit
          first = Math.imul(first ^ unit, 0x01000193)
          second = Math.imul(second ^ unit, 0x85ebca6b)
          second ^= second >>> 13
        }
        at++
        if (at === end) break
        kind = kinds[units[at] ?? 0] || this.#kindAt(at)
      }
      if (at < end && (kind === LONG_UNIT || kind === ODD_UNIT)) {
        at = this.#takeLong(stream, begin, end)
        continue
      }
      let next = at
      if (at < end && kind === ESCAPE_UNIT) {
        const behind = this.#behindEscape(at, end)
        if (behind === undefined) {
          at = this.#takeEscaped(stream, begin, end)
          continue
        }
        next = behind
      }
      if (length > 0) {
        word.length = length
        word.first = first
        word.second = second
        word.from = begin
        word.to = at
        word.lowest = lowest
        stream.take(word)
      }
      at = next
    }
    return end
  }

  /** A word with letters that are not folded one by one, up to the next sign that parts words. */
  #takeLong(stream: WordStream, begin: number, end: number): number {
    let at = begin
    for (; at < end; at++) {
      const kind = this.#kindAt(at)
      if (kind === ODD_UNIT) this.#traces.isOpaque = true
      if (kind !== LETTER_UNIT && kind !== SILENT_UNIT && kind !== LONG_UNIT && kind !== ODD_UNIT) {
        break
      }
    }
    if (at < end && this.#kindAt(at) === ESCAPE_UNIT && this.#behindEscape(at, end) === undefined) {
      return this.#takeEscaped(stream, begin, end)
    }
    this.#takeText(stream, this.#text.slice(begin, at), begin, at)
    return at
  }

  /** Decodes from a word or an escape on, up to the next space. */
  #takeEscaped(stream: WordStream, begin: number, end: number): number {
    let at = begin
    for (; at < end; at++) {
      const kind = this.#kindAt(at)
      if (kind === SPACE_UNIT || kind === TAG_UNIT) break
      if (kind === ODD_UNIT) this.#traces.isOpaque = true
    }
    const decoded = decode(this.#text.slice(begin, at))
    if (decoded.includes('\u03a3')) this.#traces.isOpaque = true
    this.#takeText(stream, decoded, -1, -1)
    // As it stands, too: a path is cut before it is decoded.
    this.#readPaths(aroundPath(this.#text, begin, at))
    return at
  }

  #takeText(stream: WordStream, text: string, from: number, to: number): void {
    const words = wordsOf(text)
    const units =
      this.#word.units.length < words.text.length
        ? new Uint16Array(words.text.length)
        : this.#word.units
    for (let i = 0; i < words.length; i++) {
      const start = words.start[i] ?? 0
      const length = (words.end[i] ?? 0) - start
      let lowest = 0xffff
      for (let at = 0; at < length; at++) {
        const unit = words.text.charCodeAt(start + at)
        units[at] = unit
        if (unit < lowest) lowest = unit
      }
      const [first = 0, second = 0] = [words.first[i], words.second[i]]
      const word: StreamedWord = { units, length, first, second, from, to, lowest }
      stream.take(word)
    }
  }

  /** The offset behind a sign that begins no escape, or one that parts words; `undefined` for any other. */
  #behindEscape(at: number, end: number): number | undefined {
    const behind = behindParting(this.#text, at)
    if (behind !== undefined && behind <= end) {
      const isLetter = this.#units[at] === BACKSLASH && this.#isLetter(at + 1)
      return isLetter && goesOnAsPath(this.#text, at + 1) ? undefined : behind
    }
    if (mayBeEscape(this.#text, at)) return undefined
    // What begins none may still be part of one, when others are undone.
    for (let i = at + 1; i < end; i++) {
      const kind = this.#kindAt(i)
      if (kind === SPACE_UNIT || kind === TAG_UNIT) break
      if (kind === ESCAPE_UNIT) return undefined
    }
    return at + 1
  }

  /** Reads tags up to the next text; what stands in them is a stream of its own. */
  #skipTags(textFrom: number, tagsFrom: number): number {
    let at = tagsFrom
    for (let end = this.#tagEnd; end !== undefined; end = endOfTag(this.#text, at)) {
      if (markerAt(this.#text, at) !== undefined) this.#passMarker(textFrom, at, end)
      else this.#scanTag(at, end)
      at = end
      if (this.#units[at] !== 60 || at >= this.#text.length) break
    }
    const mayJoin = tagsFrom > textFrom && this.#mayBeLetter(tagsFrom - 1) && this.#mayBeLetter(at)
    if (mayJoin && joinsWords(this.#text.slice(tagsFrom, at))) this.isJoined = true
    return at
  }

  #scanTag(at: number, end: number): void {
    TAG_NAME.lastIndex = at
    const [tag, slash, name = ''] = TAG_NAME.exec(this.#text) ?? []
    if (tag === undefined) {
      this.#scan(this.#inside, at + 1, end, false)
      return
    }
    this.tagNames?.add(name)
    if (slash === '') this.#scan(this.#inside, at + tag.length, end, false)
    else if (this.#text.slice(at + tag.length, end).trim() !== '>') this.#traces.isOpaque = true
  }

  /** Nothing parts what stands before and behind a marker. */
  #passMarker(textFrom: number, at: number, end: number): void {
    const isApart = at === textFrom || this.#kindAt(at - 1) === SPACE_UNIT
    const next = end < this.#text.length ? this.#kindAt(end) : SPACE_UNIT
    if (isApart || next === SPACE_UNIT) return
    for (let i = at - 1; i >= textFrom && this.#kindAt(i) !== SPACE_UNIT; i--) {
      if (i === at - 1 ? this.#isLetter(i) : false) this.#traces.isOpaque = true
      if (this.#kindAt(i) === ESCAPE_UNIT) this.#traces.isOpaque = true
    }
  }

  #kindAt(at: number): number {
    return this.#tools.table.kindOf(this.#units[at] ?? 0)
  }

  #mayBeLetter(at: number): boolean {
    return this.#isLetter(at) || /[\p{L}\p{N}]/u.test(this.#text.charAt(at))
  }

  #isLetter(at: number): boolean {
    if (at >= this.#text.length) return false
    const kind = this.#kindAt(at)
    return kind === LETTER_UNIT || kind === LONG_UNIT || kind === ODD_UNIT
  }
}
