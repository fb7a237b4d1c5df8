import { distance } from 'fastest-levenshtein'
import { quotesSecretUrl, secretUrlsIn, type SecretRules } from '../web/secret-url.ts'
import { namesMessage } from './message-reference.ts'
import { postError } from './post-error.ts'
import type { FrontMatter } from './visibility.ts'
import { isRecord } from '../web/record.ts'
import { perKey } from './per-key.ts'

/** Properties of microformats that say what a post answers, likes or repeats: each needs a link to it. */
export const REPLY_PROPERTIES = [
  'in-reply-to',
  'like-of',
  'repost-of',
  'bookmark-of',
  'quotation-of',
  'read-of',
  'listen-of',
  'watch-of',
  'follow-of',
] as const

/** What people call them, each in letters alone. */
const OTHER_NAMES = new Map<string, (typeof REPLY_PROPERTIES)[number]>([
  ...['reply', 'irt', 'answerto', 'responseto', 'rsvpto', 'context'].map(
    (name) => [name, 'in-reply-to'] as const,
  ),
  ...['quote', 'quoteof'].map((name) => [name, 'quotation-of'] as const),
])

/** What a post answers, as its author wrote it. */
export interface WrittenParent {
  /** The key in the front matter. */
  readonly key: string
  readonly value: unknown
  readonly property: string
}

/** Maps that hold the properties of a post, as Micropub servers write them. */
const NESTING = ['properties', 'mf2', 'microformats']

/**
 * The property of microformats that a key of the front matter means, however it is spelled: `inReplyTo`,
 * `in_reply_to`, `u-in-reply-to`.
 */
export const replyPropertyOf = perKey((key): string | undefined => {
  const name = lettersOf(key.replace(/^u[-_ ]/i, ''))
  return REPLY_PROPERTIES.find((property) => lettersOf(property) === name)
})

/** The one of these that a key is a slip of, or another name for. */
const hiddenPropertyOf = perKey((key): string | undefined => {
  if (replyPropertyOf(key) !== undefined) return undefined
  const name = lettersOf(key)
  return (
    OTHER_NAMES.get(name) ??
    REPLY_PROPERTIES.find((property) => distance(name, lettersOf(property)) <= 2)
  )
})

/** Everything that the post answers. */
export function writtenParents(data: FrontMatter): WrittenParent[] {
  return Object.entries(data).flatMap(([key, value]): WrittenParent[] => {
    if (value === undefined || value === null || value === '') return []
    if (NESTING.includes(key.toLowerCase()) && isRecord(value)) {
      return writtenParents(value).map((parent) => ({ ...parent, key: `${key}.${parent.key}` }))
    }
    const property = replyPropertyOf(key)
    return property === undefined ? [] : [{ key, value, property }]
  })
}

/** Whether the post answers what is not for everybody: then the answer is not, either. */
export function answersSecret(data: FrontMatter, rules?: SecretRules): boolean {
  return (
    secretParent(data, rules) !== undefined ||
    writtenParents(data).some(({ value }) => namesMessage(value))
  )
}

/** The first of them that is somebody's secret. */
function secretParent(
  data: FrontMatter,
  rules: SecretRules = {},
): (WrittenParent & { readonly url: URL }) | undefined {
  for (const parent of writtenParents(data)) {
    const [url] = secretUrlsIn(parent.value, rules)
    if (url) return { ...parent, url }
  }
  return undefined
}

/**
 * Refuses a key that is a slip of one of these, or another name for it: under it, the answer would be published.
 *
 * @throws {ConfigurationError}
 */
export function refuseHiddenParent(path: string, data: FrontMatter, rules?: SecretRules): void {
  for (const [key, value] of Object.entries(data)) {
    const meant = hiddenPropertyOf(key)
    if (meant === undefined || !(quotesSecretUrl(value, rules) || namesMessage(value))) continue
    throw postError(path, key, '(a private message)', {
      problem: 'this key is not known, and what it answers was not written for everybody',
      remedy: `write "${keyOf(meant)}"`,
    })
  }
}

/**
 * The one parent that decides for whom the reply is: a secret one before others, then what the post answers
 * in words.
 */
export function parentOf(data: FrontMatter, rules: SecretRules = {}): WrittenParent | undefined {
  const written = writtenParents(data)
  const own = written.find(({ property }) => property === 'in-reply-to')
  const secret = secretParent(data, rules)
  if (secret && secret.key !== own?.key) return { ...secret, value: secret.url.href }
  return own && { ...own, value: plainValue(own.value) }
}

/** A cited post may be a map: its address is what counts. */
function plainValue(value: unknown): unknown {
  if (!isRecord(value)) return value
  const { url, value: text, properties } = value
  const nested = isRecord(properties) ? properties['url'] : undefined
  return url ?? text ?? (Array.isArray(nested) ? nested[0] : nested) ?? value
}

/** `in-reply-to` as this software writes it. */
function keyOf(property: string): string {
  return property.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[-_ ]/g, '')
}
