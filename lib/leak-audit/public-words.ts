import type { PublicSource } from './audit-input.ts'
import { decode, layersOf } from './escapes.ts'
import { bodyParts } from './body-parts.ts'
import { cluesOfPath, type Evidence } from './evidence.ts'
import { Grounds } from './grounds.ts'
import { isIntact } from './intact.ts'
import { splitMarkup, type Leaf } from './markup.ts'
import { addressOf, pathRuns } from './path-runs.ts'
import { rewrittenTexts } from './rewritten-text.ts'
import { pageText, wholeTexts } from './source-text.ts'
import { wordsOf, type Words } from './words.ts'

/** A tag and a name of a file are explained where they stand by themselves. */
const EXPLAINED_WHERE_INTACT = ['value', 'recipient', 'number']
/** `\u00e9` is one letter. */
const LONGEST_ESCAPE = 6

/**
 * Finds what a public text has of the evidence. What the author wrote in public explains itself: it may
 * be in the output for that reason, and its being there proves nothing.
 */
export function groundsOfSource(
  evidence: Evidence,
  { text, isCopied }: Pick<PublicSource, 'text' | 'isCopied'>,
  ownHosts: readonly string[] = [],
): Grounds {
  const grounds = new Grounds(isCopied)
  const { plain, joined = '', inside, leaves } = splitMarkup(text)
  const parts = bodyParts(text)
  // As it stands, too: what looks like Markdown in a script or in data may be none.
  if (pageText(text) !== text) {
    for (const part of [plain, joined, inside]) parts.push(wordsOf(decode(part)))
  }
  for (const rewritten of rewrittenTexts(text)) parts.push(wordsOf(decode(rewritten)))
  for (const words of parts) {
    addWords(evidence, words, grounds)
    if (isCopied) continue
    evidence.edges.explain(words)
    evidence.terms.explain(words)
  }
  for (const whole of wholeTexts(text)) addWhole(evidence, whole, grounds)
  addMarkup(evidence, { text, leaves }, ownHosts, grounds)
  return grounds
}

/** Finds what a page of the output has of the evidence, its address too. */
export function groundsOfPage(evidence: Evidence, path: string, text: string): Grounds {
  const grounds = new Grounds()
  for (const layer of layersOf(text)) {
    const { plain, joined = '', inside, leaves } = splitMarkup(layer)
    for (const part of [plain, joined, inside]) addWords(evidence, wordsOf(decode(part)), grounds)
    for (const [, , quoted = ''] of layer.matchAll(/(["'])([^"'\n]{1,200})\1/g)) {
      addWhole(evidence, quoted, grounds)
    }
    addMarkup(evidence, { text: layer, leaves }, [], grounds)
  }
  addWords(evidence, wordsOf(path), grounds)
  cluesOfPath(evidence, path).forEach(grounds.addClue)
  return grounds
}

/** The name of a public source explains the same name in the output. */
export function explainByPath(evidence: Evidence, path: string): void {
  const grounds = new Grounds()
  const undated = path.replace(/\d{4}-\d{2}-\d{2}-/g, '').replace(/\.11ty\.\w+$/, '')
  for (const name of new Set([path, undated])) {
    cluesOfPath(evidence, name).forEach(grounds.addClue)
    const words = wordsOf(name)
    addWords(evidence, words, grounds)
    evidence.terms.explain(words)
  }
  grounds.explain(evidence)
  const words = wordsOf(path)
  for (let at = 0; at < words.length; at++) {
    evidence.phrases.matchAt(words, at, ({ spelling, longer }) => {
      if (spelling === undefined || !words.text.endsWith(`/${spelling}`)) return
      longer.push(words.text.slice(0, -spelling.length))
    })
  }
}

/** A public page stands at that address. */
export function explainByAddress(evidence: Evidence, path: string): void {
  evidence.addresses.delete(addressOf(path))
  evidence.files.delete(addressOf(path))
}

function addWords(evidence: Evidence, words: Words, grounds: Grounds): void {
  for (let at = 0; at < words.length; at++) {
    grounds.addWindow(evidence.windows.find(words, at))
    if (!evidence.phrases.mayBegin(words, at)) continue
    evidence.phrases.matchAt(words, at, (clue, end) => {
      if (clue.kind === 'title' || clue.kind === 'sentence') grounds.addClue(clue)
      else if (EXPLAINED_WHERE_INTACT.includes(clue.kind) && isIntact(clue, words, at, end)) {
        grounds.addClue(clue)
      }
    })
  }
  evidence.numbers.search(words.text, grounds.addClue)
  evidence.glued.search(words, grounds.addClue)
  for (const { known, digits } of evidence.places.find(words.text)) grounds.addPlace(known, digits)
}

function addMarkup(
  evidence: Evidence,
  { text, leaves }: { readonly text: string; readonly leaves: readonly Leaf[] },
  ownHosts: readonly string[],
  grounds: Grounds,
): void {
  for (const leaf of leaves) addWhole(evidence, leaf.text, grounds)
  for (const run of pathRuns(text)) {
    evidence.segmentClues(run).forEach(grounds.addClue)
    // A link to a page of another site. One to a page of our own that is private leads nowhere.
    for (const { address, host } of run.addresses) {
      const isElsewhere = host !== undefined && !ownHosts.includes(host)
      if (isElsewhere && evidence.addresses.has(address)) grounds.addAddress(address)
    }
  }
}

/** A tag, or a name that a slug is made from, is used by whoever writes it by itself. */
function addWhole(evidence: Evidence, whole: string, grounds: Grounds): void {
  const text = whole.trim()
  if (text === '' || text.length > LONGEST_ESCAPE * evidence.segments.longest) return
  evidence.segmentClues({ segments: [decode(text)] }).forEach(grounds.addClue)
}
