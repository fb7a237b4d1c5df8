import { TOKEN_ALPHABET } from '../web/token-alphabet.ts'

/**
 * So many letters of a token count as the token: what is left of it, 30 bits, can be tried out. A link text that
 * shows fewer opens nothing.
 */
const TELLING_LETTERS = 20

const RUNS = new RegExp(`[${TOKEN_ALPHABET}]{${TELLING_LETTERS},}`, 'g')
/** What may stand between two letters of an address and is not seen: places to break the line. */
const UNSEEN =
  /<wbr\s*\/?>|&(?:amp;)*(?:shy|zwsp|zwnj|zwj|zerowidthspace);|[\u00ad\u200b-\u200d\u2060\ufeff]/g
/** A letter written as a number: in HTML and XML (escaped twice, too), in URLs, in JSON and scripts. */
const NUMBERED =
  /&(?:amp;)*#(?:x0*([\da-f]{2,6})|0*(\d{2,7}));?|%(?:25)*([\da-f]{2})|\\{1,4}(?:u00|u\{0{0,4}|x)([\da-f]{2})\}?/g
/** Parts of a shown address may stand in elements of their own. */
const TAGS = /<[^<>]{0,500}>/g
/** So many ways of writing may lie over each other. */
const MOST_LAYERS = 3

/**
 * Finds which of the tokens a text from the web shows, however it writes them: raw, in capitals, escaped for HTML,
 * XML, URLs or JSON, or with places to break the line.
 */
export function findTokens(text: string, tokens: readonly string[]): ReadonlySet<string> {
  const byBeginning = new Map(tokens.map((token) => [token.slice(0, TELLING_LETTERS), token]))
  const found = new Set<string>()
  const plain = plainText(text)
  for (const shown of [plain, plain.replace(TAGS, '')]) {
    for (const [run] of shown.matchAll(RUNS)) {
      for (let at = 0; at + TELLING_LETTERS <= run.length; at++) {
        const token = byBeginning.get(run.slice(at, at + TELLING_LETTERS))
        if (token !== undefined) found.add(token)
      }
    }
  }
  return found
}

function plainText(text: string): string {
  let plain = text.toLowerCase()
  for (let layer = 0; layer < MOST_LAYERS; layer++) {
    const next = plain
      .replace(NUMBERED, (_, hex, decimal, percent, escape) =>
        letterOf(hex, decimal, percent, escape),
      )
      .toLowerCase()
    if (next === plain) break
    plain = next
  }
  return plain.replace(UNSEEN, '')
}

function letterOf(
  hex: string | undefined,
  decimal: string | undefined,
  percent: string | undefined,
  escape: string | undefined,
): string {
  const code =
    decimal === undefined ? parseInt(hex ?? percent ?? escape ?? '', 16) : Number(decimal)
  return code <= 0x10ffff ? String.fromCodePoint(code) : ' '
}
