import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createJsonFileStore } from '../../lib/store/json-file-store.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { createPatientStore } from '../../lib/store/patient-store.ts'
import { storeError, systemCodeOf } from '../../lib/store/store-error.ts'
import { StoreError } from '../../lib/web/errors.ts'
import { failureResponse } from '../../lib/web/failure-response.ts'

const folder = mkdtempSync(join(tmpdir(), 'private-posts-failures-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const inTheWay = join(folder, 'a-file')
writeFileSync(inTheWay, '')

const now = () => new Date(0)
const failure = (code: unknown) => Object.assign(new Error('failed'), { code })

describe('storeError()', () => {
  for (const [code, words] of [
    ['ENOSPC', /ENOSPC: no space is left on the disk\)\. To do: free some space/],
    ['EROFS', /EROFS: the file system is read-only\)\. To do: mount it for writing/],
    ['EACCES', /EACCES: this user may not use it\)\. To do: give it to the user/],
    ['EIO', /EIO: the disk does not answer\)/],
    ['EXDEV', /EXDEV: the cause is not known\)/],
  ] as const) {
    it(`names the cause and the remedy: ${code}`, () => {
      const error = storeError('the-store', failure(code))
      assert.match(error.message, /^the-store: cannot be used \(/)
      assert.match(error.message, words)
      assert.doesNotMatch(error.message, /another process/)
    })
  }

  it('finds the code that a library keeps as a number, or in a cause', () => {
    assert.equal(systemCodeOf(failure(28)), 'ENOSPC')
    assert.equal(systemCodeOf(new Error('x', { cause: failure('EROFS') })), 'EROFS')
    assert.equal(systemCodeOf(failure('ERR_INVALID_ARG_TYPE')), undefined)
    assert.equal(systemCodeOf(new TypeError('x')), undefined)
  })
})

describe('a store that cannot be used', () => {
  it('says so by each of its methods: a JSON file', async () => {
    const store = createJsonFileStore({ file: join(inTheWay, 'store.json'), now })
    await assert.rejects(store.createIfAbsent('a/b', 1), isRefusal)
    await assert.rejects(store.get('a/b'), isRefusal)
    await assert.rejects(store.list('a/'), isRefusal)
  })

  it('is refused when it is opened: lmdb', () => {
    const open = () => createLmdbStore({ folder: join(inTheWay, 'store'), now })
    assert.throws(open, isRefusal)
  })

  it('still tells faults of ours apart', async () => {
    const store = createLmdbStore({ folder: join(folder, 'lmdb'), now })
    await assert.rejects(store.createIfAbsent('no key', 1), TypeError)
    assert.equal(await store.createIfAbsent('a/b', 1), true)
    await store.close()
  })
})

describe('createPatientStore()', () => {
  it('fails until it can be opened, and then works without a restart', async () => {
    let time = 0
    const place = join(folder, 'later')
    writeFileSync(place, '')
    const store = createPatientStore({
      open: () => createLmdbStore({ folder: join(place, 'store'), now }),
      now: () => new Date(time),
    })
    await assert.rejects(store.get('a/b'), isRefusal)
    rmSync(place)
    await assert.rejects(store.createIfAbsent('a/b', 1), isRefusal, 'not tried at each request')
    time = 2_000
    assert.equal(await store.createIfAbsent('a/b', 1), true)
    assert.equal((await store.get('a/b'))?.value, 1)
    assert.deepEqual((await store.list('a/')).length, 1)
    await store.delete('a/b')
    assert.equal(await store.get('a/b'), undefined)
    await store.close()
  })

  it('reads what can only be read, and is opened anew to write', async () => {
    let time = 0
    let isWritable = false
    const opened: string[] = []
    const place = join(folder, 'read-only')
    const open = () => {
      const refusal = isWritable ? undefined : storeError(place, failure('EROFS'))
      opened.push(refusal ? 'to read' : 'to write')
      const store = createLmdbStore({ folder: place, now })
      if (!refusal) return store
      const refuse = async () => {
        throw refusal
      }
      return { ...store, refusal, createIfAbsent: refuse, replaceIf: refuse, delete: refuse }
    }
    const store = createPatientStore({ open, now: () => new Date(time) })
    assert.equal(await store.get('a/b'), undefined)
    await assert.rejects(store.createIfAbsent('a/b', 1), isRefusal)
    isWritable = true
    time = 2_000
    assert.equal(await store.get('a/b'), undefined)
    assert.equal(await store.createIfAbsent('a/b', 1), true)
    assert.deepEqual(opened, ['to read', 'to write'])
    await store.close()
  })
})

describe('failureResponse()', () => {
  it('asks to come again where the store cannot be used, and says nothing of the cause', async () => {
    const response = failureResponse(storeError('/srv/blog/store', failure('ENOSPC')))
    assert.equal(response.status, 503)
    assert.match(response.headers.get('retry-after') ?? '', /^\d+$/)
    assert.doesNotMatch(await response.text(), /srv|ENOSPC/)
  })

  it('is a bare 500 for any other fault', () => {
    const response = failureResponse(new Error('secret'))
    assert.deepEqual([response.status, response.headers.get('retry-after')], [500, null])
  })
})

function isRefusal(error: unknown): boolean {
  return error instanceof StoreError && /cannot be used \(E[A-Z]+: /.test(error.message)
}
