import type { Ledger } from './ledger.ts'

/** Where the ledger is kept. An update is atomic: two at once run one after the other. */
export interface LedgerStore {
  read(): Promise<Ledger>
  update<Result>(change: LedgerChange<Result>): Promise<Result>
}

export type LedgerChange<Result> = (
  ledger: Ledger,
) => Promise<{ readonly ledger: Ledger; readonly result: Result }>
