import { countAsDeleted, isGone } from '../ledger/absence.ts'
import { pairOf, type JournalLine } from '../ledger/journal.ts'
import type { JournaledLedger } from '../ledger/journaled-ledger.ts'
import type { DeliveryRecord, Ledger, RouteRecord } from '../ledger/ledger.ts'
import { goneSince, isForgettable } from './outcome.ts'
import type { PlannedDelivery } from './plan.ts'

/** Writes down what a run does, and what became of it. Resolves when it would survive a power cut. */
export interface Journal {
  /**
   * Before a request that could tell somebody.
   *
   * @param record What is to be assumed if the run stops before {@link write}.
   */
  intend(record: DeliveryRecord): Promise<void>
  /** @param learned The protocol that it taught us. */
  write(record: DeliveryRecord, learned?: RouteRecord): Promise<void>
  /** What was begun came to nothing, and the run goes no further: the pair is as it was before. */
  undo(pair: PlannedDelivery, before: DeliveryRecord | undefined): Promise<void>
  forget(records: readonly DeliveryRecord[]): Promise<void>
  /** A deploy without the post was seen. */
  countAsDeleted(postId: string, now: Date): Promise<void>
  /** The run has ended: the ledger learns all that was written. */
  close(): Promise<void>
}

/**
 * @param before The ledger at the start of the run.
 * @param onFailure Called before anybody else learns that a write failed.
 */
export function createJournal(
  ledger: JournaledLedger,
  before: Pick<Ledger, 'posts' | 'gone'>,
  onFailure: () => void,
): Journal {
  const lines = ledger.beginJournal()
  const leadsToPage = findPublishedLinks(before)
  let last: Promise<unknown> = Promise.resolve()
  let isEmpty = true

  /** In this order: two writers of one process would only wait for each other's lock. */
  function change(apply: (ledger: Ledger) => Partial<Ledger>): Promise<void> {
    const done = last.then(() =>
      ledger.update(async (current) => ({
        ledger: { ...current, ...apply(current) },
        result: undefined,
      })),
    )
    last = done.catch(onFailure)
    return done
  }

  async function append(line: JournalLine): Promise<void> {
    isEmpty = false
    try {
      await lines.append(line)
    } catch (error) {
      onFailure()
      throw error
    }
  }

  return {
    intend: (record) => append({ record }),

    write(record, learned) {
      if (isForgettable(record) && !leadsToPage(record)) {
        const { source, target } = record
        return append({ over: { source, target } })
      }
      return append({ record, ...(learned && { learned }) })
    },

    undo: ({ source, target }, record) =>
      append(record ? { record } : { over: { source: source.href, target: target.href } }),

    async forget(records) {
      if (records.length === 0) return
      const pairs = new Set(records.map(pairOf))
      await change(({ deliveries }) => ({
        deliveries: deliveries.filter((record) => !pairs.has(pairOf(record))),
      }))
    },

    countAsDeleted: (postId, now) =>
      change(({ posts }) => {
        const record = posts[postId]
        // A build may have found its file again in the meantime.
        if (!record || !isGone(record)) return {}
        return { posts: { ...posts, [postId]: countAsDeleted(record, now) } }
      }),

    async close() {
      await last
      await lines.close()
      if (!isEmpty) await change(() => ({}))
    },
  }
}

/**
 * Whether a link leads to the public page of its post: who was told of it is told once more when that is gone.
 */
function findPublishedLinks({
  posts,
  gone,
}: Pick<Ledger, 'posts' | 'gone'>): (record: DeliveryRecord) => boolean {
  const published = new Set(
    Object.values(posts).flatMap(({ links }) =>
      links.flatMap(({ token, revoked }) => (revoked?.reason === 'published' ? [token] : [])),
    ),
  )
  return ({ source }) => {
    const token = /\/([^/]+)\/$/.exec(source)?.[1] ?? ''
    return (published as ReadonlySet<string>).has(token) && goneSince(source, gone) === undefined
  }
}
