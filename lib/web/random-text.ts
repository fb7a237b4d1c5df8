import { looksLikeToken } from './token-alphabet.ts'

/** Below this, a text could be guessed. Base62 reaches it with 21 letters, NewBase60 with 22, hexadecimal with 30. */
const BITS = 115
/** Longer texts are judged by their beginning. */
const LONGEST = 500
/** Of the neighbouring letters of random text, two thirds are {@link isOdd}; of words, one in twenty. */
const ODD = 0.27

/**
 * Which letters may follow a letter in a word: 19 of 20 pairs in twenty European languages, counted in
 * the texts of programs. Of random pairs it is every second one.
 */
const FOLLOWERS: Readonly<Record<string, string>> = {
  a: 'abcdefghijklmnoprstuvwyz',
  b: 'abehilorsuy',
  c: 'acehijklnortuyz',
  d: 'adehilnoprstuyz',
  e: 'abcdefghijklmnoprstuvwxyz',
  f: 'aefhilortu',
  g: 'aeghilnorsuy',
  h: 'aeilnorstu',
  i: 'abcdefghijklmnopqrstuvwxyz',
  j: 'aeinosu',
  k: 'aeiklorstuy',
  l: 'adeiklmnostuvy',
  m: 'abehilmnopsuy',
  n: 'acdefghiklmnostuvyz',
  o: 'abcdefghijklmnoprstuvwxyz',
  p: 'aehiloprstuy',
  q: 'u',
  r: 'acdefgijklmnorstuvwyz',
  s: 'acdeghijklnopstuyz',
  t: 'acehilnoprstuvyz',
  u: 'abcdefgijklmnoprstuyz',
  v: 'aeinoy',
  w: 'aehilnorsy',
  x: 'aeiopt',
  y: 'acehiklmnopstw',
  z: 'adegimnouvwyz',
}

/** Also behind a slug, or before one. */
const UUID = /(?<![\da-z])[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}(?![\da-z])/i
/** Two letters or digits at least of each: 32 digits alone are a number. */
const HEX = /^(?=.*\d)(?=.*[a-f])[\da-f]{30,}$/i
/** Examples that stand in every manual, and what is made of zeros. */
const EXAMPLES = [
  '123e4567-e89b-12d3-a456-426614174000',
  '123e4567-e89b-12d3-a456-426655440000',
  '550e8400-e29b-41d4-a716-446655440000',
  '6ba7b810-9dad-11d1-80b4-00c04fd430c8',
  'f47ac10b-58cc-4372-a567-0e02b2c3d479',
]

/**
 * Whether a text looks as if it had been drawn at random, and is long enough to be a secret: hexadecimal,
 * UUID, ULID, base32, base36, base62, NewBase60, base64url, nanoid, and tokens of this software. Words, dates,
 * numbers, and slugs made of them are none, in whatever case.
 */
export function looksRandom(text: string): boolean {
  const part = text.slice(0, LONGEST)
  if (part.length < 21) return false
  return part.split(/[^\w~.+=/-]+/).some(isRandomPart)
}

function isRandomPart(part: string): boolean {
  if (looksLikeToken(part)) return true
  const uuid = UUID.exec(part)?.[0]
  if (uuid !== undefined) return !isExample(uuid)
  const chunks = part.split(/[_~.+=/-]+/).filter((chunk) => chunk !== '')
  if (chunks.some((chunk) => HEX.test(chunk) && !isExample(chunk))) return true
  // A number of 37 digits is too long for anything that was counted.
  if (/^\d{37,}$/.test(part)) return true
  if (chunks.some((chunk) => bitsOf(chunk) >= BITS && oddness([chunk]) >= ODD)) return true

  // The dash and the underscore are letters of base64url, too: all of it is one token then.
  const isMixed = /[a-z]/.test(part) && /[A-Z]/.test(part)
  if (!isMixed || oddness(chunks) < ODD) return false
  const strange = chunks.filter((chunk) => !isWord(chunk))
  const letters = strange.reduce((sum, { length }) => sum + length, 0)
  const separators = part.length - chunks.join('').length
  const perLetter = strange.every((chunk) => /^[\da-f]+$/.test(chunk)) ? 4 : 6
  return letters * perLetter + Math.min(separators, 6) * 6 >= BITS
}

/** How many of the neighbours in a text are {@link isOdd}: 0 is a word, 1 is noise. */
export function oddness(chunks: readonly string[]): number {
  let odd = 0
  let pairs = 0
  for (const chunk of chunks) {
    for (let at = 1; at < chunk.length; at++) {
      pairs++
      if (isOdd(chunk, at)) odd++
    }
  }
  return pairs === 0 ? 0 : odd / pairs
}

/** Whether two neighbours do not stand in words: letters that never meet, or a change of case or to digits. */
function isOdd(text: string, at: number): boolean {
  const before = kindOf(text, at - 1)
  const kind = kindOf(text, at)
  if (before !== kind) return !beginsWord(text, kind === 'A' ? at : at - 1)
  const follower = text.charAt(at).toLowerCase()
  return kind !== '0' && FOLLOWERS[text.charAt(at - 1).toLowerCase()]?.includes(follower) !== true
}

/** Whether a capital stands at the beginning of a word, also of one within: `commitMessage`. */
function beginsWord(text: string, at: number): boolean {
  const [before, capital, ...rest] = [-1, 0, 1, 2].map((step) => kindOf(text, at + step))
  return before !== 'A' && before !== '0' && capital === 'A' && rest.every((kind) => kind === 'a')
}

function kindOf(text: string, at: number): '' | '0' | 'a' | 'A' {
  const letter = text.charAt(at)
  if (letter === '') return ''
  return letter <= '9' ? '0' : letter >= 'a' ? 'a' : 'A'
}

function isWord(chunk: string): boolean {
  if (/^\d+$/.test(chunk)) return chunk.length > 2
  return /^([A-Z]?[a-z]{5,}|[A-Z]{6,})$/.test(chunk) && oddness([chunk]) < 0.2
}

function bitsOf(chunk: string): number {
  if (/^[\da-f]+$/.test(chunk) || /^[\dA-F]+$/.test(chunk)) return chunk.length * 4
  const [digits, lower, upper] = [/\d/, /[a-z]/, /[A-Z]/].map((kind) => kind.test(chunk))
  return chunk.length * Math.log2((digits ? 10 : 0) + (lower ? 26 : 0) + (upper ? 26 : 0) || 1)
}

function isExample(text: string): boolean {
  const plain = text.toLowerCase().replaceAll('-', '')
  const isUniform = new Set(plain).size < 6
  return isUniform || EXAMPLES.some((example) => example.replaceAll('-', '') === plain)
}
