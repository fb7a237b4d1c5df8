/**
 * A process that creates entries, one after the other, and says each time that it was answered:
 * `writer.ts <lmdb|json|postgres> <place> <name> <rounds>`.
 */
import { createJsonFileStore } from '../../lib/store/json-file-store.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { createPostgresStore } from '../../lib/store/postgres-store.ts'
import type { Store } from '../../lib/store/store.ts'

const [kind, place = '', name = '', rounds] = process.argv.slice(2)
const now = () => new Date()
const store = await open()

for (let round = 0; round < Number(rounds); round++) {
  const won = await store.createIfAbsent(`race/${round}`, name)
  await store.createIfAbsent(`${name}/${round}`, { won })
  process.stdout.write(`${round}\n`)
}
await store.close?.()

async function open(): Promise<Store & { close?(): Promise<void> }> {
  if (kind === 'lmdb') return createLmdbStore({ folder: place, now })
  if (kind === 'postgres') return createPostgresStore({ url: place, now })
  return createJsonFileStore({ file: place, now })
}
