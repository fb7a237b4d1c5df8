import { decode, decodeOnce, hasEscapedMarkup } from './escapes.ts'
import type { Clue, Evidence } from './evidence.ts'
import type { FindingKind } from './finding.ts'
import { splitMarkup, type Leaf } from './markup.ts'
import { pathRuns } from './path-runs.ts'
import { lineAt, lineOfWord, wordsOf, type Words } from './words.ts'

/** A piece of evidence in a text. */
export interface Hit {
  readonly kind: FindingKind
  readonly post: string
  readonly line: number
}

/** A page in a feed in JSON has its markup escaped twice. */
const MARKUP_WITHIN_MARKUP = 3
const BARE_ATTRIBUTE = /=([^\s"'<>=/#]{1,200})(?=[\s>])/g
/** `&#x00e9;` is one letter, and there may be a space on each side. */
const ESCAPED_LENGTH = 8

/** Finds all evidence in a text, whatever it is written in. `found` may be called twice for the same. */
export function searchText(evidence: Evidence, text: string, found: (hit: Hit) => void): void {
  let layer = text
  for (let depth = 0; depth < MARKUP_WITHIN_MARKUP; depth++) {
    searchLayer(evidence, layer.replaceAll('\\/', '/'), found)
    if (!hasEscapedMarkup(layer)) return
    layer = decodeOnce(layer)
  }
}

function searchLayer(evidence: Evidence, layer: string, found: (hit: Hit) => void): void {
  const { plain, joined = '', inside, leaves } = splitMarkup(layer)
  for (const part of [plain, joined, inside]) searchWords(evidence, wordsOf(decode(part)), found)

  const longest = (evidence.longestWhole + 2) * ESCAPED_LENGTH
  const searchWhole = ({ text, offset }: Leaf) => {
    if (text.length > longest) return
    evidence.phrases.matchWhole(wordsOf(decode(text)), (clue) => {
      if (!clue.isWhole || clue.isExplained) return
      found({ kind: clue.kind, post: clue.post, line: lineAt(layer, offset) })
    })
  }
  for (const leaf of leaves) searchWhole(leaf)
  for (const string of strings(layer, longest)) searchWhole(string)

  for (const run of pathRuns(layer)) {
    for (const { kind, post, isExplained } of evidence.segmentClues(run)) {
      if (!isExplained) found({ kind, post, line: lineAt(layer, run.offset) })
    }
    for (const address of run.addresses) {
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
    evidence.phrases.matchAt(words, at, (clue, end) => {
      if (clue.isWhole || clue.isExplained || !isIntact(clue, words, at, end)) return
      found({ kind: clue.kind, post: clue.post, line: lineOfWord(words, at) })
    })
  }
}

/** Whether the words stand together as they do in the source. */
function isIntact(clue: Clue, words: Words, at: number, end: number): boolean {
  if (clue.kind === 'sentence') return true
  if (words.block[at] !== words.block[end - 1]) return false
  if (clue.spelling === undefined) return true

  const from = (words.end[end - 1] ?? 0) - clue.spelling.length
  const to = from + clue.spelling.length
  if (words.text.slice(from, to) !== clue.spelling) return false
  if (clue.longer.some((path) => words.text.slice(0, from).endsWith(path))) return false
  return !isPathBefore(words.text, from, clue.spelling) && !/[\w-]/.test(words.text.charAt(to))
}

/** Whether the path goes on to the left: `my-dinner.md`, or `other/dinner.md` for `dinner.md`. */
function isPathBefore(text: string, from: number, path: string): boolean {
  const before = text.slice(Math.max(0, from - 3), from)
  if (/[\p{L}\p{N}_~-]$/u.test(before)) return true
  return !path.includes('/') && before.endsWith('/') && !/(^|[^.\w])\.\/$/.test(before)
}
