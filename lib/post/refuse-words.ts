import { isEmptyAudience, isPublicAudience } from './audience-list.ts'
import { foldWord } from './look-alikes.ts'
import { perKey } from './per-key.ts'
import { postError } from './post-error.ts'
import { findPrivacyWords, isAboutReaders, type FoundWord } from './privacy-words.ts'
import { writtenParents } from './reply-properties.ts'
import { isPrivateWord, isYes, namesReader } from './privacy-values.ts'
import type { FrontMatter, Visibility } from './visibility.ts'

/** What the site knows of the words that a template's data may hold. */
export interface WordRules {
  /** Groups and people whom the site's options name. */
  readonly known?: readonly string[]
  /** Whether a key comes from the data of the whole site, and says nothing of one post. */
  readonly isGlobal?: (key: string) => boolean
}

/** The spellings that are read: any other one of these words stops the build. */
const EXACT = ['audience', 'recipients', 'private']
/** Data that Eleventy and other plugins lay beside the author's: `pkg.private` says nothing of a post. */
const FOREIGN = ['pkg', 'collections', 'pagination', 'mentions', 'env']
/** What people and other software put around the data of a post: every word of the table counts there. */
const AROUND_A_POST =
  `meta metadata post params extra props properties frontmatter matter attributes settings fields
  custom privacy access mp micropub blog article entry item`.split(/\s+/)
const DEEPEST = 3
const isAroundPost = perKey((key) => AROUND_A_POST.includes(foldWord(key)))
const foldKey = perKey(foldWord)

/**
 * Refuses a post that is about to be public although one of its words says otherwise; and a private one
 * that names its readers where nothing reads them.
 *
 * @throws {ConfigurationError} naming the key and the remedy, never a reader
 */
export function refuseWords(
  path: string,
  data: FrontMatter,
  visibility: Visibility,
  { known = [], isGlobal = () => false }: WordRules = {},
): void {
  const found = findPrivacyWords(data, known).filter(({ key }) => !isGlobal(key))
  const misspelt = found.find(
    ({ key, effect }) => ['audience', 'private'].includes(effect) && !EXACT.includes(key),
  )
  if (misspelt) {
    const meant = EXACT.find((name) => name === foldWord(misspelt.key)) ?? 'audience'
    throw wordError(path, misspelt, data, {
      problem: 'this key decides who may read the post, and it is not read in this spelling',
      remedy: `write "${meant}"`,
    })
  }
  if (visibility === 'private') {
    const readers = found.find(isAboutReaders)
    if (!readers || !isEmptyAudience(data['audience'])) return
    if (writtenParents(data).length > 0) return
    throw wordError(path, readers, data, {
      problem: 'the post is private and has no audience, and this key is not read',
      remedy: `write "audience" in place of "${readers.key}", or rename the key`,
    })
  }

  const isSaid = data['visibility'] !== undefined || isPublicAudience(data['audience'])
  const stops = found.filter(({ effect }) => effect === 'stop' || (effect === 'doubt' && !isSaid))
  const nested = isSaid ? [] : nestedWords(data, known, isGlobal)
  const [word, ...others] = new Map([...stops, ...nested].map((one) => [one.key, one])).values()
  if (!word) return
  const isDoubt = [word, ...others].every(({ effect }) => effect === 'doubt')
  throw wordError(
    path,
    word,
    data,
    {
      problem: `this looks as if not everybody may read the post, and the post is ${visibility}`,
      remedy: isDoubt
        ? `write "visibility: private" and an "audience", or "visibility: public" if everybody may read it`
        : `write "visibility: private" and an "audience", or remove or rename the key`,
    },
    others.map(({ key }) => key),
  )
}

/** `meta: { visibility: private }`: below another key, nothing reads it. */
function nestedWords(
  data: FrontMatter,
  known: readonly string[],
  isGlobal: (key: string) => boolean,
): FoundWord[] {
  return Object.entries(data).flatMap(([key, value]) =>
    FOREIGN.includes(key) || isGlobal(key) ? [] : wordsBelow(key, value, known, DEEPEST),
  )
}

function wordsBelow(
  place: string,
  data: unknown,
  known: readonly string[],
  depth: number,
): FoundWord[] {
  const isAround = isAroundPost(place.slice(place.lastIndexOf('.') + 1))
  if (isAround && Array.isArray(data)) {
    return data.flatMap((item) => wordsBelow(place, asPair(item), known, depth))
  }
  if (!isRecord(data)) return []
  const words = isAround ? findPrivacyWords(data, known).filter(isWish) : []
  const wishes = new Set([
    ...words.map(({ key }) => key),
    ...Object.keys(data).filter((key) => isNestedWish(foldKey(key), data[key], place)),
  ])
  return [
    ...Array.from(wishes, (key): FoundWord => ({
      ...{ key: `${place}.${key}`, value: 'private word', effect: 'doubt' },
    })),
    ...Object.entries(data).flatMap(([key, value]) =>
      depth > 1 ? wordsBelow(`${place}.${key}`, value, known, depth - 1) : [],
    ),
  ]
}

/** `{ name: visibility, content: private }`, as an entry of a list, is a key and a value. */
function asPair(item: unknown): unknown {
  if (!isRecord(item)) return item
  const key = item['name'] ?? item['key'] ?? item['property']
  const value = item['content'] ?? item['value']
  return typeof key === 'string' && value !== undefined ? { [key]: value } : item
}

function isWish({ effect }: FoundWord): boolean {
  return effect !== 'if-built' && effect !== 'warning'
}

/** Words that say "private" below any key; what a menu calls its status is its own. */
function isNestedWish(key: string, value: unknown, place: string): boolean {
  if (key === 'visibility' || key === 'privacy') return isPrivateWord(value)
  if (key === 'status' || key === 'poststatus') {
    return isPrivateWord(value) && !/^eleventy|^page$/.test(place)
  }
  if (key === 'private') return isYes(value)
  if (!['audience', 'recipients', 'sharedwith', 'visibleto'].includes(key)) return false
  return namesReader(value, 'contacts', [])
}

/** Values that hold no name and no secret are shown. */
function wordError(
  path: string,
  { key, value }: FoundWord,
  data: FrontMatter,
  what: { readonly problem: string; readonly remedy: string },
  others: readonly string[] = [],
) {
  const isPlain = value === 'yes' || value === 'no' || value === 'private word'
  const shown = isPlain && Object.hasOwn(data, key) ? data[key] : '(not shown)'
  return postError(path, key, shown, { ...what, others })
}

function isRecord(value: unknown): value is FrontMatter {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
