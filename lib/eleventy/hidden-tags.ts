/**
 * Keeps the tags of a post from becoming keys of `collections`, where the post was found to be private only after
 * Eleventy had put its templates in order: a preprocessor of the author's made it so.
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

/** `collections` for a private page: a layout that looks up one of the page's tags finds an empty list. */
export function withTags(
  collections: Readonly<Record<string, unknown>>,
  tags: unknown,
): Record<string, unknown> {
  const missing = [...keysOf(tags)].filter((tag) => !Object.hasOwn(collections, tag))
  return { ...collections, ...Object.fromEntries(missing.map((tag) => [tag, []])) }
}

/** Eleventy takes the names as they are written, spaces too: `tags: a, b` makes the key ` b`. */
function keysOf(tags: unknown): Set<string> {
  const list = typeof tags === 'string' ? tags.split(',') : Array.isArray(tags) ? tags : []
  return new Set(list.map(String).flatMap((tag) => [tag, tag.trim()]))
}

/** A key that is taken out first comes last, as one that had not been there before. */
function show(collections: Record<string, unknown>, tag: string, value: unknown): void {
  Reflect.deleteProperty(collections, tag)
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
