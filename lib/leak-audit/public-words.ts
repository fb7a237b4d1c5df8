import { explain } from './clue.ts'
import { decode } from './escapes.ts'
import { bodyParts, cluesOfPath, type Evidence } from './evidence.ts'
import { isIntact } from './intact.ts'
import { splitMarkup } from './markup.ts'
import { addressOf, pathRuns } from './path-runs.ts'
import { rewrittenTexts } from './rewritten-text.ts'
import { pageText, wholeTexts } from './source-text.ts'
import { wordsOf, type Words } from './words.ts'

/** A tag and a name of a file are explained where they stand by themselves. */
const EXPLAINED_WHERE_INTACT = ['value', 'recipient', 'number']
/** `\u00e9` is one letter. */
const LONGEST_ESCAPE = 6

/**
 * Takes from the evidence whatever a public source has too. What the author wrote in public
 * explains itself: it may be in the output for that reason, and its being there proves nothing.
 */
export function explainByText(
  evidence: Evidence,
  text: string,
  ownHosts: readonly string[] = [],
): void {
  const { plain, joined = '', inside, leaves } = splitMarkup(text)
  const parts = bodyParts(text)
  // As it stands, too: what looks like Markdown in a script or in data may be none.
  if (pageText(text) !== text) {
    for (const part of [plain, joined, inside]) parts.push(wordsOf(decode(part)))
  }
  for (const rewritten of rewrittenTexts(text)) parts.push(wordsOf(decode(rewritten)))
  for (const words of parts) explainByWords(evidence, words)
  for (const whole of wholeTexts(text)) explainByWhole(evidence, whole)
  for (const leaf of leaves) explainByWhole(evidence, leaf.text)
  for (const run of pathRuns(text)) {
    evidence.segmentClues(run).forEach(explain)
    // A link to a page of another site. One to a page of our own that is private leads nowhere.
    for (const { address, host } of run.addresses) {
      if (host !== undefined && !ownHosts.includes(host)) evidence.addresses.delete(address)
    }
  }
}

/** The name of a public source explains the same name in the output. */
export function explainByPath(evidence: Evidence, path: string): void {
  const undated = path.replace(/\d{4}-\d{2}-\d{2}-/g, '').replace(/\.11ty\.\w+$/, '')
  for (const name of [path, undated]) {
    cluesOfPath(evidence, name).forEach(explain)
    explainByWords(evidence, wordsOf(name))
  }
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

function explainByWords(evidence: Evidence, words: Words): void {
  for (let at = 0; at < words.length; at++) {
    evidence.windows.delete(words, at)
    evidence.phrases.matchAt(words, at, (clue, end) => {
      if (clue.kind === 'title' || clue.kind === 'sentence') explain(clue)
      else if (EXPLAINED_WHERE_INTACT.includes(clue.kind) && isIntact(clue, words, at, end)) {
        explain(clue)
      }
    })
  }
  evidence.edges.explain(words)
  evidence.terms.explain(words)
  evidence.numbers.search(words.text, explain)
  evidence.glued.search(words, explain)
  evidence.places.explain(words.text)
}

/** A tag, or a name that a slug is made from, is used by whoever writes it by itself. */
function explainByWhole(evidence: Evidence, whole: string): void {
  const text = whole.trim()
  if (text === '' || text.length > LONGEST_ESCAPE * evidence.longestSegment) return
  evidence.segmentClues({ segments: [decode(text)] }).forEach(explain)
}
