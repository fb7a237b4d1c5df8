/**
 * Keeps the tags of private posts from becoming keys of `collections`.
 *
 * Eleventy 3 registers the tag names of every template before it asks whether the template is in any
 * collection, and so makes an empty collection, and with it a page `/tags/surprise/`, for a tag that
 * only private posts use (11ty/buildawesome#3933). Here such a key is there but not listed, until a
 * public post gives it a member.
 */
export function hideTags(
  collections: Record<string, unknown>,
  tags: unknown,
  isDeclared: (name: string) => boolean,
): void {
  for (const tag of keysOf(tags)) {
    if (tag === 'all' || isDeclared(tag) || hasMembers(collections[tag])) continue
    let hidden: unknown = collections[tag]
    Object.defineProperty(collections, tag, {
      configurable: true,
      enumerable: false,
      get: () => hidden,
      set(value: unknown) {
        hidden = value
        if (hasMembers(value)) show(collections, tag, value)
      },
    })
  }
}

/** Eleventy takes the names as they are written, spaces too: `tags: a, b` makes the key ` b`. */
function keysOf(tags: unknown): Set<string> {
  const list = typeof tags === 'string' ? tags.split(',') : Array.isArray(tags) ? tags : []
  return new Set(list.map(String).flatMap((tag) => [tag, tag.trim()]))
}

function show(collections: Record<string, unknown>, tag: string, value: unknown): void {
  Object.defineProperty(collections, tag, {
    configurable: true,
    enumerable: true,
    writable: true,
    value,
  })
}

function hasMembers(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0
}
