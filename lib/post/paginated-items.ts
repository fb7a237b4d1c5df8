import { isRecord } from '../web/record.ts'
import { findWish, type WishRules } from './privacy-wish.ts'

/** An item of paginated data that says who may read it. */
export interface ItemWish {
  /** Counted from 1. */
  readonly number: number
  readonly key: string
}

/** Below these, many services keep what they know of an item. */
const ENVELOPES = ['data', 'attributes', 'fields', 'meta', 'properties', 'frontmatter']

/**
 * Finds an item that must not be for everybody, among those of which a public template makes pages: nothing reads
 * `visibility` there. Templates, as collections hold them, are judged by their own data.
 *
 * @param dataSet What is paginated; where Eleventy hands over the keys of an object, their values are here.
 */
export function findItemWish(
  items: readonly unknown[],
  dataSet: unknown,
  { groups = [] }: Pick<WishRules, 'groups'> = {},
): ItemWish | undefined {
  for (const [at, item] of items.entries()) {
    const value = typeof item === 'string' && isRecord(dataSet) ? dataSet[item] : item
    if (!isRecord(value) || isTemplate(value) || isSaid(value)) continue
    const records = [value, ...ENVELOPES.map((name) => value[name]).filter(isRecord)]
    const key = records.map((record) => findWish(record, { groups, isLoose: true })).find(Boolean)
    if (key !== undefined) return { number: at + 1, key }
  }
  return undefined
}

/** The value at a path such as `club.members`. */
export function valueAt(data: unknown, path: string): unknown {
  const names = path.split('.')
  return names.reduce((value, name) => (isRecord(value) ? value[name] : undefined), data)
}

/** What is wrong with a template that makes pages of such an item. */
export function describeItemWish(path: string, data: string, { number, key }: ItemWish): string {
  return `${path}: it makes public pages of the data "${data}", and item ${number} of these says by "${key}" who may read it, which nothing reads there. To do: leave such items out with "before" under "pagination", and give them a template of their own that says "visibility: private"; or write "visibility: public" into the item, or rename the key, if everybody may read it.`
}

function isTemplate(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['inputPath'] === 'string' && isRecord(value['data'])
}

function isSaid({ visibility }: Readonly<Record<string, unknown>>): boolean {
  return visibility === 'public'
}
