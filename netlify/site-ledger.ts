import { openLedgerRecord } from '../lib/ledger/ledger-record.ts'
import type { LedgerStore } from '../lib/ledger/ledger-store.ts'
import { createBlobsStore } from './blobs-store.ts'
import { openBlobs } from './site-blobs.ts'

/** Where the functions keep the ledger of the site, in its Blobs store. */
export const SITE_LEDGER = 'ledger/site'

/** The ledger of the deployed site, for whoever runs outside of its functions. */
export function openSiteLedger(): LedgerStore {
  const store = createBlobsStore({ store: openBlobs(), now: () => new Date() })
  return openLedgerRecord(store, SITE_LEDGER)
}
