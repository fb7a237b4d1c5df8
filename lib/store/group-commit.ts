/** Adds one item. Resolves when it is stored durably, together with all that waited at the same moment. */
export type GroupCommit<Item> = (item: Item) => Promise<void>

/**
 * Lets items that are added while a write is under way share the next write, and so its `fsync`: the number of
 * writes grows with the time they take, not with the number of items.
 *
 * @param write Stores the items in their order. What it throws goes to everybody who waits for one of them.
 */
export function createGroupCommit<Item>(
  write: (items: readonly Item[]) => Promise<void>,
): GroupCommit<Item> {
  let waiting: Item[] = []
  /** The write that the waiting items will be in. */
  let next: Promise<void> | undefined
  let current: Promise<void> = Promise.resolve()

  return (item) => {
    waiting.push(item)
    next ??= current.then(commit, commit)
    return next
  }

  function commit(): Promise<void> {
    const items = waiting
    waiting = []
    next = undefined
    current = write(items)
    return current
  }
}
