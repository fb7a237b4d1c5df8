/** More different keys than the data of any site have; then it begins anew. */
const MOST_KEYS = 10_000

/**
 * Remembers what is computed from the name of a key alone. The keys of a site are few, and come again with each post.
 */
export function perKey<Value>(compute: (key: string) => Value): (key: string) => Value {
  const known = new Map<string, Value>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined || known.has(key)) return before as Value
    if (known.size >= MOST_KEYS) known.clear()
    const value = compute(key)
    known.set(key, value)
    return value
  }
}
