import { distance } from 'fastest-levenshtein'
import { asSeen, foldWord } from './look-alikes.ts'
import { perKey } from './per-key.ts'
import {
  hasPrivateTag,
  isNo,
  isNoOrNothing,
  isPrivateAlone,
  isPrivateWord,
  isYes,
  isYesOrOne,
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
type PrivacyValue =
  | 'any'
  | 'yes'
  | 'yes or one'
  | 'no'
  | 'no or nothing'
  | 'private word'
  | 'private tag'
  | 'private alone'
  | ReaderKind

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
      ...['recipient', 'shared-with', 'share-with', 'shared-to', 'share-to', 'visible-to'],
      ...['readable-by', 'viewable-by', 'only-for', 'for-only', 'restricted-to', 'limited-to'],
      ...['private-to', 'private-for', 'send-to', 'sent-to', 'audience-list', 'recipient-list'],
      ...[
        'hidden-from',
        'hide-from',
        'not-for',
        'empfaenger',
        'empfanger',
        'destinataires',
        'destinatarios',
        'destinatari',
      ],
    ],
    value: 'anybody',
    effect: 'stop',
  },
  {
    keys: [
      ...['to', 'readers', 'viewers', 'viewer', 'allowed-users', 'allowed-readers', 'shared'],
      ...['only', 'invited', 'invitees', 'visible', 'secret', 'privacy', 'acl'],
    ],
    value: 'people',
    effect: 'doubt',
  },
  {
    keys: [
      ...['cc', 'bcc', 'for', 'reader', 'members', 'friends', 'allow', 'allowed'],
      ...['bto', 'group', 'groups', 'circle', 'circles'],
    ],
    value: 'contacts',
    effect: 'doubt',
  },
  { keys: ['secret'], value: 'yes', effect: 'stop' },
  {
    keys: [
      ...['confidential', 'restricted', 'privacy', 'is-private', 'private-post'],
      ...['only-me', 'just-me', 'friends-only', 'family-only', 'members-only', 'subscribers-only'],
      ...['not-public', 'non-public', 'not-for-public', 'do-not-share'],
      ...['privat', 'prive', 'privee', 'privado', 'privada', 'privato'],
    ],
    value: 'yes or one',
    effect: 'stop',
  },
  {
    keys: [
      ...['hidden', 'hide', 'unlisted', 'protected', 'encrypted', 'internal', 'personal', 'locked'],
      ...['limited', 'is-hidden', 'hide-from-public', 'hidden-from-public', 'gate', 'gated'],
      ...['login-required', 'require-login', 'requires-login', 'password-protected'],
    ],
    value: 'yes or one',
    effect: 'doubt',
  },
  { keys: ['members', 'friends', 'family', 'subscribers'], value: 'yes', effect: 'doubt' },
  {
    keys: [
      ...['public', 'is-public', 'publico', 'publica', 'publique', 'pubblico', 'oeffentlich'],
      'offentlich',
    ],
    value: 'no or nothing',
    effect: 'stop',
  },
  { keys: ['visible', 'is-visible', 'listed'], value: 'no or nothing', effect: 'doubt' },
  {
    keys: [
      ...['status', 'post-status', 'state', 'privacy', 'privacy-level', 'post-visibility'],
      ...['publish', 'published', 'public', 'draft', 'access-level', 'access-control', 'acl'],
      ...['confidentiality', 'share', 'sharing', 'shared', 'scope', 'permission', 'permissions'],
      ...['sichtbarkeit', 'visibilidad', 'visibilidade', 'visibilite', 'visibilita'],
      ...['zichtbaarheid', 'synlighet'],
    ],
    value: 'private word',
    effect: 'stop',
  },
  {
    keys: ['visible', 'listed', 'mode', 'view', 'level', 'only', 'reader', 'viewer'],
    value: 'private word',
    effect: 'doubt',
  },
  {
    keys: [
      ...['tags', 'tag', 'category', 'categories', 'keywords', 'keyword', 'labels', 'label'],
      ...['topics', 'topic', 'section', 'type', 'post-type', 'kind'],
    ],
    value: 'private tag',
    effect: 'doubt',
  },
  { keys: ['password', 'passphrase', 'passcode'], value: 'any', effect: 'doubt' },
  { keys: ['published', 'publish', 'dg-publish'], value: 'no', effect: 'if-built' },
  {
    keys: ['unpublished', 'do-not-publish', 'no-publish'],
    value: 'yes or one',
    effect: 'if-built',
  },
  { keys: ['draft'], value: 'yes', effect: 'warning' },
  { keys: ['*'], value: 'private alone', effect: 'doubt' },
]

