import { isCapabilityToken } from '../capability-url/capability-url.ts'

const UUID = /^[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}$/i
/** Below this, somebody might guess. */
const BITS = 120
/** Of a text of words, at most every fifth letter begins something new. */
const CHANGES_PER_LETTER = 1 / 5

/**
 * Whether a URL looks as if it were itself the permission to read: a segment of its path, or a value of
 * its query, that could hold 120 random bits. Only a sign: long words of one piece look so, too.
 */
export function looksUnguessable({ pathname, searchParams }: URL): boolean {
  const segments = pathname.split('/').map((segment) => segment.replace(/\.\w{1,5}$/, ''))
  return [...segments, ...searchParams.values()].some(looksRandom)
}

function looksRandom(text: string): boolean {
  if (text.length > 500) return true
  if (isCapabilityToken(text.toLowerCase()) || UUID.test(text)) return true
  const runs = text.split(/[-_.~+=%]+/)
  const letters = runs.join('')
  if (letters.length * Math.log2(alphabetOf(letters)) < BITS) return false
  // Digits alone are a number, but who counts so far?
  if (/^\d+$/.test(letters)) return runs.length === 1
  const changes = runs.reduce((sum, run) => sum + changesIn(run), 0)
  return changes >= letters.length * CHANGES_PER_LETTER || runs.some((run) => isLongWord(run))
}

function alphabetOf(text: string): number {
  if (/^[\da-f]+$/.test(text) || /^[\dA-F]+$/.test(text)) return /[a-f]/i.test(text) ? 16 : 10
  const [digits, lower, upper] = [/\d/, /[a-z]/, /[A-Z]/].map((kind) => kind.test(text))
  return (digits ? 10 : 0) + (lower ? 26 : 0) + (upper ? 26 : 0) || 1
}

/** How often lower case, upper case and digits take turns; a capital at the beginning is none. */
function changesIn(run: string): number {
  const kinds = run.replace(/^[A-Z](?=[a-z])/, '')
  return [...kinds.matchAll(/[a-z](?=[^a-z])|[A-Z](?=[^A-Z])|\d(?=\D)/g)].length
}

function isLongWord(run: string): boolean {
  return /^[a-z]{26,}$/i.test(run)
}
