import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { delivery } from '../cli/command-line.ts'
import { BOB, build } from './builds.ts'

const COUNT = 2000
const { ledger: built } = build(emptyLedger(), { 'private/a.md': { audience: [BOB] } })
const deliveries = Array.from({ length: COUNT }, (_, number) =>
  delivery({ post: `posts/${number % 50}.md`, target: `https://h.example/${number}/` }),
)
const LARGE = parseLedger(formatLedger({ ...built, deliveries }), 'ledger')

/** A ledger that this software wrote last. */
async function written(t: TestContext, ledger: Ledger, hasState = true) {
  const folder = mkdtempSync(join(tmpdir(), 'checked-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'ledger.json')
  if (hasState) mkdirSync(join(folder, '.private-posts'))
  await openLedgerFile(file).update(async () => ({ ledger, result: undefined }))
  return file
}

const noteOf = (file: string) => join(dirname(file), '.private-posts/checked-deliveries')

/** How many lines were parsed meanwhile. */
async function parsed(t: TestContext, work: () => Promise<unknown>): Promise<number> {
  const { mock } = t.mock.method(JSON, 'parse')
  await work()
  const count = mock.callCount()
  mock.restore()
  return count
}

const addPage = (file: string) =>
  openLedgerFile(file).update(async (ledger) => ({
    ledger: { ...ledger, gone: { '/old/': '2026-11-01T00:00:00.000Z' } },
    result: undefined,
  }))

describe('a large ledger that this software wrote last', () => {
  it('is read and changed without parsing the deliveries, which stay as they are', async (t) => {
    const file = await written(t, LARGE)
    assert.equal(statSync(noteOf(file)).mode & 0o777, 0o600)
    const read = await parsed(t, async () => (await openLedgerFile(file).read()).posts)
    assert.ok(read < 20, `${read} lines`)
    const changed = await parsed(t, () => addPage(file))
    assert.ok(changed < 20, `${changed} lines`)
    const expected = { ...LARGE, gone: { '/old/': '2026-11-01T00:00:00.000Z' } }
    assert.equal(readFileSync(file, 'utf8'), formatLedger(expected))
    assert.deepEqual(await openLedgerFile(file).read(), expected)
  })

  it('gives its deliveries as an array to all that ask for them', async (t) => {
    const file = await written(t, LARGE)
    const { deliveries: read } = await openLedgerFile(file).read()
    assert.ok(Array.isArray(read))
    assert.equal(read.length, COUNT)
    assert.deepEqual([...read], LARGE.deliveries)
    assert.deepEqual(read[7], LARGE.deliveries[7])
    assert.equal(JSON.stringify(read), JSON.stringify(LARGE.deliveries))
  })

  it('is written as always where deliveries have changed, in a copy or in place', async (t) => {
    const file = await written(t, LARGE)
    const more = delivery({ post: 'posts/3.md', target: 'https://h.example/more/' })
    await openLedgerFile(file).update(async (ledger) => ({
      ledger: { ...ledger, deliveries: [...ledger.deliveries.slice(1), more] },
      result: undefined,
    }))
    const copy = { ...LARGE, deliveries: [...LARGE.deliveries.slice(1), more] }
    assert.equal(readFileSync(file, 'utf8'), formatLedger(copy))
    assert.deepEqual(await openLedgerFile(file).read(), parseLedger(formatLedger(copy), file))
    await openLedgerFile(file).update(async (ledger) => {
      ledger.deliveries.pop()
      return { ledger, result: undefined }
    })
    assert.equal((await openLedgerFile(file).read()).deliveries.length, COUNT - 1)
  })

  it('is not touched where nothing has changed, whether deliveries were read or not', async (t) => {
    const file = await written(t, LARGE)
    const { ino } = statSync(file)
    const note = statSync(noteOf(file)).ino
    for (const use of [(ledger: Ledger) => ledger, (ledger: Ledger) => ledger.deliveries.length]) {
      await openLedgerFile(file).update(async (ledger) => ({ ledger, result: use(ledger) }))
      assert.deepEqual([statSync(file).ino, statSync(noteOf(file)).ino], [ino, note])
    }
  })
})

describe('a large ledger that is not as this software wrote it last', () => {
  const rows: readonly [name: string, change: (text: string) => string, problem: RegExp][] = [
    [
      'a delivery is damaged',
      (text) => text.replace(/"attempts":1/, '"attempts":"x"'),
      /a delivery of/,
    ],
    ['a line is cut off', (text) => text.replace(/("outcome":).*/, '$1'), /not JSON|damaged/],
    [
      'there is a conflict',
      (text) => text.replace(/^(\{"delivery".*\n)/m, '<<<<<<< HEAD\n$1=======\n$1>>>>>>> other\n'),
      /merge conflict/,
    ],
  ]
  for (const [name, change, problem] of rows) {
    it(`is refused when it is read, and left as it is: ${name}`, async (t) => {
      const file = await written(t, LARGE)
      const text = change(readFileSync(file, 'utf8'))
      assert.notEqual(text, readFileSync(file, 'utf8'))
      writeFileSync(file, text)
      await assert.rejects(openLedgerFile(file).read(), problem)
      await assert.rejects(addPage(file), problem)
      assert.equal(readFileSync(file, 'utf8'), text)
    })
  }

  for (const [name, lose] of [
    ['lost', (file: string) => rmSync(noteOf(file))],
    ['damaged', (file: string) => writeFileSync(noteOf(file), '1 \n')],
    [
      'of another version',
      (file: string) =>
        writeFileSync(noteOf(file), readFileSync(noteOf(file), 'utf8').replace(/^1/, '0')),
    ],
  ] as const) {
    it(`says the same where the note is ${name}, after every line was checked`, async (t) => {
      const file = await written(t, LARGE)
      lose(file)
      const read = await parsed(t, async () =>
        assert.deepEqual(await openLedgerFile(file).read(), LARGE),
      )
      assert.ok(read >= COUNT)
    })
  }
})

describe('the note of what was checked', () => {
  it('is made in a state folder that is there, and for large ledgers only', async (t) => {
    assert.ok(existsSync(noteOf(await written(t, LARGE))))
    assert.ok(!existsSync(noteOf(await written(t, LARGE, false))))
    assert.ok(!existsSync(noteOf(await written(t, built))))
  })
})
