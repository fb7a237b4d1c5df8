/**
 * Where messages are kept: the private ones on one shelf, the public ones on another, so that what
 * shows public ones never sees a private one.
 *
 * | key | value |
 * | --- | --- |
 * | `<shelf>/drawer/<00-31>` | the entries of a 32nd of all messages, by their id |
 * | `<shelf>/content/<id>.<version>` | what a longer message says |
 *
 * Drawers, because a list of thousands has to be read in a few steps, wherever the store is.
 *
 * @module
 */
import * as v from 'valibot'
import { domainOf } from '../policy/pattern.ts'
import {
  ifWritable,
  keepAside,
  listKept,
  readKept,
  reportBroken,
  updateKept,
} from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import { Content, Entry } from './entry.ts'

const DRAWERS = 32
/** Twelve thousand messages on a shelf. */
const MAX_ENTRIES = 400
/** Of one host, that many may wait for the owner in a drawer: 320 in all. */
const MAX_WAITING = 10
/** Where there is no room left, a host with more than that in a drawer gives first: 1,600 in all. */
const FAIR_SHARE = 50
/** What is shorter lies in the drawer itself: most messages are. */
const INLINE_LETTERS = 1000

const Kept = v.object({ entry: Entry, content: v.exactOptional(Content) })
type Kept = v.InferOutput<typeof Kept>
type Drawer = Readonly<Record<string, Kept>>
/** What a drawer holds is looked at one by one: one message of an unknown shape hides no other. */
const RawDrawer = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check((drawer) => !Array.isArray(drawer)),
)
type RawDrawer = v.InferOutput<typeof RawDrawer>

export interface Letter {
  readonly entry: Entry
  readonly content: Content
}

export interface Shelf {
  /** In no order. */
  entries(): Promise<Entry[]>
  find(id: string): Promise<Entry | undefined>
  /** What it says; only its summary if that went missing. */
  read(entry: Entry): Promise<Content>
  /** Keeps it instead of what was there under its id. Returns that. */
  put(letter: Letter): Promise<Entry | undefined>
  /** Replaces the entry of this version, without touching what it says. `false`: there is none. */
  change(id: string, version: string, change: (entry: Entry) => Entry): Promise<boolean>
  /** Removes it, if it is of this version. Returns what was removed. */
  remove(id: string, version?: string): Promise<Entry | undefined>
}

