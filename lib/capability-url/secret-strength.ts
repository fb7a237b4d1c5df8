/** Random bytes hardly repeat: of 32, fewer than 16 different ones come up in less than one of 10^14 secrets. */
const MIN_DIFFERENT_BYTES = 16
/** As long as this, the same stretch comes twice in less than one of a million random secrets. */
const REPEATED_LETTERS = 8
/** Above this, a secret is made of words: e^8 times as likely as that it is random. */
const MAX_WORD_SCORE = 8

/** `echo "my secret …" | base64`: random bytes are all printable in less than one of 10^13 secrets. */
const TEXT = /^[\x20-\x7e\r\n]*$/
/** `four-short-words-2024`. */
const SEPARATED_WORDS = /^([A-Z]?[a-z]+|[A-Z]+)([-_]([A-Z]?[a-z]+|[A-Z]+|\d+)){3,}$/
/** Neighbours in the alphabet, among the digits, and on a keyboard. */
const ROWS = 'abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiopasdfghjklzxcvbnm'
/** Chance puts so many neighbours in a row into less than one of a million secrets. */
const NEIGHBOURS_IN_A_ROW = 12
/** The most frequent pairs of letters of English, German, French and Spanish words. */
const WORD_PAIRS =
  'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll be ma si om ur ei ie ge un qu ss sc ho la el ue em no us so wo tr pa ca'
/**
 * Logarithms of how much likelier something is in words than in random base64url. A pair of letters is one of
 * those above in 60 of 100 cases, against 12 by chance; case or kind changes in 25 of 100, against 63.
 */
const WORD_PAIR = { seen: Math.log(0.6 / 0.12), missing: Math.log(0.4 / 0.88) }
const CHANGE = { seen: Math.log(0.25 / 0.63), missing: Math.log(0.75 / 0.37) }

/**
 * Whether a secret holds less than its length promises: repeats, rows of keys, words, or a text that was
 * encoded. It cannot prove that a secret is random; it finds the ways in which people make one up.
 *
 * @param text The secret as it is written, in base64url or hexadecimal.
 * @param bytes What the text decodes to.
 */
export function isGuessable(text: string, bytes: Uint8Array): boolean {
  return (
    new Set(bytes).size < MIN_DIFFERENT_BYTES ||
    TEXT.test(Buffer.from(bytes).toString('latin1')) ||
    SEPARATED_WORDS.test(text) ||
    hasRepeats(text) ||
    hasRows(text.toLowerCase()) ||
    wordScore(text) > MAX_WORD_SCORE
  )
}

function hasRepeats(text: string): boolean {
  const seen = new Set<string>()
  for (let at = 0; at + REPEATED_LETTERS <= text.length; at++) {
    seen.add(text.slice(at, at + REPEATED_LETTERS))
  }
  return seen.size <= text.length - REPEATED_LETTERS
}

function hasRows(text: string): boolean {
  let length = 0
  return pairsOf(text).some(([one = '', other = '']) => {
    const isRow = one === other || ROWS.includes(one + other) || ROWS.includes(other + one)
    length = isRow ? length + 1 : 0
    return length >= NEIGHBOURS_IN_A_ROW
  })
}

function wordScore(text: string): number {
  // Hexadecimal has too few letters for words.
  if (/^[0-9a-f]+$/i.test(text)) return 0
  const isMixed = /[a-z]/.test(text) && /[A-Z]/.test(text)
  return pairsOf(text).reduce((score, pair) => {
    const word = WORD_PAIRS.includes(pair.toLowerCase()) ? WORD_PAIR.seen : WORD_PAIR.missing
    const isSame = /^([a-z]{2}|[A-Z]{2}|\d\d)$/.test(pair)
    const change = isSame ? CHANGE.missing : CHANGE.seen
    // In text of one case, the case tells nothing.
    return score + (/^[a-z]{2}$/i.test(pair) ? word : 0) + (isMixed ? change : 0)
  }, 0)
}

function pairsOf(text: string): string[] {
  return Array.from(text.slice(1), (other, at) => text.charAt(at) + other)
}
