import { distance } from 'fastest-levenshtein'
import { isPublicAudience } from './audience-list.ts'
import { headLines, LINE_END, readBlock } from './head-lines.ts'
import { foldWord } from './look-alikes.ts'
import { hasPrivateTag, isPrivateWord, isVisibilityKey, namesReader } from './privacy-values.ts'
import { findPrivacyWords, type FoundWord } from './privacy-words.ts'
import type { FrontMatter } from './visibility.ts'

/** Keys by which the author decides who may read, folded: one of them is enough where nothing else can be read. */
const DECISIVE = ['visibility', 'audience', 'recipients', 'private']

export interface WishRules {
  /** Names of the groups that the site's options know. */
  readonly groups?: readonly string[]
  /** Whether the data may well be about something else: then only words count that hardly stand there by chance. */
  readonly isLoose?: boolean
}

/**
 * The first key of `data` that is meant to keep somebody out, whether or not anything reads it.
 *
 * @returns `undefined` where everybody may read.
 */
export function findWish(
  data: FrontMatter,
  { groups = [], isLoose = false }: WishRules = {},
): string | undefined {
  const said = Object.keys(data).find((key) => isVisibilityKey(key) && isHiding(data[key]))
  if (said !== undefined) return said
  const isWish = (word: FoundWord) => {
    const value = data[word.key]
    if (word.effect === 'audience') {
      return !isPublicAudience(value) && (!isLoose || namesReader(value, 'people', groups))
    }
    if (word.effect === 'private' || !isLoose)
      return ['private', 'stop', 'doubt'].includes(word.effect)
    return word.effect === 'stop' && (word.value !== 'private word' || hasPrivateTag(value))
  }
  return findPrivacyWords(data, groups).find(isWish)?.key
}

/** Whether a text that cannot be read as data may say who may read: when in doubt, it does. */
export function mayHoldWish(text: string): boolean {
  const data = readLoosely(text)
  const isDecisive = (key: string) => DECISIVE.some((name) => distance(foldWord(key), name) <= 1)
  return Object.keys(data).some(isDecisive) || findWish(data) !== undefined
}

/** All lines of a text that look like `key: value`, whatever stands between them. */
export function readLoosely(text: string): FrontMatter {
  const lines = [...headLines(text.split(LINE_END))]
  const data: Record<string, unknown> = {}
  for (let at = 0; at < lines.length;) {
    const block = readBlock(lines.slice(at))
    for (const [key, value] of Object.entries(block.data)) data[key] ??= value
    at += Math.max(block.length, 1)
  }
  return data
}

function isHiding(value: unknown): boolean {
  return isPrivateWord(value) || distance(foldWord(String(value)), 'private') <= 2
}
