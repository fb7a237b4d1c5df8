import { isRecord } from '../web/record.ts'
import { findItemWish, valueAt } from './paginated-items.ts'
import { HEAD_LENGTH } from './raw-head.ts'
import type { Template } from './source-cascade.ts'
import { readDataValue } from './source-data.ts'

/** Where a template of the site says what it paginates. */
export interface PaginatedSources {
  readonly paths: readonly string[]
  /** Public ones, with all their data. */
  readonly templates: readonly Template[]
  readonly read: (path: string) => Promise<string>
}

const GLOBAL_DATA = /(?:^|\/)_data\/(.+)\.json$/

/** Public templates that make pages of data in which an item says who may read it: those in JSON and front matter. */
export async function findPaginatedSources({
  paths,
  templates,
  read,
}: PaginatedSources): Promise<{ path: string; line: number }[]> {
  const found: { path: string; line: number }[] = []
  for (const { path, text, data } of templates) {
    const pagination = data?.['pagination']
    const key = isRecord(pagination) ? pagination['data'] : undefined
    if (typeof key !== 'string') continue
    const dataSet = valueAt(data, key) ?? (await globalValue(key, paths, read))
    const items = Array.isArray(dataSet) ? dataSet : isRecord(dataSet) ? Object.values(dataSet) : []
    if (findItemWish(items, dataSet) === undefined) continue
    const lines = text.slice(0, HEAD_LENGTH).split('\n')
    found.push({ path, line: lines.findIndex((line) => line.includes('pagination')) + 1 || 1 })
  }
  return found
}

/** The value of `club.members` in `_data/club.json`, or in `_data/club/members.json`. */
async function globalValue(
  key: string,
  paths: readonly string[],
  read: (path: string) => Promise<string>,
): Promise<unknown> {
  for (const path of paths) {
    const name = GLOBAL_DATA.exec(path)?.[1]?.replaceAll('/', '.')
    if (name === undefined || (key !== name && !key.startsWith(`${name}.`))) continue
    const value = readDataValue(await read(path))
    return key === name ? value : valueAt(value, key.slice(name.length + 1))
  }
  return undefined
}
