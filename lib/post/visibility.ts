/**
 * How private is a post? The rule that decides it fails closed: what cannot be classified is private,
 * and what contradicts itself stops the build.
 *
 * 1. {@link classify} – front matter and globs → visibility and access
 * 2. `refuseWords` (refuse-words.ts) – words that say "private" in another way, from the table of privacy-words.ts
 * 3. `parseAudience` (audience.ts) – whom the author names
 * 4. `readPost` (post.ts) – all of it, with expiry and reply, as one value
 *
 * @module
 */
import { distance } from 'fastest-levenshtein'
import { isPublicAudience, withAudience } from './audience-list.ts'
import { foldWord } from './look-alikes.ts'
import { postError } from './post-error.ts'
import { isNo } from './privacy-values.ts'
import { perKey } from './per-key.ts'
import { isPrivacyKey } from './privacy-words.ts'
import { refuseWords, type WordRules } from './refuse-words.ts'
import { answersSecret, refuseHiddenParent } from './reply-properties.ts'
import type { SecretRules } from '../web/secret-url.ts'

export type Visibility = 'public' | 'unlisted' | 'private'

/** Who checks at the door: the possession of the link, or the gate (who is there?). */
export type Access = 'link' | 'gate'

/** The data of a template, as Eleventy's cascade or a parsed front matter gives it. */
export type FrontMatter = Readonly<Record<string, unknown>>

/** What a site knows besides the front matter. */
export interface ClassificationRules extends WordRules {
  readonly secrets?: SecretRules
}

/** Keys that say how a private post is read: whoever writes one does not mean a public post. */
const PRIVATE_ONLY_KEYS = ['access', 'showAudience']
/** What an error shows in the place of people: build logs are read by others. */
const HIDDEN = '(not shown)'
const VISIBILITIES: readonly string[] = ['public', 'unlisted', 'private']
/** Keys that decide privacy. `vissibility` or `audiance`, a slip of the pen, would publish the post. */
const DECISIVE_KEYS = ['visibility', 'audience', 'recipients', 'showAudience']

/**
 * Decides the visibility of the post at `path`.
 *
 * `isNamedPrivate` is true when a glob of the site's options covers the file. A file so covered is
 * private even without front matter, and can be made public only by moving it.
 *
 * @throws {ConfigurationError} for an unknown word, a contradiction, or a key that looks like a typing error.
 */
export function classify(
  path: string,
  written: FrontMatter,
  isNamedPrivate: boolean,
  rules: ClassificationRules = {},
): Visibility {
  refuseSlips(path, written)
  refuseSlips(path, onlyMarks(written), ['private'], 1)
  refuseHiddenParent(path, written, rules.secrets)
  if (written['recipients'] !== undefined && rules.isGlobal?.('recipients')) {
    throw postError(path, 'recipients', HIDDEN, {
      problem: 'the data of the whole site has this key, and it would make every post private',
      remedy: 'give the data file, or what "addGlobalData" adds, another name',
    })
  }
  const data = withAudience(path, written)
  const visibility = decide(path, data, isNamedPrivate, rules)
  refuseWords(path, data, visibility, rules)
  return visibility
}

function decide(
  path: string,
  data: FrontMatter,
  isNamedPrivate: boolean,
  { secrets }: ClassificationRules,
): Visibility {
  const word = visibilityWord(path, data)
  const isMarked = isMarkedPrivate(path, data)
  const namesPeople = data['audience'] !== undefined
  if (isMarked && (word === 'public' || isPublicAudience(data['audience']))) {
    throw postError(path, 'private', true, {
      problem: 'the post says that it is both private and public',
      remedy: 'keep one of the two lines',
    })
  }

  if (word === 'public') {
    if (isNamedPrivate) {
      throw postError(path, 'visibility', 'public', {
        problem: 'the file lies where the option "posts" says that everything is private',
        remedy: 'move the file to publish it, or remove the line',
      })
    }
    if (namesPeople && !isPublicAudience(data['audience'])) {
      throw postError(path, 'audience', HIDDEN, {
        problem: 'the post is public and names an audience',
        remedy: 'write "visibility: private", or remove the audience',
      })
    }
    const key = PRIVATE_ONLY_KEYS.find((name) => isSet(data[name]))
    if (key !== undefined) {
      throw postError(path, key, data[key], {
        problem: 'the post is public, and this says how a private one is read',
        remedy: 'write "visibility: private", or remove the line',
      })
    }
    return 'public'
  }
  if (word !== undefined) return word

  if (isPublicAudience(data['audience']) && !isNamedPrivate) return 'public'
  if (isNamedPrivate || namesPeople || isMarked) return 'private'
  if (PRIVATE_ONLY_KEYS.some((name) => isSet(data[name]))) return 'private'
  return answersSecret(data, secrets) ? 'private' : 'public'
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && !isFree(value)
}

