import type { Clue } from './clue.ts'
import type { Evidence } from './evidence.ts'
import type { PhraseIndex, PhraseNode } from './phrases.ts'
import { TraceCollector } from './traces.ts'
import { PIECE_STEP, SENTENCE_WORDS } from './windows.ts'
import { toKey } from './words.ts'

/** What is asked about a word where it stands in the text. */
export interface Place {
  /** Whether a phrase may be all that stands there: an element, an attribute, a string. */
  isWhole(from: number, to: number): boolean
  /** Looks at the path that a word is part of. */
  readPath(from: number, to: number): void
}

/** A word as it came out of the text. The same object may serve for the next one. */
export interface StreamedWord {
  /** Units of the folded word, from 0 on. */
  units: Uint16Array
  length: number
  first: number
  second: number
  /** Where it stands in the text; -1 for one that an escape is part of. */
  from: number
  to: number
  /** The smallest of its units: a digit, if it has any. */
  lowest: number
}

interface Begun<Entry> {
  readonly node: PhraseNode<Entry>
  readonly from: number
}

/** What is looked for: the words of an index alone, or everything but these, or both. */
export interface Wanted {
  readonly terms: boolean
  readonly all: boolean
}

const LAST = SENTENCE_WORDS - 1
const NONE: readonly never[] = []
const DIGIT_9 = 57
const DIGIT_0 = 48
const NINE_DIGITS = 1e9
const LONGEST_PIECE = 2
const FEWEST_PIECES = 5

/** Looks for evidence in words that come one after the other, without keeping them. */
export class WordStream {
  readonly #evidence: Evidence
  #traces = new TraceCollector()
  #place: Place | undefined
  #wantsTerms = false
  #wantsAll = false
  readonly #hasDigits: boolean
  readonly #hasGlued: boolean
  readonly #first = new Int32Array(SENTENCE_WORDS)
  readonly #second = new Int32Array(SENTENCE_WORDS)
  readonly #from = new Int32Array(SENTENCE_WORDS)
  #count = 0
  /** Words until the next piece of a run is looked at. */
  #untilPiece = PIECE_STEP
  /** Words at whose end a run may end. */
  #watched = 0
  #phrases: readonly Begun<Clue>[] = NONE
  #paths: readonly Begun<Clue | string>[] = NONE
  #pieces = new Uint16Array(64)
  #pieceCount = 0
  #pieceUnits = 0
  #digits = 0
  #number = 0
  #group = 0

  constructor(evidence: Evidence) {
    this.#evidence = evidence
    this.#hasDigits = evidence.numbers.size > 0 || evidence.places.size > 0
    this.#hasGlued = evidence.glued.size > 0
  }

  /** Another text begins. */
  begin(traces: TraceCollector, place: Place, { terms, all }: Wanted): void {
    this.#traces = traces
    this.#place = place
    this.#wantsTerms = terms
    this.#wantsAll = all
    this.#count = 0
    this.#untilPiece = PIECE_STEP
    this.#watched = 0
    this.#phrases = NONE
    this.#paths = NONE
    this.#pieceCount = 0
    this.#pieceUnits = 0
    this.#digits = 0
  }