export function createShelf(store: Store, name: string): Shelf {
  return { entries, find, read, put, change, remove }

  async function entries(): Promise<Entry[]> {
    const drawers = await listKept(store, `${name}/drawer/`, RawDrawer)
    const sorted = await Promise.all(drawers.map(({ key, value }) => sort(key, value)))
    return sorted.flatMap((drawer) => Object.values(drawer).map(({ entry }) => entry))
  }

  async function find(id: string): Promise<Entry | undefined> {
    return (await open(id))[id]?.entry
  }

  async function read({ id, version, summary }: Entry): Promise<Content> {
    const kept = (await open(id))[id]
    if (kept?.content && kept.entry.version === version) return kept.content
    const stored = await readKept(store, contentKey({ id, version }), Content)
    return stored?.value ?? { text: summary }
  }

  async function put({ entry, content }: Letter): Promise<Entry | undefined> {
    const { id, version } = entry
    const isShort = content.text.length + (content.html?.length ?? 0) <= INLINE_LETTERS
    // First what it says, then that it is there: a reader finds both or none.
    if (!isShort) await store.createIfAbsent(contentKey(entry), content)
    let before: Kept | undefined
    let removed: Kept[] = []
    await update(id, (drawer) => {
      before = drawer[id]
      const { kept, given } = makeRoom({
        ...drawer,
        [id]: { entry, ...(isShort && { content }) },
      })
      removed = given
      return kept
    })
    const old = before && before.entry.version !== version ? [before] : []
    await discard([...old, ...removed])
    return before?.entry
  }

  async function change(
    id: string,
    version: string,
    edit: (entry: Entry) => Entry,
  ): Promise<boolean> {
    let changed = false
    await update(id, (drawer) => {
      const kept = drawer[id]
      changed = kept?.entry.version === version
      return kept && changed ? { ...drawer, [id]: { ...kept, entry: edit(kept.entry) } } : undefined
    })
    return changed
  }

  async function remove(id: string, version?: string): Promise<Entry | undefined> {
    let removed: Kept | undefined
    await update(id, ({ [id]: kept, ...others }) => {
      removed = version === undefined || kept?.entry.version === version ? kept : undefined
      return removed ? others : undefined
    })
    if (removed) await discard([removed])
    return removed?.entry
  }

  async function open(id: string): Promise<Drawer> {
    const stored = await readKept(store, drawerKey(id), RawDrawer)
    return stored ? sort(stored.key, stored.value) : {}
  }

  async function update(id: string, edit: (drawer: Drawer) => Drawer | undefined): Promise<void> {
    await updateKept<RawDrawer>(store, drawerKey(id), RawDrawer, (raw = {}) => {
      const { known, broken } = parse(raw)
      const next = edit(known)
      // Those of an unknown shape stay until they are set aside.
      return next && { value: { ...Object.fromEntries(broken), ...next } }
    })
  }

  /** The messages of a drawer. What is of no known shape is set aside, and is no part of it any more. */
  async function sort(key: string, raw: RawDrawer): Promise<Drawer> {
    const { known, broken } = parse(raw)
    if (broken.length === 0) return known
    for (const _ of broken) reportBroken(store, key)
    await ifWritable(async () => {
      for (const [id, value] of broken) await keepAside(store, [key, id], value)
      await updateKept<RawDrawer>(store, key, RawDrawer, (now = {}) => ({
        value: parse(now).known,
      }))
    })
    return known
  }

  async function discard(kept: readonly Kept[]): Promise<void> {
    const outside = kept.filter(({ content }) => content === undefined)
    await Promise.all(outside.map(({ entry }) => store.delete(contentKey(entry))))
  }

  function drawerKey(id: string): string {
    const number = Number.parseInt(id.slice(0, 2), 16) % DRAWERS
    return `${name}/drawer/${String(number).padStart(2, '0')}`
  }

  function contentKey({ id, version }: Pick<Entry, 'id' | 'version'>): string {
    return `${name}/content/${id}.${version}`
  }
}

function parse(raw: RawDrawer) {
  const known: Record<string, Kept> = {}
  const broken: [id: string, value: unknown][] = []
  for (const [id, value] of Object.entries(raw)) {
    const result = v.safeParse(Kept, value)
    if (result.success) known[id] = result.output
    else broken.push([id, value])
  }
  return { known, broken }
}

/** A flood of messages pushes out itself: of each host the oldest that wait, and then of who has the most. */
function makeRoom(drawer: Drawer): { readonly kept: Drawer; readonly given: Kept[] } {
  const oldestFirst = Object.values(drawer).toSorted((one, other) =>
    one.entry.updated < other.entry.updated ? -1 : 1,
  )
  const given = byHost(oldestFirst.filter(isHeld)).flatMap((those) => those.slice(0, -MAX_WAITING))
  let rest = oldestFirst.filter((kept) => !given.includes(kept))
  while (rest.length > MAX_ENTRIES) {
    const least = leastWanted(rest)
    given.push(...least)
    rest = rest.filter((kept) => !least.includes(kept))
  }
  const gone = new Set(given.map(({ entry }) => entry.id))
  return {
    kept: Object.fromEntries(Object.entries(drawer).filter(([id]) => !gone.has(id))),
    given,
  }
}

/** One of a host that has more than its share; if there is none, one that waits, and then of who has the most. */
function leastWanted(oldestFirst: readonly Kept[]): Kept[] {
  const most = largest(byHost(oldestFirst))
  const waiting = largest(byHost(oldestFirst.filter(isHeld)))
  const among = most.length > FAIR_SHARE || waiting.length === 0 ? most : waiting
  const held = among.filter(isHeld)
  return (held.length > 0 ? held : among).slice(0, 1)
}

function byHost(messages: readonly Kept[]): Kept[][] {
  const groups = new Map<string, Kept[]>()
  for (const kept of messages) {
    const host = domainOf(kept.entry.envelope.host)
    const group = groups.get(host) ?? []
    group.push(kept)
    groups.set(host, group)
  }
  return [...groups.values()]
}

/** The first of the longest. */
function largest(groups: readonly Kept[][]): Kept[] {
  return groups.reduce((most, group) => (group.length > most.length ? group : most), [])
}

function isHeld({ entry }: Kept): boolean {
  return entry.isHeld
}
