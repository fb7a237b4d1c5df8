import { wordAt, type Words } from './words.ts'

/** Words beside which a code stands, at the end of a compound too: "Türcode", "WLAN-Passwort". */
const KEYWORD =
  'code|codes|codewort|codeword|passwort|password|passwd|passphrase|passcode|kennwort|losung|schlussel|kombination|combination|pin|puk|tan|wifi|wlan|key|safe|tresor|lock|alarm|clave|contrasena|codigo|passe|mdp|senha|wachtwoord'
const ENDS_IN_KEYWORD = new RegExp(`(?:${KEYWORD})s?$`)
/** What stands between the word and its code. */
const MARKS = '[\\s:=*_`"\'„“”»«(‹›–—-]*'
const FILLERS = `(?:(?:is|are|ist|sind|lautet|lauten|heisst|est|es|for|to|at|the|our|my|der|die|das|den|fur|zur|zum|vom|am|door|tur|gate|house|front|back|garage|box|wi-fi|network|number|nummer|no|nr|[\\p{L}-]*(?:${KEYWORD}))(?![\\p{L}\\d])${MARKS}){0,6}`
const TOKEN = '\\d{2,4}(?: \\d{2,4}){1,3}(?!\\d)|[\\p{L}\\d][\\p{L}\\d.#*_-]{1,40}'
const BESIDE = new RegExp(
  `(?<![\\p{L}\\d])[\\p{L}-]*(?:${KEYWORD})(?![\\p{L}\\d])(${MARKS}${FILLERS})(${TOKEN})(?:[ \\t]*[/|,;][ \\t]*([\\p{L}\\d_-]{3,40}))?`,
  'gu',
)
/** Codes that are no secret of anybody's: "status code 404". */
const OF_A_TRADE =
  /(?:status|error|exit|return|response|http|source|zip|postal|post|area|country|dial(?:l?ing)?|vor|colou?r|hex|morse|qr|bar|fehler|quell|char|unicode|iso)[\s-]*$/u
const BEFORE = new RegExp(
  `(?<![\\p{L}\\d])((?=[\\p{L}_-]*\\d)[\\p{L}\\d_-]{3,40})${MARKS}(?:is|ist|=)\\s+(?:the|our|my|das|der|die|unser|unsere)\\s+(?:[\\p{L}-]+\\s+){0,2}?[\\p{L}-]*(?:${KEYWORD})(?![\\p{L}\\d])`,
  'gu',
)
const SHORTEST_CODE = 3
/** Letters and figures mixed: nobody writes this by accident. */
const SHORTEST_MIXED = 5
const WORDS_BEFORE = 6
const WORDS_BEHIND = 5

/** A code that a private text tells. */
export interface Code {
  readonly text: string
  /** It proves something only beside a word such as "code": 4711 alone is a number like any other. */
  readonly isBeside: boolean
}

/** Finds codes in a folded text: "door code 4711", "PIN 0000", "Passwort: kiwi7". */
export function codesIn(text: string): Code[] {
  const codes = new Map<string, Code>()
  const take = (code: string, isSure: boolean) => {
    const plain = code.replace(/^[^\p{L}\d]+|[^\p{L}\d]+$/gu, '')
    const signs = plain.replace(/[^\p{L}\d]/gu, '')
    if (signs.length < SHORTEST_CODE || ENDS_IN_KEYWORD.test(plain)) return
    const hasDigit = /\d/.test(signs)
    if (!hasDigit && !isSure) return
    // A year or an ordinal number is no code, although it may stand there: "the code of 2024".
    if (/^(?:\d+(?:st|nd|rd|th|am|pm|h|min|kg|km|m|px|ms|mb|gb)|v?\d+\.[\d.]+)$/.test(plain)) return
    const isMixed = hasDigit && /\p{L}/u.test(signs) && signs.length >= SHORTEST_MIXED
    codes.set(plain, { text: plain, isBeside: !isMixed })
  }
  for (const { 0: all, 1: between = '', 2: code = '', 3: next, index } of text.matchAll(BESIDE)) {
    const before = text.slice(Math.max(0, index - 20), index) + (/^[\p{L}-]+/u.exec(all)?.[0] ?? '')
    if (OF_A_TRADE.test(before.replace(/codes?$/u, ''))) continue
    take(code, /[:=`"'„“»]/.test(between))
    if (next !== undefined) take(next, false)
  }
  for (const [, code = ''] of text.matchAll(BEFORE)) take(code, false)
  return [...codes.values()]
}

/** Whether a word such as "code" stands near. */
export function isBesideKeyword(words: Words, at: number, end: number): boolean {
  const from = Math.max(0, at - WORDS_BEFORE)
  const to = Math.min(words.length, end + WORDS_BEHIND)
  for (let i = from; i < to; i++) {
    if ((i < at || i >= end) && ENDS_IN_KEYWORD.test(wordAt(words, i))) return true
  }
  return false
}
