import { countText } from '../web/count-text.ts'
import { isRecord } from '../web/record.ts'
import { collectEntries, type EntryProblem } from './collect-entries.ts'
import { revoke, type Ledger, type Link, type PostRecord } from './ledger.ts'
import { isMarker } from './ledger-text.ts'

/** What was done to a ledger, in words without secrets and without readers. */
export interface Mending {
  readonly ledger: Ledger
  /** What is said of it, for people. */
  readonly notes: readonly string[]
  /** Posts of which a link may have got lost, or was taken back: the next build gives their readers another. */
  readonly posts: readonly string[]
}

/** Lines that no part of an entry stands in. */
const FRAME = /^[[\]]?,?$/

/**
 * Makes a ledger of what can be read of a text: both sides of a merge conflict, and every line that is whole.
 *
 * - what was taken back on one side is taken back · of two deliveries, the later outcome stays
 * - two links of one reader, as two machines make them, stay both; only the one that was told, or else the older, works
 * - an address that opens two things opens none
 *
 * @returns `undefined` if nothing of it can be read.
 */
export function mendLedger(text: string, now: Date): Mending | undefined {
  const read = readEntries(text)
  const notes: string[] = []
  const posts = new Set<string>()
  if (read.conflicts > 0) {
    notes.push(`${countText(read.conflicts, 'conflict')}: both sides are kept`)
  }
  if (read.lost.length > 0) {
    notes.push(`${countText(read.lost.length, 'line')} that cannot be read: left out`)
    for (const line of read.lost) for (const post of postsIn(line)) posts.add(post)
  }
  let entries = withHead(withPosts(read.entries))

  // The first one was made here.
  while (entries.length > 1) {
    const problems: EntryProblem[] = []
    const ledger = collectEntries(entries, (problem) => void problems.push(problem))
    if (problems.length === 0)
      return { ...settleTwins(ledger, now, notes, posts), notes, posts: [...posts] }
    for (const { what, posts: touched } of problems) {
      notes.push(`${what}: left out`)
      for (const post of touched) posts.add(post)
    }
    const faulty = new Set(problems.flatMap(({ at }) => at))
    entries = withHead(withPosts(entries.filter((_, at) => !faulty.has(at))))
  }
  return undefined
}

interface ReadEntries {
  readonly entries: readonly unknown[]
  readonly lost: readonly string[]
  readonly conflicts: number
}

/** Every line is read for itself; what another program has formatted is read as a whole. */
function readEntries(text: string): ReadEntries {
  const whole = parse(text)
  if (Array.isArray(whole)) return { entries: whole, lost: [], conflicts: 0 }
  const entries: unknown[] = []
  const lost: string[] = []
  let conflicts = 0
  // What both sides had before they changed it, where git says so, is on neither of them.
  let isBase = false
  for (const line of text.split(/\r?\n/)) {
    if (isMarker(line)) {
      if (line.startsWith('<')) conflicts += 1
      isBase = line.startsWith('|')
      continue
    }
    if (isBase || FRAME.test(line.trim())) continue
    const entry = parse(line.trim().replace(/,$/, ''))
    if (isRecord(entry)) entries.push(entry)
    else lost.push(line)
  }
  return { entries, lost, conflicts }
}

function withHead(entries: readonly unknown[]): readonly unknown[] {
  const isHead = (entry: unknown) => isRecord(entry) && Object.hasOwn(entry, 'version')
  return [{ version: 1 }, ...entries.filter((entry) => !isHead(entry))]
}

/** A link whose post cannot be read keeps working: the next build finds its post by the path, which is its id. */
function withPosts(entries: readonly unknown[]): readonly unknown[] {
  const records = entries.filter(isRecord)
  const known = new Set(
    records.flatMap((entry) =>
      Object.hasOwn(entry, 'post') && isRecord(entry['post']) ? [entry['id']] : [],
    ),
  )
  const orphans = new Map(
    records.flatMap(({ link, post }) =>
      isRecord(link) && typeof post === 'string' && !known.has(post) ? [[post, link]] : [],
    ),
  )
  const made = [...orphans].map(([path, { invitation }]) => {
    const access = invitation === true ? 'gate' : 'link'
    return { post: { path, visibility: 'private', access, fingerprint: '' }, id: path }
  })
  return [...entries, ...made]
}

/** Of two links that one reader got on two machines, one works. */
function settleTwins(
  ledger: Ledger,
  now: Date,
  notes: string[],
  touched: Set<string>,
): Pick<Mending, 'ledger'> {
  const told = new Set(
    ledger.deliveries.filter(({ known }) => known).flatMap(({ source }) => source.split('/')),
  )
  const settle = (id: string, record: PostRecord): PostRecord => {
    const live = record.links.filter(({ revoked }) => !revoked)
    const twins = live.filter((link) =>
      live.some((other) => other !== link && other.recipient === link.recipient),
    )
    if (twins.length === 0) return record
    notes.push(`${id}: a reader got a link on each side, of which one works now`)
    touched.add(id)
    const kept = new Map<string | null, Link>()
    const isFirst = (one: Link, other: Link) =>
      Number(told.has(other.token)) - Number(told.has(one.token)) ||
      (one.issued < other.issued || (one.issued === other.issued && one.token < other.token)
        ? -1
        : 1)
    for (const link of twins.toSorted(isFirst)) {
      if (!kept.has(link.recipient)) kept.set(link.recipient, link)
    }
    const latest = ({ recipient }: Link) =>
      Math.max(
        ...record.links
          .filter((link) => link.recipient === recipient)
          .map(({ generation }) => generation),
      )
    return {
      ...record,
      links: record.links.map((link) => {
        if (!twins.includes(link)) return link
        return kept.get(link.recipient) === link
          ? { ...link, generation: latest(link) + 1 }
          : revoke(link, 'rotated', now)
      }),
    }
  }
  const posts = Object.entries(ledger.posts).map(
    ([id, record]) => [id, settle(id, record)] as const,
  )
  return { ledger: { ...ledger, posts: Object.fromEntries(posts) } }
}

/** The posts that a broken line names. */
function postsIn(line: string): string[] {
  const names = [...line.matchAll(/"(?:post|id|path)":("(?:[^"\\]|\\.)*")/g)]
  return names.flatMap(([, name = '']) => {
    const post = parse(name)
    return typeof post === 'string' ? [post] : []
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // What is no JSON is no entry; the caller keeps it.
    return undefined
  }
}
