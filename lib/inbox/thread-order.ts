/**
 * The order of messages that answer each other.
 *
 * Clocks of several sites differ, and a day is a time, too. So a message counts as written no earlier than what it
 * answers; among those of one time, what is answered comes first.
 *
 * @module
 */
import type { Conversation } from './conversation.ts'
import type { Entry } from './entry.ts'
import { timeOf } from './message-time.ts'

type ParentOf = (entry: Entry) => Entry | undefined

/** What each message answers. Of messages that answer each other in a circle, the oldest answers nothing. */
export function parentsOf(
  entries: readonly Entry[],
  conversationOf: (entry: Entry) => Conversation,
): ParentOf {
  const parents = new Map<Entry, Entry | undefined>()
  for (const entry of entries) {
    const path: Entry[] = []
    const seen = new Set<Entry>()
    let above: Entry | undefined = entry
    while (above && !parents.has(above) && !seen.has(above)) {
      seen.add(above)
      path.push(above)
      above = conversationOf(above).parent
    }
    for (const one of path) parents.set(one, conversationOf(one).parent)
    const circle = above && seen.has(above) ? path.slice(path.indexOf(above)) : []
    const [oldest] = circle.toSorted(byArrival)
    if (oldest) parents.set(oldest, undefined)
  }
  return (entry) => parents.get(entry)
}

/** The first message of the thread that a message is in. */
export function rootsOf(parentOf: ParentOf): (entry: Entry) => Entry {
  return fromAbove<Entry>(parentOf, (entry, above) => above ?? entry)
}

/** What is written earlier first; ties are broken by what answers what, and then by arrival. */
export function orderOf(
  entries: readonly Entry[],
  parentOf: ParentOf,
): (one: Entry, other: Entry) => number {
  const placeOf = fromAbove<{ readonly time: string; readonly depth: number }>(
    parentOf,
    (entry, above) => {
      const own = timeOf(entry)
      if (!above) return { time: own, depth: 0 }
      return { time: own > above.time ? own : above.time, depth: above.depth + 1 }
    },
  )
  const arrival = new Map(entries.map((entry, index) => [entry, index]))
  return (one, other) => {
    const [place, otherPlace] = [placeOf(one), placeOf(other)]
    if (place.time !== otherPlace.time) return place.time < otherPlace.time ? -1 : 1
    if (place.depth !== otherPlace.depth) return place.depth - otherPlace.depth
    return (arrival.get(one) ?? 0) - (arrival.get(other) ?? 0)
  }
}

export function byArrival(one: Entry, other: Entry): number {
  if (one.updated === other.updated) return one.id < other.id ? -1 : 1
  return one.updated < other.updated ? -1 : 1
}

/** Works out a value of each message from that of what it answers, however deep a conversation is. */
function fromAbove<Value>(
  parentOf: ParentOf,
  work: (entry: Entry, above: Value | undefined) => Value,
): (entry: Entry) => Value {
  const known = new Map<Entry, Value>()
  return (entry) => {
    const path: Entry[] = []
    let above: Entry | undefined = entry
    while (above && !known.has(above)) {
      path.push(above)
      above = parentOf(above)
    }
    let value = above && known.get(above)
    for (const one of path.toReversed()) {
      value = work(one, value)
      known.set(one, value)
    }
    return value ?? work(entry, undefined)
  }
}
