import { distance } from 'fastest-levenshtein'
import { foldWord } from './look-alikes.ts'
import {
  hasPrivateTag,
  isNo,
  isPrivateWord,
  isYes,
  namesReader,
  type ReaderKind,
} from './privacy-values.ts'

/**
 * What a word does.
 *
 * - `audience`: its value is the audience, and the post is private
 * - `private`: the post is private
 * - `stop`: stops the build, unless the post is private
 * - `doubt`: the same, unless the post says `visibility: public` or `visibility: unlisted`
 * - `if-built`: stops the build if the post is public and has a page
 * - `warning`: a line in the build if the post is public and has a page
 */
type PrivacyEffect = 'audience' | 'private' | 'stop' | 'doubt' | 'if-built' | 'warning'

/** Which values of a key are meant to keep somebody out. */
type PrivacyValue = 'any' | 'yes' | 'no' | 'private word' | 'private tag' | ReaderKind

export interface PrivacyWord {
  /** As people write them. Case, hyphens, underscores and look-alikes make no difference. */
  readonly keys: readonly string[]
  readonly value: PrivacyValue
  readonly effect: PrivacyEffect
}

/** The table of `docs/front-matter.md`: a test compares the two. */
export const PRIVACY_WORDS: readonly PrivacyWord[] = [
  { keys: ['audience', 'recipients'], value: 'any', effect: 'audience' },
  { keys: ['private'], value: 'yes', effect: 'private' },
  {
    keys: [
      ...['recipient', 'shared-with', 'share-with', 'shared-to', 'visible-to', 'readable-by'],
      ...['viewable-by', 'only-for', 'for-only', 'restricted-to', 'limited-to'],
    ],
    value: 'anybody',
    effect: 'stop',
  },
  {
    keys: ['to', 'readers', 'viewers', 'allow', 'allowed', 'allowed-users', 'allowed-readers'],
    value: 'people',
    effect: 'doubt',
  },
  {
    keys: ['cc', 'bcc', 'for', 'reader', 'members', 'friends'],
    value: 'contacts',
    effect: 'doubt',
  },
  {
    keys: [
      ...['secret', 'confidential', 'restricted', 'privacy', 'is-private', 'private-post'],
      ...['only-me', 'just-me', 'friends-only', 'family-only', 'members-only', 'subscribers-only'],
      ...['not-public', 'non-public'],
    ],
    value: 'yes',
    effect: 'stop',
  },
  {
    keys: [
      ...['hidden', 'unlisted', 'protected', 'encrypted'],
      ...['members', 'friends', 'family', 'subscribers'],
    ],
    value: 'yes',
    effect: 'doubt',
  },
  { keys: ['public', 'is-public'], value: 'no', effect: 'stop' },
  { keys: ['visible', 'listed'], value: 'no', effect: 'doubt' },
  {
    keys: [
      ...['status', 'post-status', 'state', 'privacy', 'post-visibility', 'publish', 'published'],
      ...['access-level', 'access-control', 'share', 'sharing', 'scope', 'permission'],
      ...['permissions'],
    ],
    value: 'private word',
    effect: 'stop',
  },
  {
    keys: ['tags', 'tag', 'category', 'categories', 'type', 'post-type', 'kind'],
    value: 'private tag',
    effect: 'doubt',
  },
  { keys: ['password', 'passphrase', 'passcode'], value: 'any', effect: 'doubt' },
  { keys: ['published', 'publish'], value: 'no', effect: 'if-built' },
  { keys: ['draft'], value: 'yes', effect: 'warning' },
]

/** A word that somebody wrote, and what it does. */
export interface FoundWord {
  readonly key: string
  readonly value: PrivacyValue
  readonly effect: PrivacyEffect
}

/** Long enough that a letter or two more or less are a slip, and no other word. */
const LONG = 9
const BY_KEY = new Map<string, PrivacyWord[]>()
for (const word of PRIVACY_WORDS) {
  for (const key of word.keys) {
    const folded = foldWord(key)
    BY_KEY.set(folded, [...(BY_KEY.get(folded) ?? []), word])
  }
}
const LONG_KEYS = PRIVACY_WORDS.filter(({ effect }) => effect === 'stop')
  .filter(({ value }) => value === 'anybody' || value === 'yes')
  .flatMap(({ keys }) => keys.map(foldWord))
  .filter((key) => key.length >= LONG)

/**
 * Finds the words of the table among the keys of `data`, where their values mean it.
 *
 * @param groups Names of the groups that the site's options know.
 */
export function findPrivacyWords(
  data: Readonly<Record<string, unknown>>,
  groups: readonly string[] = [],
): FoundWord[] {
  const { from } = data
  // A redirect from here to there names pages, and a journey names places.
  const isRedirect = typeof from === 'string' && /^(?:\/|https?:)/.test(from)
  return Object.entries(data).flatMap(([key, value]) =>
    wordsOfKey(key).flatMap((word) => {
      const isDestination = word.value === 'people' && foldWord(key) === 'to' && from !== undefined
      if (isDestination && isRedirect) return []
      const kind = isDestination ? 'contacts' : word.value
      return means(kind, value, groups) ? [{ key, value: word.value, effect: word.effect }] : []
    }),
  )
}

/** Whether a key of front matter is one of the table, in whatever spelling. */
export function isPrivacyKey(key: string): boolean {
  return BY_KEY.has(foldWord(key))
}

/** Whether the word says who may read a post: then a private post without an audience is not "only me". */
export function isAboutReaders({ value }: FoundWord): boolean {
  return value === 'anybody' || value === 'people' || value === 'contacts'
}

const KNOWN = new Map<string, readonly PrivacyWord[]>()

/** The keys of a site are few and come again with each post: each is looked up once. */
function wordsOfKey(key: string): readonly PrivacyWord[] {
  const known = KNOWN.get(key)
  if (known) return known
  const folded = foldWord(key)
  const meant =
    folded.length < LONG ? undefined : LONG_KEYS.find((word) => distance(word, folded) <= 2)
  const words = BY_KEY.get(folded) ?? BY_KEY.get(meant ?? '') ?? []
  KNOWN.set(key, words)
  return words
}

function means(kind: PrivacyValue, value: unknown, groups: readonly string[]): boolean {
  switch (kind) {
    case 'any':
      return value !== undefined && value !== null && value !== false && value !== ''
    case 'yes':
      return isYes(value)
    case 'no':
      return isNo(value)
    case 'private word':
      return isPrivateWord(value)
    case 'private tag':
      return hasPrivateTag(value)
    default:
      return namesReader(value, kind, groups)
  }
}
