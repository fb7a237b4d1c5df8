import { isBesideKeyword } from './codes.ts'
import type { Clue } from './clue.ts'
import type { Words } from './words.ts'

/** Whether the words of a clue stand together in a text as they do in the source. */
export function isIntact(clue: Clue, words: Words, at: number, end: number): boolean {
  if (clue.kind === 'sentence') return true
  if (clue.isBeside) return isBesideKeyword(words, at, end)
  if (words.block[at] !== words.block[end - 1]) return false
  if (clue.pattern !== undefined) {
    const [from = 0, to = 0] = [words.start[at], words.end[end - 1]]
    return clue.pattern.test(words.text.slice(from, to)) && isWholeAddress(words.text, from, to)
  }
  if (clue.spelling === undefined) return true

  const from = (words.end[end - 1] ?? 0) - clue.spelling.length
  const to = from + clue.spelling.length
  if (words.text.slice(from, to) !== clue.spelling) return false
  if (clue.kind !== 'input-path') return isWholeAddress(words.text, from, to)
  if (clue.longer.some((path) => words.text.slice(0, from).endsWith(path))) return false
  return !isPathBefore(words.text, from, clue.spelling) && !/[\w-]/.test(words.text.charAt(to))
}

/** Whether a host or a mail address is no part of a longer one: `bob.example` is not `bob.example.org`. */
function isWholeAddress(text: string, from: number, to: number): boolean {
  const before = text.slice(Math.max(0, from - 4), from)
  if (/[\p{L}\p{N}_-]$/u.test(before) || (before.endsWith('.') && before !== 'www.')) return false
  return !/^(?:[\w-]|\.\w)/.test(text.slice(to, to + 2))
}

/** Whether the path goes on to the left: `my-dinner.md`, or `other/dinner.md` for `dinner.md`. */
function isPathBefore(text: string, from: number, path: string): boolean {
  const before = text.slice(Math.max(0, from - 3), from)
  if (/[\p{L}\p{N}_~-]$/u.test(before)) return true
  return !path.includes('/') && before.endsWith('/') && !/(^|[^.\w])\.\/$/.test(before)
}
