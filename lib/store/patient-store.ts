import { StoreError } from '../web/errors.ts'
import type { LmdbStore } from './lmdb-store.ts'
import type { Store } from './store.ts'

/** Milliseconds until it is tried again to open what could not be opened. */
const PAUSE = 2_000

export interface PatientStoreOptions {
  /** @throws {StoreError} where it cannot be opened */
  readonly open: () => LmdbStore
  readonly now: () => Date
  /** For the owner's log. */
  readonly report?: (line: string) => void
}

export interface PatientStore extends Store {
  /** Why it cannot be used, or not be written, at the moment. */
  trouble(): StoreError | undefined
  close(): Promise<void>
}

/**
 * A store that is opened as soon as that is possible: what needs it fails until then, and everything else goes on.
 * One that can only be read is opened anew when something is to be written.
 */
export function createPatientStore({ open, now, report }: PatientStoreOptions): PatientStore {
  let store: LmdbStore | undefined
  let refusal: StoreError | undefined
  let nextTry = 0
  tryToOpen()

  return {
    get: async (...args) => readable().get(...args),
    list: async (...args) => readable().list(...args),
    listKeys: async (...args) => readable().listKeys(...args),
    createIfAbsent: async (...args) => (await writable()).createIfAbsent(...args),
    replaceIf: async (...args) => (await writable()).replaceIf(...args),
    delete: async (...args) => (await writable()).delete(...args),
    ...(report && { report }),
    trouble: () => store?.refusal ?? refusal,
    close: async () => store?.close(),
  }

  function readable(): LmdbStore {
    if (!store && isTime()) tryToOpen()
    if (store) return store
    throw refusal ?? new StoreError('The store is being opened.')
  }

  async function writable(): Promise<LmdbStore> {
    if (store?.refusal && isTime()) {
      const before = store
      ;[store, refusal] = [undefined, store.refusal]
      nextTry = now().getTime() + PAUSE
      await before.close()
      tryToOpen()
    }
    return readable()
  }

  function isTime(): boolean {
    return now().getTime() >= nextTry
  }

  function tryToOpen(): void {
    nextTry = now().getTime() + PAUSE
    try {
      store = open()
      refusal = undefined
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      refusal = error
    }
  }
}
