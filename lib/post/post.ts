import { isEmptyAudience, withAudience } from './audience-list.ts'
import { parseAudience, type Groups, type Recipient } from './audience.ts'
import { parseExpiry } from './expiry.ts'
import { asKnown, namesIn, type KnownRecipients } from './known-recipients.ts'
import { postError } from './post-error.ts'
import type { SecretRules } from '../web/secret-url.ts'
import { impliedRecipient, parseParents, requireAuthor, type Parent } from './reply.ts'
import {
  classify,
  parseAccess,
  refuseSlips,
  type Access,
  type FrontMatter,
  type Visibility,
} from './visibility.ts'

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
  /** No audience is given: the owner alone may read it. */
  readonly isOnlyMe?: boolean
  /** The author of the post that this one replies to, when not named in the audience. */
  readonly impliedRecipient?: Recipient
  /** The address of a post, or what an inbox calls a message: `fmtp:…`, `intertalk:…`, `pm:…`. */
  readonly inReplyTo?: URL
  /** What it is to the post: `in-reply-to`, `like-of`, `repost-of`, … */
  readonly replyProperty?: string
  /** It answers by the markup of its page alone, which is known when that is rendered. */
  readonly isMarked?: boolean
  readonly showAudience: boolean
  readonly expires?: Date
}

/** A slip in one of these leaves a private post open to more readers, or for longer, than meant. */
const LIMITING_KEYS = ['access', 'expires']
/** Names that a JSON document cannot have as keys without being mistaken for something else. */
const UNUSABLE_IDS = ['__proto__', 'prototype', 'constructor']

/** What the site's options say about posts. */
export interface PostRules {
  /** Profile URL of the owner, who alone may read a private post without an audience. */
  readonly me: URL
  readonly groups: Groups
  readonly isNamedPrivate: (path: string) => boolean
  readonly recipients?: KnownRecipients
  readonly secrets?: SecretRules
  readonly isGlobal?: (key: string) => boolean
}

/**
 * Reads one template's data. `undefined` is a public post.
 *
 * @throws {ConfigurationError} naming the input path, the key, the value and the remedy.
 */
export function readPost(
  path: string,
  written: FrontMatter,
  { me, groups, isNamedPrivate, recipients: known = {}, secrets, isGlobal }: PostRules,
): PrivatePost | undefined {
  const visibility = classify(path, written, isNamedPrivate(path), {
    known: namesIn(groups, known),
    ...(isGlobal && { isGlobal }),
    ...(secrets && { secrets }),
  })
  const data = withAudience(path, written)
  const parent = parseParents(path, data, visibility, secrets)
  if (visibility === 'public') return undefined
  refuseSlips(path, data, LIMITING_KEYS, 1)

  const title = data['title']
  const id = parseId(path, data['id'])
  const expires = parseExpiry(path, data['expires'])
  const named = asKnown(parseNamed(path, data, visibility, groups, parent), known)
  const implied = visibility === 'private' ? impliedRecipient(named, parent, known) : undefined
  const isOnlyMe = visibility === 'private' && named.length === 0 && !implied
  return {
    path,
    ...(id === undefined ? {} : { id }),
    ...(typeof title === 'string' ? { title } : {}),
    tags: parseTags(data['tags']),
    visibility,
    access: parseAccess(path, data),
    recipients: isOnlyMe ? [ownerOf(me)] : implied ? [...named, implied] : named,
    ...(isOnlyMe ? { isOnlyMe } : {}),
    ...(implied ? { impliedRecipient: implied } : {}),
    ...(parent ? { inReplyTo: parent.url, replyProperty: parent.property } : {}),
    showAudience: parseShowAudience(path, data['showAudience']),
    ...(expires ? { expires } : {}),
  }
}

function parseNamed(
  path: string,
  data: FrontMatter,
  visibility: PrivatePost['visibility'],
  groups: Groups,
  parent: Parent | undefined,
): readonly Recipient[] {
  const audience = data['audience']
  if (visibility === 'unlisted') {
    if (isEmptyAudience(audience)) return []
    throw postError(path, 'audience', audience, {
      problem: 'an unlisted post has one link and names nobody',
      remedy: 'remove the audience, or write "visibility: private"',
    })
  }
  if (!isEmptyAudience(audience)) return parseAudience(path, audience, groups)
  if (parent) requireAuthor(path, parent)
  return []
}

function ownerOf(me: URL): Recipient {
  const path = me.pathname === '/' ? '' : me.pathname.replace(/\/$/, '')
  return { id: me.href, kind: 'profile', name: `${me.host}${path}`, url: me }
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
