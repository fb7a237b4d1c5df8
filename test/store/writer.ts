/**
 * A process that creates entries, one after the other, and says each time that it was answered:
 * `writer.ts <lmdb|json> <place> <name> <rounds>`.
 */
import { createJsonFileStore } from '../../lib/store/json-file-store.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import type { Store } from '../../lib/store/store.ts'

const [kind, place = '', name = '', rounds] = process.argv.slice(2)
const now = () => new Date()
const store: Store & { close?(): Promise<void> } =
  kind === 'lmdb'
    ? createLmdbStore({ folder: place, now })
    : createJsonFileStore({ file: place, now })

for (let round = 0; round < Number(rounds); round++) {
  const won = await store.createIfAbsent(`race/${round}`, name)
  await store.createIfAbsent(`${name}/${round}`, { won })
  process.stdout.write(`${round}\n`)
}
await store.close?.()
