/**
 * The first look at every file: what of the evidence it may have. Of nearly all files that is nothing, and the full
 * search (text-search.ts) need not read them.
 *
 * It reads each text once, letter by letter, and keeps none of it. It sees no less than the full search, in whatever
 * spelling that undoes: what it cannot read is opaque, and is searched.
 *
 * 1. {@link Sieve} – the layers of a text, and the texts packed within it
 * 2. `LayerScan` (layer-scan.ts) – markup, escapes and words of one layer; letters by fold-table.ts
 * 3. `WordStream` (word-stream.ts) – the evidence in a row of words
 * 4. `Traces` (traces.ts) – what was seen
 *
 * @module
 */
import { layersOf } from './escapes.ts'
import type { Evidence } from './evidence.ts'
import { FoldTable } from './fold-table.ts'
import { LayerScan } from './layer-scan.ts'
import { splitMarkup } from './markup.ts'
import { looksNested } from './nested-terms.ts'
import { packedTexts } from './packed-text.ts'
import { rewrittenTexts } from './rewritten-text.ts'
import { ScanBuffers, type ScanOptions, type ScanTools } from './scan-tools.ts'
import { PACKED_WITHIN_PACKED } from './text-search.ts'
import { TraceCollector, type Traces } from './traces.ts'
import { WordStream, type Wanted } from './word-stream.ts'

/** What a source loses on its way to the page, where it parts words no more then. */
const JOINING =
  /(?:\[\^[^\]\n]+\]:?|\{[.#][^{}\n]*\})(?=[\p{L}\p{N}#;&\\%<]|[^\x00-\x7f])|^[ \t]*>[ \t>]*\d{1,9}[.)][ \t]/mu

const TERMS: Wanted = { terms: true, all: false }
const ALL: Wanted = { terms: false, all: true }
const BOTH: Wanted = { terms: true, all: true }

/** Sees in which files some evidence may be. */
export class Sieve {
  readonly #tools: ScanTools

  constructor(evidence: Evidence) {
    this.#tools = {
      ...{ evidence, table: new FoldTable(), buffers: new ScanBuffers() },
      ...{ plain: new WordStream(evidence), inside: new WordStream(evidence) },
    }
  }

  /**
   * What a text may have of the evidence.
   *
   * @param isData The text is no page: its words may be the terms of an index.
   */
  look(text: string, isData: boolean): Traces {
    const { evidence } = this.#tools
    const traces = new TraceCollector()
    const wantsTerms = isData && evidence.terms.size > 0
    this.#lookAt(text, wantsTerms, traces)
    if (evidence.isWordless) traces.isOpaque = true
    if (traces.degrees.size > 0 && evidence.places.mayBeAmong(traces.degrees))
      traces.isOpaque = true
    if (wantsTerms) traces.isIndex ||= evidence.terms.mayTell(traces.terms)
    return traces
  }

  /** Takes the words of a public source from those that would tell an index; `false`: it has to be read in full. */
  explainTerms(text: string): boolean {
    const { evidence } = this.#tools
    if (evidence.terms.size === 0) return true
    if (JOINING.test(text) || !isAsItStands(text)) return false
    const traces = new TraceCollector()
    const tagNames = new Set<string>()
    this.#scan(text, traces, { wanted: TERMS, tagNames })
    if (traces.isOpaque || (tagNames.size > 0 && this.#mayBeTerms(tagNames))) return false
    evidence.terms.explainKeys(traces.terms)
    return true
  }

  #mayBeTerms(names: ReadonlySet<string>): boolean {
    const traces = new TraceCollector()
    this.#scan([...names].join(' '), traces, { wanted: TERMS, hasTags: false })
    return traces.terms.size > 0
  }

  #lookAt(text: string, isData: boolean, traces: TraceCollector, packed = 0): void {
    let isOutermost = true
    for (const layer of layersOf(text)) {
      this.#scan(layer, traces, { wanted: isData && isOutermost ? BOTH : ALL })
      isOutermost = false
    }
    if (packed === PACKED_WITHIN_PACKED || traces.isOpaque) return
    if (!isAsItStands(text)) traces.isOpaque = true
    if (isData && looksNested(text)) traces.isIndex = true
    for (const { text: inner } of packedTexts(text)) this.#lookAt(inner, isData, traces, packed + 1)
  }

  #scan(layer: string, traces: TraceCollector, options: ScanOptions): void {
    const scan = new LayerScan(layer, this.#tools, traces, options)
    scan.run()
    const joined = scan.isJoined ? splitMarkup(layer).joined : undefined
    if (joined === undefined) return
    new LayerScan(joined, this.#tools, traces, { ...options, hasTags: false }).run()
  }
}

/** Whether no format of its own makes other words of the text. */
function isAsItStands(text: string): boolean {
  return rewrittenTexts(text).next().done === true
}
