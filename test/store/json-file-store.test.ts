import assert from 'node:assert/strict'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createJsonFileStore } from '../../lib/store/json-file-store.ts'
import { UNREADABLE } from '../../lib/store/store.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { testStore } from './contract.ts'
import { testProcesses } from './processes.ts'

const folder = mkdtempSync(join(tmpdir(), 'private-posts-json-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
const newFile = () => join(folder, String(count++), 'store.json')
const now = () => new Date('2026-11-21T00:00:00Z')

testStore('json-file store', (time) => createJsonFileStore({ file: newFile(), now: time }))

testProcesses({
  kind: 'json',
  newPlace: newFile,
  open: (place) => createJsonFileStore({ file: place, now: () => new Date() }),
  afterKill: (place) => rmSync(`${place}.lock`, { recursive: true, force: true }),
})

describe('createJsonFileStore()', () => {
  it('makes no file by reading', async () => {
    const file = newFile()
    await createJsonFileStore({ file, now }).list('')
    assert.throws(() => statSync(file))
  })

  it('keeps a file that only its owner can read, and nothing beside it', async () => {
    const file = newFile()
    await createJsonFileStore({ file, now }).createIfAbsent('a/b', { c: 1 })
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(dirname(file)), ['store.json'])
    const { entries } = JSON.parse(readFileSync(file, 'utf8'))
    assert.deepEqual(entries['a/b'].value, { c: 1 })
  })

  it('leaves what has expired out with the next write', async () => {
    const file = newFile()
    let time = 0
    const store = createJsonFileStore({ file, now: () => new Date(time) })
    await store.createIfAbsent('old/1', 1, { expires: new Date(1) })
    assert.match(readFileSync(file, 'utf8'), /old/)
    time = 1
    await store.createIfAbsent('new/1', 1)
    assert.doesNotMatch(readFileSync(file, 'utf8'), /old/)
  })

  it('does not write where nothing has changed', async () => {
    const file = newFile()
    const store = createJsonFileStore({ file, now })
    await store.createIfAbsent('a/b', 1)
    const { ino } = statSync(file)
    await store.createIfAbsent('a/b', 2)
    assert.equal(statSync(file).ino, ino)
    await store.delete('a/c')
    assert.equal(statSync(file).ino, ino)
    await store.delete('a/b')
    assert.notEqual(statSync(file).ino, ino)
  })

  it('goes on beside an entry that is none: that counts as there, and stays as it is', async () => {
    const file = newFile()
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, '{"version":1,"entries":{"a/b":"s3cret","a/c":{"value":1,"version":"x"}}}')
    const store = createJsonFileStore({ file, now })
    assert.equal((await store.get('a/b'))?.value, UNREADABLE)
    assert.equal((await store.get('a/c'))?.value, 1)
    assert.equal(await store.createIfAbsent('a/b', 1), false)
    assert.equal(await store.createIfAbsent('a/d', 1), true)
    assert.match(readFileSync(file, 'utf8'), /"a\/b": "s3cret"/)
    assert.equal(await store.replaceIf('a/b', 2, (await store.get('a/b'))?.version ?? ''), true)
    assert.deepEqual(
      (await store.list('a/')).map(({ value }) => value),
      [2, 1, 1],
    )
  })

  for (const text of [
    '',
    '{"version": 1, <<<<',
    '{"version":2,"entries":{}}',
    '[]',
    '{"version":1,"entries":"s3cret"}',
  ]) {
    it(`refuses a broken file, and leaves it as it is: ${text.slice(0, 30)}`, async () => {
      const file = newFile()
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      const store = createJsonFileStore({ file, now })
      const isRefusal = (error: unknown) =>
        error instanceof ConfigurationError && !error.message.includes('s3cret')
      await assert.rejects(store.get('a/b'), isRefusal)
      await assert.rejects(store.createIfAbsent('a/b', 1), isRefusal)
      assert.equal(readFileSync(file, 'utf8'), text)
      writeFileSync(file, '{"version":1,"entries":{}}')
      assert.equal(await store.createIfAbsent('a/b', 1), true)
    })
  }
})
