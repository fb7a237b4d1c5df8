/** A list in a sentence: "Quokka, Wombat and Numbat". */
const BETWEEN_ITEMS = /\s*[,;\n]\s*|\s+(?:&|and|und|et|y|e|en|og|och)\s+/
const LONGEST_ITEM = 40
const SHORTEST_WORD = 4
const SHORTEST_PATH = 4
const DATE_OR_NUMBER = /^[\d\s:.,/TZ+-]+$/
const PATH = /^(?:\.{0,2}\/)\S*$|^\S+\.[a-z0-9]{2,5}$|^[\w-]+(?:\/[\w.-]+)+$/i

/** The pieces of a value that each say something: the whole, and the items of a list in words. */
export function partsOfValue(value: string): string[] {
  const text = value.trim()
  if (DATE_OR_NUMBER.test(text) || PATH.test(text)) return []
  const items = text
    .split(BETWEEN_ITEMS)
    .filter((item) => item !== '' && item.length <= LONGEST_ITEM)
  return items.length > 1 ? [text, ...items] : [text]
}

/**
 * Whether a lone word says enough to be looked for where it is the whole of an element, an attribute or a
 * string: a name does. A small word such as `notes` is one of the site's own.
 */
export function wordOfValue(word: string): boolean {
  const letters = word.replace(/[^\p{L}]/gu, '')
  return letters.length >= SHORTEST_WORD && !/^\p{Ll}/u.test(letters)
}

/** How an address in the front matter would stand in a text; `undefined`: it is none, or only a host. */
export function spellingOfUrl(value: string): string | undefined {
  const match = /^https?:\/\/(?:www\.)?([^\s/?#]+)([/?#]\S*)$/i.exec(value.trim())
  if (!match) return undefined
  const [, host = '', rest = ''] = match
  const path = rest.replace(/\/$/, '')
  return path.length < SHORTEST_PATH ? undefined : `${host}${path}`
}
