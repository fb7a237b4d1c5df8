/** A process that adds posts to a ledger, one after the other: `writer.ts <file> <name> <rounds>`. */
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { build } from './builds.ts'

const [file = '', name, rounds] = process.argv.slice(2)
const store = openLedgerFile(file)

for (let round = 0; round < Number(rounds); round++) {
  await store.update(async (before) => {
    const path = `private/${name}-${round}.md`
    const { ledger } = build(before, { [path]: { audience: 'Mum' } }, { sourceAt: () => 'text' })
    return { ledger, result: undefined }
  })
  process.stdout.write('.')
}
