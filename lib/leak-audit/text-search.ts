import { isExplained } from './clue.ts'
import { decode, layersOf } from './escapes.ts'
import type { Evidence } from './evidence.ts'
import type { FindingKind } from './finding.ts'
import { isIntact } from './intact.ts'
import { splitMarkup, type Leaf } from './markup.ts'
import { nestedTerms } from './nested-terms.ts'
import { packedTexts } from './packed-text.ts'
import { pathRuns } from './path-runs.ts'
import { rewrittenTexts } from './rewritten-text.ts'
import { lineAt, lineOfWord, wordsOf, type Words } from './words.ts'

/** A piece of evidence in a text. */
export interface Hit {
  readonly kind: FindingKind
  readonly post: string
  readonly line: number
}

const BARE_ATTRIBUTE = /=([^\s"'<>=/#]{1,200})(?=[\s>])/g
/** `&#x00e9;` is one letter, and there may be a space on each side. */
const ESCAPED_LENGTH = 8

/** Packed texts within packed texts: a file of a data store, in a page in an archive. */
export const PACKED_WITHIN_PACKED = 3

/**
 * Finds all evidence in a text, whatever it is written in. `found` may be called twice for the same.
 *
 * @param isData The text is no page: its words may be the terms of an index.
 */
export function searchText(
  evidence: Evidence,
  text: string,
  { isData, packed = 0 }: { readonly isData: boolean; readonly packed?: number },
  found: (hit: Hit) => void,
): void {
  let isOutermost = true
  for (const layer of layersOf(text)) {
    searchLayer(evidence, layer, isData && isOutermost, found)
    isOutermost = false
  }
  if (packed === PACKED_WITHIN_PACKED) return
  for (const rewritten of rewrittenTexts(text)) searchLayer(evidence, rewritten, isData, found)
  if (isData) {
    const terms = wordsOf(nestedTerms(text).join(' '))
    evidence.terms.search(terms, (post) => found({ kind: 'terms', post, line: 1 }))
  }
  for (const { text: inner, offset } of packedTexts(text)) {
    const line = lineAt(text, offset)
    const foundThere = (hit: Hit) => found({ ...hit, line })
    searchText(evidence, inner, { isData, packed: packed + 1 }, foundThere)
  }
}

function searchLayer(
  evidence: Evidence,
  layer: string,
  isData: boolean,
  found: (hit: Hit) => void,
): void {
  const { plain, joined = '', inside, leaves } = splitMarkup(layer)
  for (const part of [plain, joined, inside]) {
    const words = wordsOf(decode(part))
    searchWords(evidence, words, found)
    if (isData) {
      evidence.terms.search(words, (post, line) => found({ kind: 'terms', post, line }))
    }
  }

  const longest = (evidence.longestWhole + 2) * ESCAPED_LENGTH
  const searchWhole = ({ text, offset }: Leaf) => {
    if (text.length > longest) return
    evidence.phrases.matchWhole(wordsOf(decode(text)), (clue) => {
      if (!clue.isWhole || isExplained(clue)) return
      found({ kind: clue.kind, post: clue.post, line: lineAt(layer, offset) })
    })
  }
  for (const leaf of leaves) searchWhole(leaf)
  for (const string of strings(layer, longest)) searchWhole(string)

  for (const run of pathRuns(layer)) {
    for (const clue of evidence.segmentClues(run)) {
      if (isExplained(clue)) continue
      found({ kind: clue.kind, post: clue.post, line: lineAt(layer, run.offset) })
    }
    for (const { address } of run.addresses) {
      const post = evidence.addresses.get(address)
      if (post === undefined) continue
      found({ kind: 'natural-path', post, line: lineAt(layer, run.offset) })
    }
  }
}

/**
 * Whatever stands between two quotation marks: strings of JSON and scripts, attributes. What stands
 * between two strings is taken too, because a lone inch mark turns the one into the other. Paths are
 * no texts.
 */
function* strings(layer: string, longest: number): Generator<Leaf> {
  for (const quote of ['"', "'"]) {
    let from = layer.indexOf(quote)
    while (from !== -1) {
      const end = layer.indexOf(quote, from + 1)
      if (end === -1) break
      const text = end - from <= longest ? layer.slice(from + 1, end) : ''
      if (text !== '' && !/^[\s:,=]|[<>\n/#]/.test(text)) yield { text, offset: from }
      from = end
    }
  }
  for (const match of layer.matchAll(BARE_ATTRIBUTE)) {
    yield { text: match[1] ?? '', offset: match.index }
  }
}

/** Finds sentences and phrases in a stretch of words. */
export function searchWords(evidence: Evidence, words: Words, found: (hit: Hit) => void): void {
  let previous: string | undefined
  for (let at = 0; at < words.length; at++) {
    const post = evidence.windows.get(words, at)
    if (post !== undefined && post !== previous) {
      found({ kind: 'sentence', post, line: lineOfWord(words, at) })
    }
    previous = post
    if (!evidence.phrases.mayBegin(words, at)) continue
    evidence.phrases.matchAt(words, at, (clue, end) => {
      if (clue.isWhole || isExplained(clue) || !isIntact(clue, words, at, end)) return
      found({ kind: clue.kind, post: clue.post, line: lineOfWord(words, at) })
    })
  }
  evidence.glued.search(words, (clue, at) => {
    if (isExplained(clue)) return
    found({ kind: clue.kind, post: clue.post, line: lineOfWord(words, at) })
  })
  evidence.numbers.search(words.text, (clue, offset) => {
    if (isExplained(clue)) return
    found({ kind: clue.kind, post: clue.post, line: lineAt(words.text, offset) })
  })
  evidence.places.search(words.text, ({ kind, post }, offset) => {
    found({ kind, post, line: lineAt(words.text, offset) })
  })
}
