import * as v from 'valibot'
import { isRecord } from '../web/record.ts'
import {
  DeliveryRecord,
  Link,
  Moment,
  PostFields,
  RouteRecord,
  type Ledger,
  type PostRecord,
} from './ledger.ts'
import type { EntryKind } from './ledger-entries.ts'
import { mergeDeliveries, mergeLinks, mergePosts, mergeWatches } from './merge-states.ts'
import { quickCheck } from './quick-check.ts'
import { SiteRecord } from './site-record.ts'
import { WatchRecord } from './watch-record.ts'

/** What is wrong with an entry, and which posts it is about. It quotes no secret, and no reader. */
export interface EntryProblem {
  /** The places of the entries in the list. */
  readonly at: readonly number[]
  readonly what: string
  readonly posts: readonly string[]
}

/** What becomes of a problem: a ledger that is used throws, one that is mended goes on without the entry. */
export type OnProblem = (problem: EntryProblem) => void

/** A link, and its place among those of its post. */
interface PlacedLink extends Place {
  readonly order: number
  link: Link
}

/** The fields of an entry. */
type Fields = Readonly<Record<string, unknown>>

interface Place {
  readonly at: number
  readonly post: string
}

interface Setting {
  readonly at: number
  readonly name: string
  readonly value: unknown
}

const isLink = quickCheck(Link)
const isDelivery = quickCheck(DeliveryRecord)
const Head = v.object({ version: v.literal(1) })
const Since = v.object({ since: Moment })
const Membership = v.object({ group: v.string(), since: Moment })
/** The last entry, after which nothing can be added: so every other line ends alike. */
export const END = '{"end":"of the ledger"}'
export const HEAD = '{"version":1}'

/**
 * Makes a ledger of its entries, in any order. Where a merge has left several states of one entry, they become one
 * that gives less away.
 **/
export function collectEntries(entries: readonly unknown[], onProblem: OnProblem): Ledger {
  const posts = new Map<string, PostRecord>()
  const known = new Map<string, number>()
  const tokens = new Map<string, PlacedLink>()
  const readers = new Map<string, PlacedLink[]>()
  const groups = new Map<string, Map<string, string>>()
  const gone = new Map<string, string>()
  const settings: Setting[] = []
  const routes = new Map<string, RouteRecord>()
  const watches = new Map<string, WatchRecord>()
  const deliveries = new Map<string, DeliveryRecord>()
  let hasHead = false

  const take: Readonly<Record<EntryKind, (value: unknown, entry: Fields, at: number) => void>> = {
    setting: (name, { value }, at) => void settings.push({ at, name: nameOf(name), value }),

    post(fields, { id }, at) {
      const post = nameOf(id)
      if (!isAs(PostFields, fields, at, `the post ${post}`, [post])) return
      const before = posts.get(post)
      const record = { ...fields, links: [] }
      posts.set(post, before ? mergePosts(before, record) : record)
      known.set(post, known.get(post) ?? at)
    },

    link(link, { post: id, order }, at) {
      const post = nameOf(id)
      if (!isAs(Link, link, at, `a link of ${post}`, [post], isLink)) return
      const other = tokens.get(link.token)
      if (!other) {
        const place = typeof order === 'number' ? order : Number.MAX_SAFE_INTEGER
        const placed = { at, post, order: place, link }
        tokens.set(link.token, placed)
        const others = readers.get(post)
        if (others) others.push(placed)
        else readers.set(post, [placed])
      } else if (other.post === post && other.link.recipient === link.recipient) {
        other.link = mergeLinks(other.link, link)
      } else {
        onProblem(shared('token', other, { at, post }))
      }
    },

    group: (group) => void groups.set(nameOf(group), groups.get(nameOf(group)) ?? new Map()),
    member(member, entry, at) {
      if (!isAs(Membership, entry, at, 'a member of a group')) return
      const id = nameOf(member)
      const members = groups.get(entry.group) ?? new Map<string, string>()
      groups.set(entry.group, members)
      // Who joined later sees less.
      const before = members.get(id) ?? entry.since
      members.set(id, before > entry.since ? before : entry.since)
    },
    gone(path, entry, at) {
      if (isAs(Since, entry, at, 'a page that is gone')) gone.set(nameOf(path), entry.since)
    },
    route(route, _, at) {
      if (!isAs(RouteRecord, route, at, 'a route')) return
      const key = `${route.exposure} ${route.to}`
      const other = routes.get(key)
      routes.set(key, other && other.expires > route.expires ? other : route)
    },
    watch(watch, _, at) {
      if (!isAs(WatchRecord, watch, at, 'a link that is watched')) return
      const key = `${watch.token} ${watch.target}`
      const other = watches.get(key)
      watches.set(key, other ? mergeWatches(other, watch) : watch)
    },
    delivery(delivery, _, at) {
      const posts = isRecord(delivery) ? [nameOf(delivery['post'])] : []
      if (!isAs(DeliveryRecord, delivery, at, `a delivery of ${posts.join()}`, posts, isDelivery))
        return
      const key = `${delivery.source} ${delivery.target}`
      const other = deliveries.get(key)
      deliveries.set(key, other ? mergeDeliveries(other, delivery) : delivery)
    },
  }

  for (const [at, entry] of entries.entries()) {
    const kind = isRecord(entry) ? firstKey(entry) : undefined
    if (kind === 'end') continue
    if (kind === 'version') {
      hasHead = isAs(Head, entry, at, 'the ledger') || hasHead
      continue
    }
    if (isRecord(entry) && isKind(kind)) take[kind](entry[kind], entry, at)
    else onProblem({ at: [at], what: 'the entry does not say what it is about', posts: [] })
  }

  if (!hasHead) onProblem({ at: [], what: 'version is not as it should be', posts: [] })
  for (const [post, placed] of readers) {
    const record = posts.get(post)
    if (record) {
      record.links = placed.sort((one, other) => one.order - other.order).map(({ link }) => link)
    } else {
      const at = placed.map((link) => link.at)
      onProblem({ at, what: `there are links of ${post}, and not the post`, posts: [post] })
    }
  }
  refuseSharedGates(posts, known, onProblem)
  return {
    version: 1,
    ...(settings.length > 0 && { site: siteOf(settings, onProblem) }),
    posts: Object.fromEntries([...posts].sort(([one], [other]) => (one < other ? -1 : 1))),
    ...(groups.size > 0 && { groups: mapped(groups, (members) => Object.fromEntries(members)) }),
    deliveries: [...deliveries.values()],
    ...(gone.size > 0 && { gone: Object.fromEntries(gone) }),
    routes: [...routes.values()],
    ...(watches.size > 0 && { watches: [...watches.values()] }),
  }

  function isAs<Schema extends v.GenericSchema>(
    schema: Schema,
    value: unknown,
    at: number,
    name: string,
    posts: readonly string[] = [],
    isSure: (value: unknown) => boolean = () => false,
  ): value is v.InferOutput<Schema> {
    if (isSure(value) || v.is(schema, value)) return true
    onProblem({
      at: [at],
      what: `${fieldOf(schema, value)} of ${name} is not as it should be`,
      posts,
    })
    return false
  }

  function isKind(kind: string | undefined): kind is EntryKind {
    return kind !== undefined && Object.hasOwn(take, kind)
  }
}

