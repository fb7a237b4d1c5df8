import { parseHtml, textOf } from '../web/html.ts'

/** Escapes within escapes within escapes: HTML in JSON in an attribute is as far as anybody goes. */
const ROUNDS = 4
/** A page in a feed in JSON has its markup escaped twice. */
const MARKUP_WITHIN_MARKUP = 3

const ESCAPE =
  /&(?:(?:#(\d{1,7})|#x([0-9a-f]{1,6}));?|([a-z][a-z0-9]{1,31});)|\\u(?:([0-9a-f]{4})|\{([0-9a-f]{1,6})\})|\\x([0-9a-f]{2})|\\([nrtbfv"'`\\/])|((?:%[0-9a-f]{2})+)/gi
const ESCAPED_MARKUP = /&(?:amp;)*(?:lt|#0*60|#x0*3c);|\\+u003c|\\x3c|%(?:25)*3c/i

/** The names that do nearly all the work; the rest is looked up. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  shy: '',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
}

/** Escapes of signs that part words and begin no other escape: `&quot;`, `\\n`. */
const PARTING =
  /&(?:quot|apos|lt|gt|nbsp|ndash|mdash|hellip|lsquo|rsquo|ldquo|rdquo|#39|#34|#x27|amp(?=;[^#&\\%a-zA-Z]));|\\[nrtbfvNRTBFV"'`/]/y
const ESCAPED = /&(?=[#a-z])|%(?=[0-9a-f]{2})|\\(?=[ux{nrtbfv"'`\\/])/iy

/** The offset behind an escape that only parts words, or `undefined`. */
export function behindParting(text: string, at: number): number | undefined {
  PARTING.lastIndex = at
  return PARTING.test(text) ? PARTING.lastIndex : undefined
}

/** Whether an escape may begin there. */
export function mayBeEscape(text: string, at: number): boolean {
  ESCAPED.lastIndex = at
  return ESCAPED.test(text)
}

/** Names that stand as segments of a path where the path is cut behind them. */
export const PARTING_NAMES =
  'quot apos lt gt nbsp ndash mdash hellip lsquo rsquo ldquo rdquo amp'.split(' ')

/** The text, and what is hidden in it as escaped markup: a feed's content, a page within JSON. */
export function* layersOf(text: string): Generator<string> {
  let layer = text
  for (let depth = 0; depth < MARKUP_WITHIN_MARKUP; depth++) {
    yield layer.replaceAll('\\/', '/')
    if (!ESCAPED_MARKUP.test(layer)) return
    layer = decodeOnce(layer)
  }
}

/**
 * Undoes one round of escaping: character references of HTML and XML, escapes of JSON and
 * JavaScript, percent-encoding. An escaped line break becomes a space, so that every line keeps its
 * number.
 */
export function decodeOnce(text: string): string {
  if (!/[&\\%]/.test(text)) return text
  return text.replace(
    ESCAPE,
    (escape, decimal, hex, name, unicode, point, byte, letter, percent) => {
      const code = decimal ? Number(decimal) : parseInt(hex ?? unicode ?? point ?? byte ?? '', 16)
      if (!Number.isNaN(code)) return code <= 0x10ffff ? inLine(String.fromCodePoint(code)) : escape
      if (name !== undefined) return named(escape, name)
      if (letter !== undefined) return /[nrtbfv]/i.test(letter) ? ' ' : letter
      return percentDecoded(percent ?? escape)
    },
  )
}

/** Undoes all rounds. */
export function decode(text: string): string {
  let decoded = text
  for (let round = 0; round < ROUNDS; round++) {
    const next = decodeOnce(decoded)
    if (next === decoded) break
    decoded = next
  }
  return decoded
}

/**
 * Undoes the escapes of a stylesheet.
 *
 * @see [CSS Syntax §4.3.7](https://www.w3.org/TR/css-syntax-3/#consume-escaped-code-point)
 */
export function withoutCssEscapes(text: string): string {
  if (!text.includes('\\')) return text
  return text.replace(/\\(?:([0-9a-f]{1,6})[ \t]?|([^\n]))/gi, (escape, hex, letter) => {
    if (letter !== undefined) return letter
    const code = parseInt(hex, 16)
    return code > 0 && code <= 0x10ffff ? inLine(String.fromCodePoint(code)) : escape
  })
}

function named(escape: string, name: string): string {
  const known = NAMED[name.toLowerCase()]
  if (known !== undefined && name === name.toLowerCase()) return known
  return inLine(textOf(parseHtml(`<p>${escape}</p>`)))
}

function percentDecoded(escape: string): string {
  try {
    return inLine(decodeURIComponent(escape))
  } catch {
    return escape
  }
}

function inLine(text: string): string {
  return text.replace(/[\r\n]/g, ' ')
}
