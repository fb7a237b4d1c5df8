const ASCII = 128

/** A set of ASCII letters that is asked for each letter of a site. */
export type Letters = Uint8Array

export function lettersOf(letters: string): Letters {
  const set = new Uint8Array(ASCII)
  for (const letter of letters) set[letter.charCodeAt(0)] = 1
  return set
}

export function isAmong(letters: Letters, code: number): boolean {
  return code < ASCII && letters[code] === 1
}

/**
 * Runs of such letters that are at least so long. One of them covers every place that is a multiple of the
 * length, so no other is looked at.
 */
export function* letterRuns(
  text: string,
  length: number,
  letters: Letters,
): Generator<readonly [from: number, to: number]> {
  for (let at = length - 1; at < text.length; at += length) {
    if (!isAmong(letters, text.charCodeAt(at))) continue
    let from = at
    let to = at + 1
    while (from > 0 && isAmong(letters, text.charCodeAt(from - 1))) from--
    while (to < text.length && isAmong(letters, text.charCodeAt(to))) to++
    if (to - from >= length) yield [from, to]
    while (at + length < to) at += length
  }
}
