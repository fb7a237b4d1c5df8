import * as v from 'valibot'
import { dueName, parseDue } from '../store/due-key.ts'
import { readKept, updateKept } from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import { UrlText } from '../web/url-text.ts'
import { mentionKey } from './equivalence.ts'
import type { QueuedMention } from './queue.ts'
import type { Webmention } from './webmention.ts'

const MISSING = 'webmention-missing/'
/** The keys below it say by their names when a look is due (due-key.ts). */
const DUE = 'webmention-missing-due/'
/** So many due keys are looked at in one sweep. */
const DUE_LOOK = 200
const DAY = 24 * 60 * 60 * 1000
/** As many looks over a day say that a page is gone: a host in trouble answers 404 for an hour, too. */
const ENOUGH_LOOKS = 3
/** From one look that counts to the next, so that nobody shortens the day by sending a mention often. */
const PAUSE = DAY / 2
/** A sweep that comes late still finds what was counted; after so long without another 404, it is forgotten. */
const MEMORY = 7 * DAY

const Missing = v.object({
  source: UrlText,
  target: UrlText,
  redeemed: v.boolean(),
  looks: v.number(),
  since: v.number(),
  last: v.number(),
  /** When the next look is due. */
  next: v.number(),
})
type Missing = v.InferOutput<typeof Missing>

/** Counts how often the sources of known mentions were not found. */
export interface MissingSources {
  /** Counts a 404. Returns whether the source has been missing for long enough to count as gone. */
  count(mention: Webmention & Pick<QueuedMention, 'redeemed'>): Promise<boolean>
  /** Something else than 404 was seen there. */
  forget(mention: Webmention): Promise<void>
  /** Mentions whose sources are to be looked at again. Each is told once, until its next look is due. */
  due(): Promise<readonly QueuedMention[]>
}

/**
 * Remembers in the store which sources answered 404, because a restart must not begin the day anew.
 *
 * @see [Webmention §3.2.4](https://www.w3.org/TR/webmention/#updating-existing-webmentions)
 */
export function createMissingSources({
  store,
  now,
}: {
  readonly store: Store
  readonly now: () => Date
}): MissingSources {
  return { count, forget, due }

  async function count({
    source,
    target,
    redeemed,
  }: Webmention & Pick<QueuedMention, 'redeemed'>): Promise<boolean> {
    const time = now().getTime()
    const before = await readKept(store, keyOf({ source, target }), Missing)
    // First, so that a crash in between leaves a reminder too many, and not a source without one.
    if (!before || time - before.value.last >= PAUSE) {
      const next = { source: source.href, last: time, next: time + PAUSE }
      await remind(keyOf({ source, target }), next)
    }
    const held = await updateKept(store, keyOf({ source, target }), Missing, (known) => {
      if (known && time - known.last < PAUSE) return undefined
      const first = { looks: 0, since: time }
      const { looks, since } = known ?? first
      const next: Missing = {
        ...{ source: source.href, target: target.href, since },
        redeemed: redeemed || known?.redeemed === true,
        looks: looks + 1,
        ...{ last: time, next: time + PAUSE },
      }
      return { value: next, expires: new Date(time + MEMORY) }
    })
    const { looks = 0, since = time } = held ?? {}
    return looks >= ENOUGH_LOOKS && time - since >= DAY
  }

  function forget(mention: Webmention): Promise<void> {
    return store.delete(keyOf(mention))
  }

  async function due(): Promise<readonly QueuedMention[]> {
    const time = now().getTime()
    const mentions: QueuedMention[] = []
    for (const dueKey of await store.listKeys(DUE, { limit: DUE_LOOK })) {
      const found = parseDue(dueKey.slice(DUE.length))
      if (!found || found.time > time) continue
      const stored = await readKept(store, MISSING + found.id, Missing)
      if (stored && stored.value.next <= time) {
        const { key, value: known, version } = stored
        // Before it is queued: a sweep that dies in between looks later, and none of them looks without end.
        const expires = new Date(known.last + MEMORY)
        const later: Missing = { ...known, next: time + PAUSE }
        await remind(key, later)
        if (await store.replaceIf(key, later, version, { expires })) {
          const { source, target, redeemed } = known
          mentions.push({ source: new URL(source), target: new URL(target), code: false, redeemed })
        }
      }
      await store.delete(dueKey)
    }
    return mentions
  }

  async function remind(
    key: string,
    { source, last, next }: Pick<Missing, 'source' | 'last' | 'next'>,
  ): Promise<void> {
    const name = dueName(key.slice(MISSING.length), new URL(source).hostname, new Date(next))
    await store.createIfAbsent(DUE + name, true, { expires: new Date(last + MEMORY) })
  }
}

function keyOf({ source, target }: Webmention): string {
  return MISSING + mentionKey(source, target)
}
