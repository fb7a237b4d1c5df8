import { countAsDeleted, isGone } from '../ledger/absence.ts'
import type { DeliveryRecord, Ledger, RouteRecord } from '../ledger/ledger.ts'
import type { LedgerStore } from '../ledger/ledger-file.ts'
import { goneSince, isForgettable } from './outcome.ts'
import { pairOf } from './plan.ts'

/** Writes down what became of each delivery. Resolves when it would survive a power cut. */
export interface Journal {
  /** @param learned The protocol that it taught us. */
  write(record: DeliveryRecord, learned?: RouteRecord): Promise<void>
  forget(records: readonly DeliveryRecord[]): Promise<void>
  /** A deploy without the post was seen. */
  countAsDeleted(postId: string, now: Date): Promise<void>
}

/** @param onFailure Called before anybody else learns that a write failed. */
export function createJournal(store: LedgerStore, onFailure: () => void): Journal {
  let last: Promise<unknown> = Promise.resolve()

  /** In this order: two writers of one process would only wait for each other's lock. */
  function change(apply: (ledger: Ledger) => Partial<Ledger>) {
    const done = last.then(() =>
      store.update(async (ledger) => ({
        ledger: { ...ledger, ...apply(ledger) },
        result: undefined,
      })),
    )
    last = done.catch(onFailure)
    return done
  }

  return {
    write: (record, learned) =>
      change(({ deliveries, routes, posts, gone }) => {
        const pair = pairOf(record)
        const index = deliveries.findIndex((other) => pairOf(other) === pair)
        const kept = isForgettable(record) && !leadsToPage(record, { posts, gone }) ? [] : [record]
        return {
          deliveries:
            index === -1 ? [...deliveries, ...kept] : deliveries.toSpliced(index, 1, ...kept),
          ...(learned && {
            routes: [...routes.filter((other) => !isSame(other, learned)), learned],
          }),
        }
      }),

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
  }
}

/** Whether a link leads to the public page of its post: who was told of it is told once more when that is gone. */
function leadsToPage(
  { source }: DeliveryRecord,
  { posts, gone }: Pick<Ledger, 'posts' | 'gone'>,
): boolean {
  const [link] = Object.values(posts).flatMap(({ links }) =>
    links.filter(({ token }) => source.endsWith(`/${token}/`)),
  )
  return link?.revoked?.reason === 'published' && goneSince(source, gone) === undefined
}

function isSame(one: RouteRecord, other: RouteRecord): boolean {
  return one.to === other.to && one.exposure === other.exposure
}
