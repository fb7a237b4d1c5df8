/**
 * What everybody may see, ready to be served: of each page of ours, and of all of the site.
 *
 * | key | value |
 * | --- | --- |
 * | `inbox-public/page/<hash>` | the newest mentions of the page, and what older ones lie where |
 * | `inbox-public/older/<hash>.<number>` | older ones |
 *
 * The entries are of bounded size: where the newest ones are too many, the older half moves.
 *
 * @module
 */
import { createHash, randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { readKept, updateKept } from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import { Content, Entry } from './entry.ts'
import type { Letter } from './shelf.ts'

/** From half of it on: with one entry of older ones, as many as an answer shows at once. */
const MAX_LETTERS = 100
const MAX_SIZE = 500_000

const Letters = v.array(v.object({ entry: Entry, content: Content }))
const Older = v.object({
  name: v.string(),
  count: v.number(),
  newest: v.string(),
  oldest: v.string(),
})
const Head = v.object({ letters: Letters, older: v.array(Older) })
type Head = v.InferOutput<typeof Head>
type Letters = v.InferOutput<typeof Letters>

const ALL = 'all'

export interface PublishedPages {
  /** Shows a message on these pages and among all; without the letter, takes it away. */
  show(page: string, entry: Entry, letter: Letter | undefined): Promise<void>
  /** The newest `end` of a page, or of all, newest first; and how many there are. */
  read(page: string | undefined, end: number, start?: number): Promise<PublishedPart>
}

interface PublishedPart {
  /** From `offset` on. */
  readonly letters: readonly Letter[]
  readonly offset: number
  readonly total: number
}

export function createPublishedPages(store: Store): PublishedPages {
  return { show, read }

  async function show(page: string, entry: Entry, letter: Letter | undefined): Promise<void> {
    for (const name of [hashOf(page), ALL]) await showOn(name, entry, letter)
  }

  async function showOn(name: string, entry: Entry, letter: Letter | undefined): Promise<void> {
    const { id, received } = entry
    let places: Head['older'] = []
    const head = await updateKept<Head>(store, headKey(name), Head, (known) => {
      const { letters, older } = known ?? { letters: [], older: [] }
      const isThere = letters.some((other) => other.entry.id === id)
      places = older.filter(({ oldest, newest }) => oldest <= received && received <= newest)
      if (!isThere && (places.length > 0 || !letter)) return undefined
      places = []
      const others = letters.filter((other) => other.entry.id !== id)
      return { value: { letters: letter ? inOrder([...others, letter]) : others, older } }
    })
    for (const place of places) await showOlder(name, place.name, entry, letter)
    if (head && isLarge(head)) await moveOlder(name)
  }

  async function showOlder(
    name: string,
    place: string,
    { id }: Entry,
    letter: Letter | undefined,
  ): Promise<void> {
    let removed = 0
    await updateKept<Letters>(store, olderKey(name, place), Letters, (letters = []) => {
      const others = letters.filter((other) => other.entry.id !== id)
      removed = letter ? 0 : letters.length - others.length
      if (others.length === letters.length) return undefined
      return { value: letter ? inOrder([...others, letter]) : others }
    })
    if (removed === 0) return
    await updateKept<Head>(
      store,
      headKey(name),
      Head,
      (head) => head && { value: { ...head, older: head.older.map(fewer) } },
    )

    function fewer(one: Head['older'][number]): Head['older'][number] {
      return one.name === place ? { ...one, count: one.count - removed } : one
    }
  }

  /** First the older ones are written where they go, and then the head says so: a reader finds each once. */
  async function moveOlder(name: string): Promise<void> {
    const stored = await readKept(store, headKey(name), Head)
    if (!stored || !isLarge(stored.value)) return
    const { letters, older } = stored.value
    const middle = Math.ceil(letters.length / 2)
    const [staying, going] = [letters.slice(0, middle), letters.slice(middle)]
    const place = randomBytes(9).toString('hex')
    await store.createIfAbsent(olderKey(name, place), going)
    const moved = {
      name: place,
      count: going.length,
      newest: going[0]?.entry.received ?? '',
      oldest: going.at(-1)?.entry.received ?? '',
    }
    const value: Head = { letters: staying, older: [moved, ...older] }
    const isDone = await store.replaceIf(headKey(name), value, stored.version)
    // Another writer was faster: the next one moves them.
    if (!isDone) await store.delete(olderKey(name, place))
  }

  async function read(page: string | undefined, end: number, start = 0): Promise<PublishedPart> {
    const name = page === undefined ? ALL : hashOf(page)
    const head = (await readKept(store, headKey(name), Head))?.value
    if (!head) return { letters: [], offset: 0, total: 0 }
    const total = head.older.reduce((sum, { count }) => sum + count, head.letters.length)
    const parts: { offset: number; letters: Promise<readonly Letter[]> }[] = []
    if (start < head.letters.length)
      parts.push({ offset: 0, letters: Promise.resolve(head.letters) })
    let offset = head.letters.length
    for (const { name: place, count } of head.older) {
      const isWanted = offset < end && start < offset + count
      if (isWanted) parts.push({ offset, letters: readOlder(name, place) })
      offset += count
    }
    const letters = await Promise.all(parts.map((part) => part.letters))
    return { letters: letters.flat(), offset: parts[0]?.offset ?? 0, total }
  }

  async function readOlder(name: string, place: string): Promise<readonly Letter[]> {
    return (await readKept(store, olderKey(name, place), Letters))?.value ?? []
  }
}

function inOrder(letters: readonly Letter[]): Letters {
  return letters.toSorted((one, other) =>
    one.entry.received < other.entry.received ? 1 : -1,
  ) as Letters
}

function isLarge({ letters }: Head): boolean {
  if (letters.length < 2) return false
  return letters.length > MAX_LETTERS || JSON.stringify(letters).length > MAX_SIZE
}

function hashOf(page: string): string {
  return createHash('sha256').update(page).digest('hex').slice(0, 32)
}

function headKey(name: string): string {
  return `inbox-public/page/${name}`
}

function olderKey(name: string, place: string): string {
  return `inbox-public/older/${name}.${place}`
}
