import { TOKEN_ALPHABET, TOKEN_LENGTH } from '../web/token-alphabet.ts'
import { letterRuns, lettersOf } from './letter-runs.ts'
import { lineAt } from './words.ts'
import { escapePattern } from '../web/escape-pattern.ts'

/** Crockford base32, whatever a host made of its case. */
const LETTERS = lettersOf(TOKEN_ALPHABET + TOKEN_ALPHABET.toUpperCase())

/** Finds any of `tokens`, all of one length, in a text, within longer runs of letters too. */
export function* findTokens(
  text: string,
  tokens: ReadonlyMap<string, string>,
  length = TOKEN_LENGTH,
): Generator<{ readonly token: string; readonly post: string; readonly line: number }> {
  if (tokens.size === 0) return
  for (const [from, to] of letterRuns(text, length, LETTERS)) {
    const run = text.slice(from, to).toLowerCase()
    for (let at = 0; at + length <= run.length; at++) {
      const token = run.slice(at, at + length)
      const post = tokens.get(token)
      if (post !== undefined) yield { token, post, line: lineAt(text, from) }
    }
  }
}

/** Finds placeholders: texts that stand for a private address until it is stamped out. */
export function createPlaceholderSearch(
  placeholders: ReadonlyMap<string, string>,
): (text: string) => Generator<{ readonly post: string; readonly line: number }> {
  const known = new Map([...placeholders].map(([text, post]) => [text.toLowerCase(), post]))
  // The longest first, because one may be the beginning of another.
  const texts = [...known.keys()].sort((one, other) => other.length - one.length)
  const pattern = new RegExp(texts.map(escapePattern).join('|'), 'gi')
  // Where there is none of those that others are made from, there is no other.
  const parts = texts.filter((text) => !texts.some((part) => part !== text && text.includes(part)))
  const anyPart = new RegExp(parts.map(escapePattern).join('|'), 'i')
  return function* (text) {
    if (texts.length === 0 || !anyPart.test(text)) return
    for (const { 0: match, index } of text.matchAll(pattern)) {
      yield { post: known.get(match.toLowerCase()) ?? '', line: lineAt(text, index) }
    }
  }
}