/** A key that is made of one of these words and another: `post-recipients`, `visibilityLevel`. */
const IN_A_KEY: readonly PrivacyWord[] = [
  {
    keys: ['audience', 'recipient', 'recipients', 'reader', 'readers', 'viewers'],
    value: 'contacts',
    effect: 'doubt',
  },
  { keys: ['visibility', 'privacy'], value: 'private word', effect: 'doubt' },
]
/** Keys whose values are texts, names and addresses, so that a word in them says nothing of the post. */
const TEXTS = new Set(
  `title subtitle name headline heading description summary excerpt lead teaser intro abstract layout template
  permalink slug url uri path file filename folder dir id uid key css class classes bodyclass style styles stylesheet
  theme color colour icon emoji image img cover photo alt caption author authors by byline creator artist album song
  track book film movie game series parent nav menu lang language locale date script scripts src source href link
  links text content body html markdown quote question answer partial include component templateengineoverride
  visibility audience recipients access private showaudience`.split(/\s+/),
)
/** A key that is a sentence is none. */
const LONGEST_KEY = 32

/** A word that somebody wrote, and what it does. */
export interface FoundWord {
  readonly key: string
  readonly value: PrivacyValue
  readonly effect: PrivacyEffect
}

/** Long enough that a letter or two more or less are a slip, and no other word. */
const LONG = 9
const BY_KEY = new Map<string, PrivacyWord[]>()
/** The last row of the table: any key that is not in another for tags. */
const ANY_KEY = PRIVACY_WORDS.filter(({ keys }) => keys.includes('*'))
for (const word of PRIVACY_WORDS.filter((word) => !ANY_KEY.includes(word))) {
  for (const key of word.keys) {
    const folded = foldWord(key)
    BY_KEY.set(folded, [...(BY_KEY.get(folded) ?? []), word])
  }
}
const LONG_KEYS = PRIVACY_WORDS.filter(({ effect }) => effect === 'stop')
  .filter(({ value }) => value === 'anybody' || value === 'yes or one')
  .flatMap(({ keys }) => keys.map(foldWord))
  .filter((key) => key.length >= LONG)

/**
 * Finds the words of the table among the keys of `data`, where their values mean it.
 *
 * @param known Groups and people whom the site's options name.
 */
export function findPrivacyWords(
  data: Readonly<Record<string, unknown>>,
  known: readonly string[] = [],
): FoundWord[] {
  const { from } = data
  // A redirect from here to there names pages, and a journey names places.
  const isRedirect = typeof from === 'string' && /^(?:\/|https?:)/.test(from)
  return Object.entries(data).flatMap(([key, value]) =>
    wordsOfKey(key).flatMap((word) => {
      const isDestination = word.value === 'people' && foldWord(key) === 'to' && from !== undefined
      if (isDestination && isRedirect) return []
      const kind = isDestination ? 'contacts' : word.value
      return means(kind, value, known) ? [{ key, value: word.value, effect: word.effect }] : []
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

const wordsOfKey = perKey((key): readonly PrivacyWord[] => {
  const folded = foldWord(key)
  const meant =
    folded.length < LONG ? undefined : LONG_KEYS.find((word) => distance(word, folded) <= 2)
  const last = key.split(/[.:/]/).at(-1) ?? ''
  const named =
    BY_KEY.get(folded) ?? BY_KEY.get(meant ?? '') ?? BY_KEY.get(foldWord(last)) ?? wordsInKey(key)
  const isText = TEXTS.has(folded) || key.length > LONGEST_KEY
  const isForTags = named.some(({ value }) => value === 'private tag')
  return isText || isForTags ? named : [...named, ...ANY_KEY]
})

function wordsInKey(key: string): PrivacyWord[] {
  const parts = asSeen(key)
    .replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ')
    .toLowerCase()
    .split(/\P{L}+/u)
  return parts.length < 2
    ? []
    : IN_A_KEY.filter(({ keys }) => keys.some((word) => parts.includes(word)))
}

function means(kind: PrivacyValue, value: unknown, known: readonly string[]): boolean {
  switch (kind) {
    case 'any':
      return value !== undefined && value !== null && value !== false && value !== ''
    case 'yes':
      return isYes(value)
    case 'yes or one':
      return isYesOrOne(value)
    case 'no':
      return isNo(value)
    case 'no or nothing':
      return isNoOrNothing(value)
    case 'private word':
      return isPrivateWord(value)
    case 'private tag':
      return hasPrivateTag(value)
    case 'private alone':
      return isPrivateAlone(value)
    default:
      return namesReader(value, kind, known)
  }
}