  take(word: StreamedWord): void {
    if (this.#wantsTerms && word.length > 3) {
      this.#evidence.terms.lookUp(word.units, word.length, this.#traces.terms)
    }
    if (!this.#wantsAll) return
    const at = this.#count++ & LAST
    this.#first[at] = word.first
    this.#second[at] = word.second
    this.#from[at] = word.from
    this.#takeRun(at)
    this.#takePhrases(word)
    if (this.#hasGlued) this.#takeGlued(word)
    if (this.#hasDigits) this.#takeDigits(word)
  }

  /** The text ends. */
  end(): void {
    this.#endPieces()
  }

  /** Of five words in a row, one begins a piece of any run that is there: only around it a run is looked for. */
  #takeRun(at: number): void {
    if (--this.#untilPiece === 0) {
      this.#untilPiece = PIECE_STEP
      if (this.#evidence.windows.mayHavePiece(this.#first, at)) this.#watched = PIECE_STEP
    }
    if (this.#watched === 0) return
    this.#watched--
    if (this.#count < SENTENCE_WORDS) return
    const key = this.#evidence.windows.findIn(this.#first, this.#second, (at + 1) & LAST)
    if (key !== undefined) this.#traces.add(key, true)
  }

  #takePhrases(word: StreamedWord): void {
    const { beginnings, phrases, paths } = this.#evidence
    const isLone = beginnings.mayBe(word.first)
    const before = this.#first[(this.#count - 2) & LAST] ?? 0
    const isPair = this.#count > 1 && beginnings.mayBeginWith(before, word.first)
    if (isLone || isPair || this.#phrases.length > 0) {
      this.#phrases = this.#follow(phrases, this.#phrases, word, isPair, this.#foundPhrase)
    }
    if (isLone || isPair || this.#paths.length > 0) {
      this.#paths = this.#follow(paths, this.#paths, word, isPair, this.#foundPath)
    }
  }

  #follow<Entry>(
    index: PhraseIndex<Entry>,
    begun: readonly Begun<Entry>[],
    word: StreamedWord,
    isPair: boolean,
    found: (entry: Entry, from: number, to: number) => void,
  ): readonly Begun<Entry>[] {
    const key = toKey(word.first, word.second)
    const kept: Begun<Entry>[] = []
    for (const { node, from } of begun) this.#step(node.next.get(key), from, word, found, kept)
    if (isPair) {
      const before = (this.#count - 2) & LAST
      const start = index.begin(toKey(this.#first[before] ?? 0, this.#second[before] ?? 0))
      this.#step(start?.next.get(key), this.#from[before] ?? -1, word, found, kept)
    }
    for (const entry of index.begin(key)?.entries ?? NONE) found(entry, word.from, word.to)
    return kept.length === 0 ? NONE : kept
  }

  #step<Entry>(
    node: PhraseNode<Entry> | undefined,
    from: number,
    word: StreamedWord,
    found: (entry: Entry, from: number, to: number) => void,
    kept: Begun<Entry>[],
  ): void {
    if (node === undefined) return
    // Of a word in an escape, nobody knows where the phrase begins or ends.
    const isPlaced = from >= 0 && word.to >= 0
    for (const entry of node.entries) found(entry, isPlaced ? from : -1, word.to)
    if (node.next.size > 0) kept.push({ node, from })
  }

  readonly #foundPhrase = (clue: Clue, from: number, to: number): void => {
    this.#traces.add(clue, !clue.isWhole || from === -1 || this.#place?.isWhole(from, to) !== false)
  }

  readonly #foundPath = (trace: Clue | string, from: number, to: number): void => {
    this.#traces.add(trace, false)
    if (from !== -1) this.#place?.readPath(from, to)
  }

  readonly #foundGlued = (clue: Clue, isLoose: boolean): void => {
    if (!isLoose) this.#traces.add(clue, true)
  }

  readonly #foundApart = (clue: Clue): void => this.#traces.add(clue, true)

  #takeGlued({ units, length }: StreamedWord): void {
    if (length > LONGEST_PIECE) {
      if (this.#pieceCount > 0) this.#endPieces()
      this.#evidence.glued.searchUnits(units, length, this.#foundGlued)
      return
    }
    this.#pieceCount++
    if (this.#pieceUnits + length > this.#pieces.length) {
      const longer = new Uint16Array(2 * this.#pieces.length)
      longer.set(this.#pieces)
      this.#pieces = longer
    }
    for (let at = 0; at < length; at++) this.#pieces[this.#pieceUnits++] = units[at] ?? 0
  }

  #endPieces(): void {
    if (this.#pieceCount >= FEWEST_PIECES) {
      this.#evidence.glued.searchUnits(this.#pieces, this.#pieceUnits, this.#foundApart)
    }
    this.#pieceCount = 0
    this.#pieceUnits = 0
  }

  /** Whatever stands between two groups of digits may be part of a number, letters excepted. */
  #takeDigits({ units, length, lowest }: StreamedWord): void {
    if (lowest > DIGIT_9) {
      this.#digits = 0
      return
    }
    let isWithin = false
    for (let at = 0; at < length; at++) {
      const digit = (units[at] ?? 0) - DIGIT_0
      const isDigit = digit >= 0 && digit <= DIGIT_9 - DIGIT_0
      if (!isDigit) {
        if (isWithin) this.#endGroup()
        this.#digits = 0
      } else {
        if (!isWithin) this.#beginGroup()
        this.#number = this.#digits === 0 ? digit : (this.#number * 10 + digit) % NINE_DIGITS
        this.#group = Math.min(this.#group * 10 + digit, NINE_DIGITS)
        this.#digits++
      }
      isWithin = isDigit
    }
    if (isWithin) this.#endGroup()
  }

  #beginGroup(): void {
    if (this.#digits > 0 && this.#evidence.places.isDegree(this.#group)) {
      this.#traces.degrees.add(this.#group)
    }
    this.#group = 0
  }

  #endGroup(): void {
    for (const clue of this.#evidence.numbers.endingWith(this.#number, this.#digits)) {
      this.#traces.add(clue, true)
    }
  }
}
