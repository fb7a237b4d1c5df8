/** Random bytes hardly repeat: of 32, fewer than 16 different ones come up in less than one of 10^14 secrets. */
const MIN_DIFFERENT_BYTES = 16
/** As long as this, the same stretch comes twice in less than one of a million random secrets. */
const REPEATED_LETTERS = 8
/**
 * Above these, a secret is made of words. None of 100,000 random ones came near: with capitals they reach -1, of small
 * letters and digits 8, and 12 where digits are read as letters.
 */
const MAX_WORD_SCORE = { mixed: 4, plain: 9, spelt: 14 }
/** Above this, it is made of rows of letters, digits and keys. */
const MAX_ROW_SCORE = 12

/** `four-short-words-2024`. */
const SEPARATED_WORDS = /^([A-Z]?[a-z]+|[A-Z]+)([-_]([A-Z]?[a-z]+|[A-Z]+|\d+)){3,}$/
/** Telephone numbers, dates, the digits of pi. Random hexadecimal without a letter is one of 10^13. */
const DIGITS = /^[\d_-]+$/
/** `2024-01-15`, `15012024`. */
const DATES =
  /(19|20)\d\d([-_]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])|(0[1-9]|[12]\d|3[01])([-_]?)(0[1-9]|1[0-2])\6(19|20)\d\d/g
/** Neighbours in the alphabet, among the digits, and on a keyboard: along its rows, and down its columns. */
const ROWS =
  'abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiopasdfghjklzxcvbnm qwertzuiop yxcvbnm 1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p'
/** Chance puts so many neighbours in a row into less than one of a million secrets. */
const NEIGHBOURS_IN_A_ROW = 12
/** The most frequent pairs of letters of English, German, French and Spanish words. */
const WORD_PAIRS =
  'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ei ie ge un qu ss sc ho la el ue em no us so wo tr pa ca'
/** `P4ssw0rd`. */
const LETTER_LIKE: Readonly<Record<string, string>> = {
  0: 'o',
  1: 'i',
  3: 'e',
  4: 'a',
  5: 's',
  7: 't',
}
/**
 * Logarithms of how much likelier something is in words than in random base64url. A pair of letters is one of
 * those above in 60 of 100 cases, against 12 by chance; case or kind changes in 25 of 100, against 63.
 */
const WORD_PAIR = { seen: Math.log(0.6 / 0.12), missing: Math.log(0.4 / 0.88) }
const CHANGE = { seen: Math.log(0.25 / 0.63), missing: Math.log(0.75 / 0.37) }
/** Neighbours: 60 of 100 pairs in what is typed in rows; no alphabet has as many as 25 by chance. */
const ROW_PAIR = { seen: Math.log(0.6 / 0.25), missing: Math.log(0.4 / 0.75) }

/**
 * Whether a secret holds less than its length promises: repeats, rows of keys, dates, words, or a text that was
 * encoded. It cannot prove that a secret is random; it finds the ways in which people make one up.
 *
 * @param text The secret as it is written, in base64, base64url or hexadecimal.
 * @param bytes What the text decodes to.
 */
export function isGuessable(text: string, bytes: Uint8Array): boolean {
  const isHex = /^([0-9a-f]{2})+$/i.test(text)
  return (
    [bytes, ...(isHex ? [Buffer.from(text, 'hex')] : [])].some(areMadeUp) ||
    SEPARATED_WORDS.test(text) ||
    DIGITS.test(text) ||
    text.replace(DATES, '').length < text.length / 2 ||
    hasRepeats(text) ||
    hasRows(text.toLowerCase()) ||
    isOfWords(text)
  )
}

/** Few different ones, bytes that are counted up or down, or a text of any language. */
function areMadeUp(bytes: Uint8Array): boolean {
  const steps = bytes.slice(1).map((byte, at) => byte - (bytes[at] ?? 0))
  return [bytes, steps].some((some) => new Set(some).size < MIN_DIFFERENT_BYTES) || isText(bytes)
}

/** `echo "my secret …" | base64`: random bytes are UTF-8 without controls in less than one of 10^12 secrets. */
function isText(bytes: Uint8Array): boolean {
  try {
    return !/[^\P{Cc}\s]/u.test(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // What is no UTF-8 is no text.
    return false
  }
}

function hasRepeats(text: string): boolean {
  const seen = new Set<string>()
  for (let at = 0; at + REPEATED_LETTERS <= text.length; at++) {
    seen.add(text.slice(at, at + REPEATED_LETTERS))
  }
  return seen.size <= text.length - REPEATED_LETTERS
}

/** `qwertzuiop…`; also two rows that take turns: `a1b2c3…`. */
function hasRows(text: string): boolean {
  let length = 0
  const isLong = pairsOf(text).some((pair) => {
    length = isRow(pair) ? length + 1 : 0
    return length >= NEIGHBOURS_IN_A_ROW
  })
  return isLong || [1, 2].some((apart) => rowScore(pairsOf(text, apart)) > MAX_ROW_SCORE)
}

function rowScore(pairs: readonly string[]): number {
  return pairs.reduce((score, pair) => score + (isRow(pair) ? ROW_PAIR.seen : ROW_PAIR.missing), 0)
}

function isRow(pair: string): boolean {
  const [one = '', other = ''] = pair
  return one === other || ROWS.includes(pair) || ROWS.includes(other + one)
}

function isOfWords(text: string): boolean {
  // Hexadecimal, a UUID too, has too few letters for words.
  if (/^[0-9a-f-]+$/i.test(text)) return false
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text)
  const most = isMixed ? MAX_WORD_SCORE.mixed : MAX_WORD_SCORE.plain
  if (wordScore(text, isMixed) > most) return true
  // Base32 has digits among capitals, and is no `P4SSW0RD`.
  const isSpelt = /[a-z]/.test(text) && /\d/.test(text)
  const letters = text.replace(/\d/g, (digit) => LETTER_LIKE[digit] ?? digit)
  return isSpelt && wordScore(letters, isMixed) > MAX_WORD_SCORE.spelt
}

function wordScore(text: string, isMixed: boolean): number {
  return pairsOf(text).reduce((score, pair) => {
    const word = WORD_PAIRS.includes(pair.toLowerCase()) ? WORD_PAIR.seen : WORD_PAIR.missing
    const isSame = /^([a-z]{2}|[A-Z]{2}|\d\d)$/.test(pair)
    const change = isSame ? CHANGE.missing : CHANGE.seen
    // In text of one case, the case tells nothing.
    return score + (/^[a-z]{2}$/i.test(pair) ? word : 0) + (isMixed ? change : 0)
  }, 0)
}

/** Two letters each: neighbours, or so many places apart. */
function pairsOf(text: string, apart = 1): string[] {
  return Array.from(text.slice(apart), (other, at) => text.charAt(at) + other)
}