function siteOf(settings: readonly Setting[], onProblem: OnProblem): SiteRecord | undefined {
  const site = Object.fromEntries(settings.map(({ name, value }) => [name, value]))
  const result = v.safeParse(SiteRecord, site)
  if (result.success) return result.output
  const what = `${fieldOf(SiteRecord, site)} of the settings is not as it should be`
  onProblem({ at: settings.map(({ at }) => at), what, posts: [] })
  return undefined
}

/** Behind the gate, an address is a post: two that share one would be the same to their readers. */
function refuseSharedGates(
  posts: ReadonlyMap<string, PostRecord>,
  places: ReadonlyMap<string, number>,
  onProblem: OnProblem,
): void {
  const seen = new Map<string, Place>()
  for (const [post, { gate }] of posts) {
    if (gate === undefined) continue
    const place = { at: places.get(post) ?? 0, post }
    const other = seen.get(gate)
    if (other) onProblem(shared('address behind the gate', other, place))
    else seen.set(gate, place)
  }
}

function shared(what: string, one: Place, other: Place): EntryProblem {
  const whose =
    one.post === other.post ? `two links of ${one.post}` : `${one.post} and ${other.post}`
  return {
    at: [one.at, other.at],
    what: `${whose} have the same ${what}, so that one reader could open what was written for another`,
    posts: [...new Set([one.post, other.post])],
  }
}

function fieldOf(schema: v.GenericSchema, value: unknown): string {
  const { issues } = v.safeParse(schema, value)
  return (issues && v.getDotPath(issues[0])) ?? 'a field'
}

/** What something is called; a name that is none is checked as any other. */
function nameOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function firstKey(entry: Fields): string | undefined {
  for (const key in entry) return key
  return undefined
}

function mapped<Value, Other>(
  map: ReadonlyMap<string, Value>,
  change: (value: Value) => Other,
): Record<string, Other> {
  return Object.fromEntries([...map].map(([key, value]) => [key, change(value)]))
}
