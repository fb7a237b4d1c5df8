import type { JournalHome, JournalWriter } from './journal.ts'
import { replayJournals } from './journal.ts'
import type { LedgerChange, LedgerStore } from './ledger-store.ts'

/** A ledger whose readers see what journals say as well. */
export interface JournaledLedger extends LedgerStore {
  /** For a sender, of which there is only one at a time. */
  beginJournal(): JournalWriter
  /** Writes into the ledger what all journals say, and removes them. Only for a sender that has not begun one. */
  fold(): Promise<void>
}

/**
 * Joins the ledger with the journals beside it. A reader never waits for a sender, and a sender never for a build:
 * they share the ledger's lock only while it is written.
 */
export function withJournals(store: LedgerStore, home: JournalHome): JournaledLedger {
  return {
    beginJournal: () => home.begin(),
    update,

    async read() {
      // In this order: what is folded meanwhile is seen twice, and not missed.
      const journals = await home.read()
      if (journals.some(({ hasEnded }) => hasEnded)) {
        return update(async (ledger) => ({ ledger, result: ledger }))
      }
      return replayJournals(await store.read(), journals)
    },

    async fold() {
      const journals = await home.read()
      if (journals.length === 0) return
      await store.update(async (stored) => ({
        ledger: replayJournals(stored, journals),
        result: undefined,
      }))
      await home.remove(journals)
    },
  }
  /** Folds what has ended, along with the change. */
  async function update<Result>(change: LedgerChange<Result>): Promise<Result> {
    const { result, journals } = await store.update(async (stored) => {
      const journals = await home.read()
      const { ledger, result } = await change(replayJournals(stored, journals))
      return { ledger, result: { result, journals } }
    })
    const ended = journals.filter(({ hasEnded }) => hasEnded)
    if (ended.length > 0) await home.remove(ended)
    return result
  }
}
