import { foldText, kindAt, LETTER, OTHER } from './words.ts'

/** What a UTF-16 unit of a text is to its words, when the text is folded: 1, it parts words. */
export const OTHER_UNIT = 1
/** One letter or digit: {@link FoldTable.folded} says which. */
export const LETTER_UNIT = 2
/** It parts words, and so do all escapes that it begins nothing of. */
export const SPACE_UNIT = 3
/** It vanishes, and what stands on both sides of it is one word. */
export const SILENT_UNIT = 4
/** `&`, `\`, `%`: an escape may begin here. */
export const ESCAPE_UNIT = 5
/** `<` */
export const TAG_UNIT = 6
/** It becomes several, or counts as a word of its own. */
export const LONG_UNIT = 7
/** What it becomes depends on the letters around it. */
export const ODD_UNIT = 8

const UNITS = 2 ** 16
/** At the end of a word, it has another small letter than within. */
const SIGMA = 0x3a3
/** A path ends at this one, and a word does not. */
const BYTE_ORDER_MARK = 0xfeff

/** A unit of the folded text, and whether it is part of a word. */
interface FoldedUnit {
  readonly code: number
  readonly kind: number
}

/**
 * `foldText` and `wordsOf` unit by unit, each looked up once: folding depends on a letter alone, with one exception
 * ({@link ODD_UNIT}).
 */
export class FoldTable {
  readonly kinds = new Uint8Array(UNITS)
  readonly folded = new Uint16Array(UNITS)

  constructor() {
    for (let code = 0; code < 128; code++) this.#classify(code)
    for (const sign of '&\\%') this.kinds[sign.charCodeAt(0)] = ESCAPE_UNIT
    for (const sign of ' \t\n\r\f\v\u0001\u0002') this.kinds[sign.charCodeAt(0)] = SPACE_UNIT
    this.kinds['<'.charCodeAt(0)] = TAG_UNIT
  }

  kindOf(code: number): number {
    return this.kinds[code] || this.#classify(code)
  }

  #classify(code: number): number {
    const units = unitsOf(foldText(String.fromCharCode(code)))
    const [unit] = units
    const isHalf = code >= 0xd800 && code <= 0xdfff
    let kind = LONG_UNIT
    if (code === SIGMA || code === BYTE_ORDER_MARK) kind = ODD_UNIT
    else if (isHalf) kind = LONG_UNIT
    else if (unit === undefined) kind = SILENT_UNIT
    else if (units.every((one) => one.kind === OTHER)) kind = OTHER_UNIT
    else if (units.length === 1 && unit.kind === LETTER) kind = LETTER_UNIT
    this.kinds[code] = kind
    this.folded[code] = unit?.code ?? 0
    return kind
  }
}

function unitsOf(folded: string): FoldedUnit[] {
  return Array.from({ length: folded.length }, (_, at) => ({
    code: folded.charCodeAt(at),
    kind: kindAt(folded, at),
  }))
}
