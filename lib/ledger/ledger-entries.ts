import { hash } from 'node:crypto'
import type { DeliveryRecord, Ledger, Link } from './ledger.ts'
import { sortWatches } from './watch-record.ts'

/** What a line is about: its first field. */
export type EntryKind =
  'setting' | 'post' | 'link' | 'group' | 'member' | 'gone' | 'route' | 'watch' | 'delivery'

/** A link, and its place among those of its post. */
interface OrderedLink {
  readonly link: Link
  readonly order: number
}

/** What one line says: first, what it is about. */
export interface LedgerEntry {
  readonly kind: EntryKind
  readonly value: unknown
  readonly fields?: Readonly<Record<string, unknown>>
}

/**
 * The entries of a ledger, in an order that depends on nothing but what they say: settings, posts each with its
 * links, groups, pages that are gone, routes, watches, and what changes most, the deliveries, last.
 *
 * Posts stand in the order of a hash, so that two machines that each add one rarely add it at the same place, where
 * git could not merge them.
 */
export function* entriesOf(ledger: Ledger): Generator<LedgerEntry> {
  const { site = {}, posts, groups = {}, gone = {}, routes, watches = [] } = ledger
  for (const [name, value] of inOrder(Object.entries(site))) {
    yield { kind: 'setting', value: name, fields: { value } }
  }
  for (const [id, record] of spread(Object.entries(posts), ([id]) => id)) {
    const { links, ...value } = record
    yield { kind: 'post', value, fields: { id } }
    const ordered = links.map((link, order) => ({ link, order }))
    for (const { link, order } of ordered.sort(byReader)) {
      yield { kind: 'link', value: link, fields: { post: id, order } }
    }
  }
  for (const [group, members] of inOrder(Object.entries(groups))) {
    yield { kind: 'group', value: group }
    for (const [member, since] of inOrder(Object.entries(members))) {
      yield { kind: 'member', value: member, fields: { group, since } }
    }
  }
  for (const [path, since] of inOrder(Object.entries(gone))) {
    yield { kind: 'gone', value: path, fields: { since } }
  }
  for (const value of spread(routes, ({ to }) => to)) yield { kind: 'route', value }
  for (const value of sortWatches(watches)) yield { kind: 'watch', value }
  for (const [, deliveries] of spread([...byPost(ledger.deliveries)], ([post]) => post)) {
    for (const value of deliveries.sort(byAddress)) yield { kind: 'delivery', value }
  }
}

/** In an order that is always the same and looks like chance. */
function spread<Item>(items: readonly Item[], idOf: (item: Item) => string): Item[] {
  return items
    .map((item) => ({ item, key: hash('sha1', idOf(item), 'base64url') }))
    .sort((one, other) => compare(one.key, other.key))
    .map(({ item }) => item)
}

function inOrder<Value>(entries: readonly (readonly [string, Value])[]) {
  return entries.toSorted(([one], [other]) => compare(one, other))
}

function byPost(deliveries: readonly DeliveryRecord[]): Map<string, DeliveryRecord[]> {
  const found = new Map<string, DeliveryRecord[]>()
  for (const delivery of deliveries) {
    const others = found.get(delivery.post)
    if (others) others.push(delivery)
    else found.set(delivery.post, [delivery])
  }
  return found
}

/** Where two machines give a post to other readers, they add lines at other places. */
function byReader(one: OrderedLink, other: OrderedLink): number {
  return (
    compare(one.link.recipient ?? '', other.link.recipient ?? '') ||
    one.link.generation - other.link.generation ||
    compare(one.link.token, other.link.token)
  )
}

function byAddress(one: DeliveryRecord, other: DeliveryRecord): number {
  return (
    compare(one.recipient ?? '', other.recipient ?? '') ||
    compare(one.target, other.target) ||
    compare(one.source, other.source)
  )
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}
