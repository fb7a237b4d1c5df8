import { describeItemWish, findItemWish, valueAt } from '../post/paginated-items.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type MapEntry } from './eleventy-config.ts'
import type { ResolvedOptions } from './options.ts'

/** Public templates that make pages of data in which an item says who may read it, as sentences. */
export function describePaginated(
  { built, posts }: BuildState,
  { groups }: Pick<ResolvedOptions, 'groups'>,
): string[] {
  return built.flatMap((entry) => {
    const path = inputPathOf(entry.inputPath)
    const { pagination } = entry.data
    const key = Object(pagination)['data']
    if (typeof key !== 'string' || posts.has(path)) return []
    // Items that the site leaves out, and those without a page, are not published.
    const wish = findItemWish(itemsOf(entry), valueAt(entry.data, key), {
      groups: Object.keys(groups),
    })
    return wish ? [describeItemWish(path, key, wish)] : []
  })
}

function itemsOf({ _pages: pages = [] }: MapEntry): unknown[] {
  return pages.flatMap(({ url, data }) => {
    const items: unknown = Object(data['pagination'])['items']
    return url !== false && Array.isArray(items) ? items : []
  })
}
