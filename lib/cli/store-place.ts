import { resolve } from 'node:path'
import { storeFolderOf } from '../ledger/state-folder.ts'
import { loadOptional } from '../store/optional-package.ts'
import { isPostgresUrl } from '../store/postgres-client.ts'
import type { Store } from '../store/store.ts'
import { textOption, UsageError, type CommandContext, type OptionValues } from './command.ts'

/** Where the functions keep what they keep: a folder, or a database that several machines share. */
export type StorePlace =
  | { readonly kind: 'folder'; readonly folder: string; readonly isNamed: boolean }
  | { readonly kind: 'postgres'; readonly url: string }

export interface OpenedStore {
  readonly store: Store
  closeStore(): Promise<void>
}

/** Read in this order, where `--store` says nothing. */
const VARIABLES = ['PRIVATE_POSTS_DATABASE_URL', 'NETLIFY_DATABASE_URL']

export function storePlaceOf(
  values: OptionValues,
  { cwd, environment }: CommandContext,
  ledger: string,
): StorePlace {
  const named = textOption(values, 'store')
  if (named !== undefined) {
    if (isPostgresUrl(named)) return { kind: 'postgres', url: named }
    // Not quoted: there may be a password in it.
    if (named.includes('://')) throw new UsageError('--store: a folder, or a URL with postgres://')
    return { kind: 'folder', folder: resolve(cwd, named), isNamed: true }
  }
  const url = VARIABLES.map((name) => environment[name]).find((value) => value)
  if (url !== undefined) return { kind: 'postgres', url }
  return { kind: 'folder', folder: storeFolderOf(ledger), isNamed: false }
}

export const loadLmdbStore = () =>
  loadOptional('lmdb', {
    load: () => import('../store/lmdb-store.ts'),
    purpose: 'A store in a folder',
  })

/** @throws {ConfigurationError} where the package, the role or the database is missing */
export async function openPostgresStore(
  url: string,
  { now }: CommandContext,
  report?: (line: string) => void,
): Promise<OpenedStore> {
  const { createPostgresStore } = await import('../store/postgres-store.ts')
  const store = await createPostgresStore({ url, now, ...(report && { report }) })
  return { store, closeStore: () => store.close() }
}
