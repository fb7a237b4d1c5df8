/** Calendars and cards of addresses break their lines within words. */
const FOLDED_FORMAT = /^BEGIN:V(?:CALENDAR|CARD)\b/im
const FOLDED_LINE = /^.*(?:\r?\n[ \t].*)+/gm
const FOLD = /\r?\n[ \t]/g

/** Mail, and old cards of addresses, write letters as their bytes: `M=C3=BCller`. */
const QUOTED_PRINTABLE = /=[89A-F][\dA-F]=[89A-F][\dA-F]|\bquoted-printable\b|=\?[\w-]+\?q\?/i
const QUOTED_LINE = /^.*=(?:\r?\n.*=)*\r?\n.*/gm
const QUOTED_BYTES = /(?:=[\dA-F]{2})+/gi

/** Texts in style sheets: `content: "M\fc ller"`. */
const STYLED = /\bcontent\s*:\s*(["'])(?:(?!\1)[^\n])*\\[\da-f]{2}/i
const STYLE_ESCAPE = /\\([\da-f]{2,6})[ \t]?/gi

/**
 * The text again, as a program reads it that knows its format, where that differs: quoted-printable, folded
 * lines of calendars, escapes of style sheets. Its lines keep their numbers.
 */
export function* rewrittenTexts(text: string): Generator<string> {
  if (FOLDED_FORMAT.test(text)) yield text.replace(FOLDED_LINE, (lines) => joined(lines, FOLD))
  if (QUOTED_PRINTABLE.test(text)) {
    yield text
      .replace(QUOTED_LINE, (lines) => joined(lines, /=\r?\n/g))
      .replace(QUOTED_BYTES, lettersOfBytes)
  }
  if (STYLED.test(text)) {
    yield text.replace(STYLE_ESCAPE, (escape, hex: string) => {
      const code = parseInt(hex, 16)
      return code < 32 || code > 0x10ffff ? escape : String.fromCodePoint(code)
    })
  }
}

/** One line out of several, with the line breaks behind it. */
function joined(lines: string, fold: RegExp): string {
  const count = lines.match(fold)?.length ?? 0
  return lines.replace(fold, '') + '\n'.repeat(count)
}

function lettersOfBytes(escape: string): string {
  const bytes = Buffer.from(escape.replaceAll('=', ''), 'hex')
  const text = bytes.toString('utf8')
  return (text.includes('\ufffd') ? bytes.toString('latin1') : text).replace(/[\r\n]/g, ' ')
}
