import { createHash } from 'node:crypto'
import * as v from 'valibot'
import { ifWritable, updateKept } from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import type { Validators } from '../web/conditional.ts'

const KEY = 'inbox/feed-version'
const SECOND = 1000

const State = v.object({
  hash: v.string(),
  /** Milliseconds: when the feed was first seen to say this. */
  since: v.number(),
})

/**
 * The validators of the feed as it is now. When it changed is kept: a decision, or a message that is taken back,
 * changes the feed and has no date of its own. Two versions never share a second.
 */
export async function feedValidators(
  feed: string,
  { store, now }: { readonly store: Store; readonly now: () => Date },
): Promise<Validators> {
  const hash = createHash('sha256').update(feed).digest('base64url').slice(0, 32)
  let since: number | undefined
  await ifWritable(async () => {
    const kept = await updateKept(store, KEY, State, (known) => {
      if (known?.hash === hash) return undefined
      const next = known ? known.since + SECOND : 0
      return { value: { hash, since: Math.max(now().getTime(), next) } }
    })
    since = kept?.hash === hash ? kept.since : undefined
  })
  return { etag: `"${hash}"`, lastModified: since === undefined ? undefined : new Date(since) }
}
