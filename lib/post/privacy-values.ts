import { distance } from 'fastest-levenshtein'
import { foldWord } from './look-alikes.ts'
import { mayBeReaders } from './not-readers.ts'

/**
 * How sure it must be that a value names readers.
 *
 * - `anybody`: every text counts, unless it means everybody
 * - `people`: the same as `contacts`, or a name with a capital letter, or a list of words; not people in general, nor
 *   places or programs (not-readers.ts)
 * - `contacts`: an address, a profile URL, somebody whom the options name, a group, or a relative such as "Mum"
 */
export type ReaderKind = 'anybody' | 'people' | 'contacts'

const YES = ['true', 'yes', 'y', 'on', 'ja', 'oui', 'si']
const NO = ['false', 'no', 'n', 'off', 'nein', 'non']
const NOBODY = ['none', 'nobody', 'never', 'nothing', 'null', 'niemand', 'personne', 'nadie']
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
/** In other languages a mark only in small letters: "Privat" is a topic. */
const FOREIGN_TAGS = [
  ...['privat', 'privata', 'privato', 'prive', 'privee', 'privado', 'privada'],
  ...['vertraulich', 'confidentiel', 'prywatne', 'soukrome', 'yksityinen'],
]
/** `status/private`: before the stroke, a word of ours; behind it, any word for private. */
const TAG_KEYS = ['visibility', 'privacy', 'audience', 'access', 'status', 'share', 'sharing']
/** "private equity" is a topic, "food private" are two tags. */
const TOPICS =
  `equity key keys life sector school schools cloud network networks eye investigator property company
  companies browsing jet jets tutor parts party message messages messaging data room rooms dining member members
  function functions method methods field fields class classes island beach view practice computing law banking
  investment use label information`.split(/\s+/)
/** Words that stand alone under any key only where they mean it. */
const ALONE = [
  ...PRIVATE_TAGS,
  ...FOREIGN_TAGS,
  'secret',
  'geheim',
  'friendsandfamily',
  'familyandfriends',
]
/** Relatives: nobody else is called so. */
const RELATIVES =
  `mum mom mummy mommy mama mamma mami mutti mutter mother dad daddy papa papi vati vater father grandma
  grandpa granny gran grandad nana oma opa omi opi grandmother grandfather uncle aunt auntie onkel tante maman papy
  mamie abuela abuelo madre padre nonna nonno babushka`.split(/\s+/)
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
/** What stands in the place of a name and is none. */
const NO_READERS = [...EVERYBODY, ...YES, ...NO, ...NOBODY, 'always', 'default', 'auto', 'policy']

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

/** As numbers, too: `hidden: 1`. */
export function isYesOrOne(value: unknown): boolean {
  return isYes(value) || value === 1 || value === '1'
}

/** `public: 0`, `public:` with nothing behind it, `visible: none`. */
export function isNoOrNothing(value: unknown): boolean {
  if (isNo(value) || value === null || value === 0) return true
  if (Array.isArray(value)) return value.length === 0
  return typeof value === 'string' && ['', '0', ...NOBODY].includes(foldWord(value))
}

/** Whether a value, or one in its list, is a word such as "private" or "friends-only". */
export function isPrivateWord(value: unknown): boolean {
  return partsOf(value).some((part) => PRIVATE.includes(foldWord(part)))
}

/** Whether a value is such a word, and hardly anything else. */
export function isPlainlyPrivate(value: unknown): boolean {
  const words = partsOf(value).map(foldWord)
  // "private, unlisted or public" says what there is.
  if (partsOf(value).some((part) => /\bpublic\b/i.test(part))) return false
  return words.some((word) => PRIVATE.includes(word) && !AMBIGUOUS.includes(word))
}

/** "visibility", also with a letter or two wrong, or in another language. */
export function isVisibilityKey(key: string): boolean {
  const folded = foldWord(key)
  return distance(folded, 'visibility') <= 2 || VISIBILITY.includes(folded)
}

/** Whether one of the tags is such a word: also of several in one text, or below another (`status/private`). */
export function hasPrivateTag(value: unknown): boolean {
  const tags = partsOf(value).flatMap((part) => (part.includes('#') ? part.split(/\s*#/) : part))
  if (tags.some(isPrivateTag)) return true
  // Eleventy makes a list of a text, and adds it to the tags of the folder.
  const isOne = !Array.isArray(value) || value.length === 1
  return tags.some((tag) => {
    const words = tag.toLowerCase().split(/\s+/)
    return words.some((word, at) => {
      const next = words[at + 1]
      return (
        words.length > 1 &&
        isPrivateTag(word) &&
        (next === undefined || (isOne && !TOPICS.includes(next)))
      )
    })
  })
}

function isPrivateTag(tag: string): boolean {
  if (tag.includes('://')) return false
  const segments = tag.split(/[/:=|]/)
  const isKnown = segments.some(
    (segment) =>
      PRIVATE_TAGS.includes(foldWord(segment)) ||
      (FOREIGN_TAGS.includes(foldWord(segment)) && segment === segment.toLowerCase()),
  )
  const [first = '', ...others] = segments
  return isKnown || (TAG_KEYS.includes(foldWord(first)) && others.some(isPrivateWord))
}

/**
 * Whether a value is a word for private and nothing else, or a list has one: under any key that is a doubt. A
 * list that has "public", too, names the two kinds.
 */
export function isPrivateAlone(value: unknown): boolean {
  const words = Array.isArray(value) ? value : [value]
  if (words.some((word) => typeof word === 'string' && foldWord(word) === 'public')) return false
  return words.some(
    (word) =>
      typeof word === 'string' &&
      ALONE.includes(foldWord(word)) &&
      (word === word.toLowerCase() || foldWord(word) === 'private'),
  )
}

/**
 * Whether a value, or a part of it, says who may read.
 *
 * @param known Groups and people whom the site's options name.
 */
export function namesReader(value: unknown, kind: ReaderKind, known: readonly string[]): boolean {
  const parts = partsOf(value).filter((part) => !NO_READERS.includes(foldWord(part)))
  if (parts.some((part) => isContact(part, known))) return true
  if (kind === 'contacts') return false
  if (kind === 'people') {
    const people = mayBeReaders(parts)
    const isList = Array.isArray(value) && people.some((part) => WORD.test(part))
    return isList || people.some((part) => NAME.test(part))
  }
  return parts.some((part) => /\p{L}/u.test(part) && !part.startsWith('/'))
}

function isContact(text: string, known: readonly string[]): boolean {
  return (
    ADDRESS.test(text) ||
    HANDLE.test(text) ||
    HOME_PAGE.test(text) ||
    GROUPS.includes(foldWord(text)) ||
    isRelative(text.split(/\s+/)[0] ?? '') ||
    known.some((name) => name === text || (text !== '' && foldWord(name) === foldWord(text)))
  )
}

/** "Mum", "Oma" */
export function isRelative(word: string): boolean {
  return RELATIVES.includes(foldWord(word))
}

/** The texts of a value: of a list its entries, of one text what stands between commas, of an object its values. */
function partsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.split(/[,;\n]/).map((part) => part.trim())
  if (Array.isArray(value)) return value.flatMap(partsOf)
  if (typeof value !== 'object' || value === null || value instanceof Date) return []
  return Object.values(value).flatMap((part) => (typeof part === 'string' ? [part.trim()] : []))
}
