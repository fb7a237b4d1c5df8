import { setTimeout } from 'node:timers/promises'
import type { Store } from '../store/store.ts'
import { ConfigurationError } from '../web/errors.ts'
import { openJournalRecord } from './journal-record.ts'
import { withJournals, type JournaledLedger } from './journaled-ledger.ts'
import type { LedgerStore } from './ledger-store.ts'
import { formatLedger, readLedger } from './ledger-text.ts'
import { emptyLedger, type Ledger } from './ledger.ts'

/** Every conflict is another machine that has got something done, and there are never many of them. */
const MAX_ATTEMPTS = 50
const LONGEST_PAUSE = 500
/** What it is called where it cannot be read. */
const NAME = 'The ledger in the store'

interface Loaded {
  readonly ledger: Ledger
  /** How its records are written there. */
  readonly known?: ReturnType<typeof readLedger>['known']
  readonly text?: string
  /** None, where there is no ledger yet. */
  readonly version: string | undefined
}

/**
 * Keeps the text of the ledger as one entry of a store, where a host has no lasting files. Updates of this process
 * run one after the other; against those of other machines it compares and sets. `change` may run again,
 * on what somebody else wrote meanwhile.
 */
export function openLedgerRecord(store: Store, key: string): JournaledLedger {
  return withJournals(openRecord(store, key), openJournalRecord(store))
}

function openRecord(store: Store, key: string): LedgerStore {
  let previous: Promise<unknown> = Promise.resolve()

  return {
    read: async () => (await load()).ledger,

    update(change) {
      const result = previous.then(async () => {
        for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
          if (attempt > 0) await setTimeout(Math.random() * Math.min(2 ** attempt, LONGEST_PAUSE))
          const { ledger: before, known, text, version } = await load()
          const { ledger, result } = await change(before)
          const next = formatLedger(ledger, known)
          if (next === (text ?? formatLedger(before)) || (await save(next, version))) return result
        }
        throw new Error('The store refused to keep the ledger: others write it all the time')
      })
      previous = result.catch(() => {})
      return result
    },
  }

  async function load(): Promise<Loaded> {
    const stored = await store.get(key)
    if (!stored) return { ledger: emptyLedger(), version: undefined }
    const { value: text, version } = stored
    if (typeof text === 'string') return { ...readLedger(text, NAME), text, version }
    throw new ConfigurationError(`${NAME}: it is no ledger. To do: restore it from a backup.`)
  }

  function save(text: string, version: string | undefined): Promise<boolean> {
    return version === undefined
      ? store.createIfAbsent(key, text)
      : store.replaceIf(key, text, version)
  }
}
