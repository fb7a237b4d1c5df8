import { distance } from 'fastest-levenshtein'
import { foldWord } from './look-alikes.ts'

/**
 * How sure it must be that a value names readers.
 *
 * - `anybody`: every text counts, unless it means everybody
 * - `people`: an address, a profile URL, a group, a name with a capital letter, or a list of words
 * - `contacts`: an address, a profile URL, or a group
 */
export type ReaderKind = 'anybody' | 'people' | 'contacts'

const YES = ['true', 'yes', 'y', 'on', 'ja', 'oui', 'si']
const NO = ['false', 'no', 'n', 'off', 'nein', 'non']
/** What people write to say that a thing is not for everybody, folded; in a few languages. */
const PRIVATE = [
  ...['private', 'privat', 'prive', 'privee', 'privado', 'privada', 'privato', 'privata'],
  ...['secret', 'geheim', 'confidential', 'unlisted', 'hidden', 'nonpublic', 'notpublic'],
  ...['onlyme', 'justme', 'me', 'myself', 'self', 'friends', 'family', 'friendsonly', 'familyonly'],
  ...['membersonly', 'subscribersonly', 'restricted', 'personal', 'internal', 'limited'],
  ...[
    'privatepost',
    'friendsandfamily',
    'familyandfriends',
    'intern',
    'freunde',
    'familie',
    'amis',
    'famille',
  ],
]
/** Among them, what a text says of other things too: of the weather, of an edition, of a style. */
const AMBIGUOUS = ['hidden', 'limited', 'restricted', 'personal', 'internal', 'intern']
/** What "visibility" is in other languages, folded. */
const VISIBILITY = [
  ...['visibility', 'visibilite', 'visibilidad', 'visibilidade', 'visibilita', 'sichtbarkeit'],
  ...['zichtbaarheid', 'synlighed', 'synlighet', 'visivel'],
]
/** The same for tags, where topics such as "family" or "Privat" are no wish. */
const PRIVATE_TAGS = [
  ...['private', 'unlisted', 'confidential', 'nonpublic', 'notpublic', 'onlyme', 'justme'],
  ...['friendsonly', 'familyonly', 'membersonly', 'subscribersonly', 'privatepost'],
]
const GROUPS = ['private', 'me', 'onlyme', 'myself', 'self', 'family', 'friends']
const EVERYBODY = [
  'public',
  'everyone',
  'everybody',
  'all',
  'anyone',
  'world',
  'none',
  'nobody',
  '',
]

const ADDRESS = /^<?[^\s@/]+@[^\s@/]+\.[^\s@/]+>?$|^(?:mailto|acct|xmpp|sip|tel|sms):\S/i
const HANDLE = /^@\w/
/** A home page: at the root of a host, or one step below it. */
const HOME_PAGE = /^https?:\/\/[^/\s]+\/?(?:[^/\s?#.]*\/?)$/i
/** A word with a capital letter and a small one: "Mum", "Aunt May". */
const NAME = /^(?=.{2,40}$)(?:\p{L}[\p{L}\p{M}'’.-]* )*\p{Lu}\p{M}*\p{Ll}[\p{L}\p{M}'’.-]*$/u
const WORD = /^[\p{L}\p{N}_-]*\p{L}[\p{L}\p{N}_-]*$/u

export function isYes(value: unknown): boolean {
  return value === true || (typeof value === 'string' && YES.includes(foldWord(value)))
}

export function isNo(value: unknown): boolean {
  return value === false || (typeof value === 'string' && NO.includes(foldWord(value)))
}

/** Whether a value, or one in its list, is a word such as "private" or "friends-only". */
export function isPrivateWord(value: unknown): boolean {
  return partsOf(value).some((part) => PRIVATE.includes(foldWord(part)))
}

/** Whether a value is such a word, and hardly anything else. */
export function isPlainlyPrivate(value: unknown): boolean {
  const words = partsOf(value).map(foldWord)
  return words.some((word) => PRIVATE.includes(word) && !AMBIGUOUS.includes(word))
}

/** "visibility", also with a letter or two wrong, or in another language. */
export function isVisibilityKey(key: string): boolean {
  const folded = foldWord(key)
  return distance(folded, 'visibility') <= 2 || VISIBILITY.includes(folded)
}

/** Whether one of the tags is such a word. */
export function hasPrivateTag(value: unknown): boolean {
  return partsOf(value).some((tag) => PRIVATE_TAGS.includes(foldWord(tag)))
}

/** Whether a value, or a part of it, says who may read. */
export function namesReader(value: unknown, kind: ReaderKind, groups: readonly string[]): boolean {
  const parts = partsOf(value).filter((part) => !EVERYBODY.includes(foldWord(part)))
  if (parts.some((part) => isContact(part, groups))) return true
  if (kind === 'contacts') return false
  if (kind === 'people') {
    const isList = Array.isArray(value) && parts.some((part) => WORD.test(part))
    return isList || parts.some((part) => NAME.test(part))
  }
  return parts.some((part) => /\p{L}/u.test(part) && !part.startsWith('/'))
}

function isContact(text: string, groups: readonly string[]): boolean {
  return (
    ADDRESS.test(text) ||
    HANDLE.test(text) ||
    HOME_PAGE.test(text) ||
    GROUPS.includes(foldWord(text)) ||
    groups.includes(text)
  )
}

/** The texts of a value: of a list its entries, of one text what stands between commas, of an object its values. */
function partsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/[,;\n]/).map((part) => part.trim())
  if (Array.isArray(value)) return value.flatMap(partsOf)
  if (typeof value !== 'object' || value === null || value instanceof Date) return []
  return Object.values(value).flatMap((part) => (typeof part === 'string' ? [part.trim()] : []))
}
