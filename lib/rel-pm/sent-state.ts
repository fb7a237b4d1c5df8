import * as v from 'valibot'
import { STATE_LIFETIME } from './limits.ts'
import { storeKey, updateEntry, type Store } from '../store/store.ts'

const Entry = v.object({
  /** The letter's version that it is about. */
  version: v.string(),
  state: v.picklist(['waiting', 'handed over', 'refused']),
  reason: v.optional(v.string()),
  /** How often the letter was announced again. */
  renewals: v.number(),
})
type Entry = v.InferOutput<typeof Entry>

/**
 * What became of a message of ours.
 *
 * - `waiting`: its recipient's endpoint has not asked for it, or has not taken it yet
 * - `handed over`: it has it
 * - `refused`: it will not have it, or may not; `reason` is for the author
 */
type SentState = Pick<Entry, 'state' | 'reason'>

export interface SentStates {
  /** Of one version of the letter: what became of an earlier one says nothing. */
  find(message: string, version: string): Promise<SentState>
  /** Writes it down, unless that version has been handed over before. */
  record(message: string, version: string, state: SentState): Promise<void>
  /** Counts one more announcement of that version. Answers how many there were. */
  renew(message: string, version: string): Promise<number>
}

export function openSentStates({
  store,
  now,
}: {
  readonly store: Store
  readonly now: () => Date
}): SentStates {
  return {
    async find(message, version) {
      const { state, reason } = read((await store.get(keyOf(message)))?.value, version)
      return { state, ...(reason !== undefined && { reason }) }
    },
    async record(message, version, state) {
      await change(message, version, ({ renewals, ...before }) =>
        before.state === 'handed over' ? undefined : { version, renewals, ...state },
      )
    },
    async renew(message, version) {
      let renewals = 0
      await change(message, version, (before) => {
        renewals = before.renewals + 1
        return { ...before, renewals }
      })
      return renewals
    },
  }

  async function change(
    message: string,
    version: string,
    next: (before: Entry) => Entry | undefined,
  ): Promise<void> {
    const expires = new Date(now().getTime() + STATE_LIFETIME)
    await updateEntry(store, keyOf(message), (value) => {
      const entry = next(read(value, version))
      return entry && { value: entry, expires }
    })
  }
}

function read(value: unknown, version: string): Entry {
  const result = v.safeParse(Entry, value)
  const isAbout = result.success && result.output.version === version
  return isAbout ? result.output : { version, state: 'waiting', renewals: 0 }
}

function keyOf(message: string): string {
  return storeKey('pm-sent', message)
}
