import { parseAudience, type Groups, type Recipient } from './audience.ts'
import { parseExpiry } from './expiry.ts'
import { postError } from './post-error.ts'
import {
  classify,
  parseAccess,
  quotesCapabilityUrl,
  refuseSlips,
  type Access,
  type FrontMatter,
  type Visibility,
} from './visibility.ts'
import { canParseUrl } from '../web/parse-url.ts'

/** A post that is not for everybody. */
export interface PrivatePost {
  /** Input path as Eleventy knows it, without the leading `./`. */
  readonly path: string
  /** The `id` of its front matter: what the post is called, wherever its file lies. */
  readonly id?: string
  readonly title?: string
  readonly tags: readonly string[]
  readonly visibility: Exclude<Visibility, 'public'>
  readonly access: Access
  /** Empty when unlisted: nobody is named. */
  readonly recipients: readonly Recipient[]
  /** The author of the post that this one replies to, when not named in the audience. */
  readonly impliedRecipient?: Recipient
  readonly inReplyTo?: URL
  readonly showAudience: boolean
  readonly expires?: Date
}

/** What a message shows in the place of somebody's secret. */
const SECRET = '(a capability URL)'
/** A slip in one of these leaves a private post open to more readers, or for longer, than meant. */
const LIMITING_KEYS = ['access', 'expires']
/** Names that a JSON document cannot have as keys without being mistaken for something else. */
const UNUSABLE_IDS = ['__proto__', 'prototype', 'constructor']

/** What the site's options say about posts. */
export interface PostRules {
  readonly groups: Groups
  readonly isNamedPrivate: (path: string) => boolean
}

/**
 * Reads one template's data. `undefined` is a public post.
 *
 * @throws {ConfigurationError} naming the input path, the key, the value and the remedy.
 */
export function readPost(
  path: string,
  data: FrontMatter,
  { groups, isNamedPrivate }: PostRules,
): PrivatePost | undefined {
  const visibility = classify(path, data, isNamedPrivate(path))
  const inReplyTo = parseInReplyTo(path, data['inReplyTo'], visibility)
  if (visibility === 'public') return undefined
  refuseSlips(path, data, LIMITING_KEYS, 1)

  const title = data['title']
  const id = parseId(path, data['id'])
  const expires = parseExpiry(path, data['expires'])
  const named = parseNamed(path, data, visibility, groups, inReplyTo)
  const implied = visibility === 'private' ? impliedRecipient(named, inReplyTo) : undefined
  return {
    path,
    ...(id === undefined ? {} : { id }),
    ...(typeof title === 'string' ? { title } : {}),
    tags: parseTags(data['tags']),
    visibility,
    access: parseAccess(path, data),
    recipients: implied ? [...named, implied] : named,
    ...(implied ? { impliedRecipient: implied } : {}),
    ...(inReplyTo ? { inReplyTo } : {}),
    showAudience: parseShowAudience(path, data['showAudience']),
    ...(expires ? { expires } : {}),
  }
}

function parseNamed(
  path: string,
  data: FrontMatter,
  visibility: PrivatePost['visibility'],
  groups: Groups,
  inReplyTo: URL | undefined,
): Recipient[] {
  const audience = data['audience']
  if (visibility === 'unlisted') {
    if (audience === undefined) return []
    throw postError(path, 'audience', audience, {
      problem: 'an unlisted post has one link and names nobody',
      remedy: 'remove the audience, or write "visibility: private"',
    })
  }
  if (audience === undefined && inReplyTo) return []
  return parseAudience(path, audience, groups)
}

/** A reply is for the author of its parent too: whoever lives at the root of that site. */
function impliedRecipient(
  named: readonly Recipient[],
  inReplyTo: URL | undefined,
): Recipient | undefined {
  if (!inReplyTo) return undefined
  if (named.some(({ kind, url }) => kind === 'profile' && url?.host === inReplyTo.host)) {
    return undefined
  }
  // By its origin, because the address of a post may hold a name and a password.
  const url = new URL(`${inReplyTo.origin}/`)
  return { id: url.href, kind: 'profile', name: url.host, url }
}

function parseInReplyTo(path: string, value: unknown, visibility: Visibility): URL | undefined {
  if (value === undefined || value === null) return undefined
  if (visibility === 'public' && quotesCapabilityUrl(value)) {
    throw postError(path, 'inReplyTo', SECRET, {
      problem: 'a public reply would publish the secret address of the post that it replies to',
      remedy: 'write "visibility: private", or remove the line',
    })
  }
  const text = Array.isArray(value) && value.length === 1 ? value[0] : value
  if (typeof text !== 'string' || !/^https?:\/\//i.test(text) || !canParseUrl(text)) {
    if (visibility === 'public') return undefined
    throw postError(path, 'inReplyTo', quotesCapabilityUrl(value) ? SECRET : value, {
      problem: 'this is not the address of a post',
      remedy: 'write one http: or https: URL',
    })
  }
  return new URL(text)
}

function parseId(path: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim() : ''
  if (text !== '' && !UNUSABLE_IDS.includes(text)) return text
  throw postError(path, 'id', value, {
    problem: 'this cannot name a post',
    remedy: 'write a word that no other post uses',
  })
}

function parseTags(tags: unknown): string[] {
  const list = typeof tags === 'string' ? tags.split(',') : Array.isArray(tags) ? tags : []
  return list.map((tag) => String(tag).trim()).filter((tag) => tag !== '')
}

function parseShowAudience(path: string, value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'boolean') return value
  throw postError(path, 'showAudience', value, {
    problem: 'this is neither yes nor no',
    remedy: 'write true (everyone sees who else may read) or false',
  })
}