/** `access: free`, of a museum or an article: the contrary of private. */
function isFree(value: unknown): boolean {
  return typeof value === 'string' && /^(?:free|open|public)$/i.test(value.trim())
}

/** `access`, or `link` when the author says nothing. */
export function parseAccess(path: string, data: FrontMatter): Access {
  const access = data['access'] ?? 'link'
  if (access === 'link' || access === 'gate') return access
  throw postError(path, 'access', access, {
    problem: 'this is not a way to read a private post',
    remedy: 'write "link" (a capability URL for each recipient) or "gate" (readers sign in)',
  })
}

function visibilityWord(path: string, data: FrontMatter): Visibility | undefined {
  if (!('visibility' in data) || data['visibility'] === undefined) return undefined
  const value = data['visibility']
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined
  if (word !== undefined && VISIBILITIES.includes(word)) return word as Visibility
  throw postError(path, 'visibility', value, {
    problem: 'this is not a visibility',
    remedy: 'write "public", "unlisted" or "private"',
  })
}

/**
 * Refuses a key that is `letters` off one of `known`.
 *
 * @throws {ConfigurationError}
 */
export function refuseSlips(
  path: string,
  data: FrontMatter,
  known: readonly string[] = DECISIVE_KEYS,
  letters = 2,
): void {
  const slips = Object.keys(data).flatMap((key) => {
    const meant = known.find((name) => name === key)
      ? undefined
      : known.find((name) => slipsOf(name, letters)(key))
    if (meant === undefined) return []
    if (isPrivacyKey(key) && foldWord(key) !== foldWord(meant)) return []
    return [{ key, meant }]
  })
  const [slip, ...others] = slips
  if (!slip) return
  const { key, meant } = slip
  throw postError(path, key, typeof data[key] === 'object' ? HIDDEN : data[key], {
    problem: 'this key is not known, and it looks like one that decides who may read the post',
    remedy: `write "${meant}", or rename the key`,
    others: others.map((other) => other.key),
  })
}

/** Tells whether a key is so many letters off a name. */
const slipsOf = (name: string, letters: number) => slipsBy(`${letters} ${name}`)
const slipsBy = perKey((rule) => {
  const [letters, name = ''] = rule.split(' ')
  return perKey((key) => isSlip(foldWord(key), foldWord(name), Number(letters)))
})

/** Whether so many letters are too few, too many or wrong, or two neighbours have changed places. */
function isSlip(key: string, name: string, letters: number): boolean {
  if (distance(key, name) <= letters) return true
  const at = [...key].findIndex((letter, index) => letter !== name[index])
  const swapped = `${key.slice(0, at)}${key[at + 1] ?? ''}${key[at] ?? ''}${key.slice(at + 2)}`
  return swapped === name
}

/** What could be meant as `private: true`; other data may well be called almost the same. */
function onlyMarks(data: FrontMatter): FrontMatter {
  const isMark = (value: unknown) => value === true || typeof value === 'string'
  return Object.fromEntries(Object.entries(data).filter(([, value]) => isMark(value)))
}

/** `private: true`, as other software writes it. */
function isMarkedPrivate(path: string, data: FrontMatter): boolean {
  const value = data['private']
  if (value === undefined || isNo(value)) return false
  if (value === true) return true
  throw postError(path, 'private', value, {
    problem: 'this cannot be read as yes or no',
    remedy: 'write "visibility: private" instead',
  })
}
