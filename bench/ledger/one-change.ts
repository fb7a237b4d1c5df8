/**
 * Opens a ledger, looks one entry up and writes one, and says on standard output how many milliseconds of CPU that
 * took. `node one-change.ts MODULE FILE POST`, where the module opens ledgers.
 *
 * @module
 */
const [module = '', file = '', post = ''] = process.argv.slice(2)
const { openLedgerFile } = (await import(
  module
)) as typeof import('../../lib/ledger/ledger-file.ts')

const start = process.cpuUsage()
await openLedgerFile(file).update(async (ledger) => {
  const found = ledger.posts[post]
  if (!found) throw new TypeError(`no post ${post}`)
  const changed = { ...found, title: `Written at ${process.hrtime.bigint()}` }
  return { ledger: { ...ledger, posts: { ...ledger.posts, [post]: changed } }, result: undefined }
})
const { user, system } = process.cpuUsage(start)
process.stdout.write(String((user + system) / 1000))
