import { isEmptyAudience, isPublicAudience } from './audience-list.ts'
import { foldWord } from './look-alikes.ts'
import { postError } from './post-error.ts'
import { findPrivacyWords, isAboutReaders, type FoundWord } from './privacy-words.ts'
import { writtenParents } from './reply-properties.ts'
import { isPrivateWord, isYes, namesReader } from './privacy-values.ts'
import type { FrontMatter, Visibility } from './visibility.ts'

/** What the site knows of the words that a template's data may hold. */
export interface WordRules {
  /** Names of the groups that the site's options know. */
  readonly groups?: readonly string[]
  /** Whether a key comes from the data of the whole site, and says nothing of one post. */
  readonly isGlobal?: (key: string) => boolean
}

/** The spellings that are read: any other one of these words stops the build. */
const EXACT = ['audience', 'recipients', 'private']
/** Data that Eleventy and other plugins lay beside the author's: `pkg.private` says nothing of a post. */
const FOREIGN = [
  ...['pkg', 'eleventy', 'page', 'collections', 'pagination', 'mentions', 'env'],
  ...['eleventyNavigation', 'eleventyComputed'],
]

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
  { groups = [], isGlobal = () => false }: WordRules = {},
): void {
  const found = findPrivacyWords(data, groups).filter(({ key }) => !isGlobal(key))
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
  const [word] = isSaid ? stops : [...stops, ...nestedWords(data, isGlobal)]
  if (!word) return
  throw wordError(path, word, data, {
    problem: `this looks as if not everybody may read the post, and the post is ${visibility}`,
    remedy:
      word.effect === 'doubt'
        ? `write "visibility: private" and an "audience", or "visibility: public" if everybody may read it`
        : `write "visibility: private" and an "audience", or remove or rename the key`,
  })
}

/** `meta: { visibility: private }`: below another key, nothing reads it. */
function nestedWords(data: FrontMatter, isGlobal: (key: string) => boolean): FoundWord[] {
  return Object.entries(data).flatMap(([key, value]) =>
    isRecord(value) && !FOREIGN.includes(key) && !isGlobal(key) ? wordsBelow(key, value, 3) : [],
  )
}

function wordsBelow(place: string, data: FrontMatter, depth: number): FoundWord[] {
  return Object.entries(data).flatMap(([key, value]): FoundWord[] => {
    const name = `${place}.${key}`
    if (isRecord(value)) return depth > 1 ? wordsBelow(name, value, depth - 1) : []
    return isNestedWish(foldWord(key), value)
      ? [{ key: name, value: 'private word', effect: 'doubt' }]
      : []
  })
}

function isNestedWish(key: string, value: unknown): boolean {
  if (['visibility', 'privacy', 'status', 'poststatus'].includes(key)) return isPrivateWord(value)
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
) {
  const isPlain = value === 'yes' || value === 'no' || value === 'private word'
  const shown = isPlain && Object.hasOwn(data, key) ? data[key] : '(not shown)'
  return postError(path, key, shown, what)
}

function isRecord(value: unknown): value is FrontMatter {
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  )
}
