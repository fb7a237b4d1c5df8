import { customAlphabet } from 'nanoid'

/**
 * Stand-ins for what Eleventy must never learn.
 *
 * Eleventy renders each private post once, under a name that is new in each build. The secret
 * tokens and the recipients' names take its place in the copies, outside Eleventy: no log line,
 * error message, collection or other plugin can hold what was not there.
 */
export interface Placeholders {
  /** Stands for the capability token of the post with this number. */
  page(post: number): string
  /** Stands for something about the recipient, in the page of the post with this number. */
  field(kind: RecipientField, post: number): string
  /** Replaces every placeholder in `html`. */
  fill(html: string, value: (kind: PlaceholderKind, post: number) => string): string
  /** Whether a placeholder, or a piece of one that a filter cut or changed, is left in `html`. */
  isLeftIn(html: string): boolean
  /** The part that all of them share: none may be left in anything that is published. */
  readonly nonce: string
}

type RecipientField = 'name' | 'url' | 'notice'
type PlaceholderKind = 'page' | RecipientField

/** `u` is no letter of a capability token, so that neither can be taken for the other. */
const MARK = 'uu'
const LETTERS: Readonly<Record<PlaceholderKind, string>> = {
  page: 'p',
  name: 'n',
  url: 'r',
  notice: 'm',
}
/** 18 letters of 5 bits: 90 bits, so that no text holds it by accident or by malice. */
const newNonce = customAlphabet('0123456789abcdefghjkmnpqrstvwxyz', 18)
/** With the mark, the letter and the nonce as long as a token: paths keep their depth and length. */
const DIGITS = 5
/** Six letters of 5 bits: 30 bits are no accident in one page. */
const PIECE = 6

export function createPlaceholders(nonce = newNonce()): Placeholders {
  const pattern = new RegExp(`${MARK}([pnrm])(\\d{${DIGITS}})${nonce}`, 'g')
  const kinds = new Map(Object.entries(LETTERS).map(([kind, letter]) => [letter, kind]))
  const write = (kind: PlaceholderKind, post: number) =>
    `${MARK}${LETTERS[kind]}${String(post).padStart(DIGITS, '0')}${nonce}`

  return {
    nonce,
    page: (post) => write('page', post),
    field: write,
    isLeftIn(html) {
      const text = html.toLowerCase()
      return text.includes(nonce.slice(0, PIECE)) || text.includes(nonce.slice(-PIECE))
    },
    fill: (html, value) =>
      html.replace(pattern, (_, letter: string, post: string) =>
        value(kinds.get(letter) as PlaceholderKind, Number(post)),
      ),
  }
}
