import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { contentKey, openContentCache } from '../../lib/store/content-cache.ts'

let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'content-cache-'))))
afterEach(() => rmSync(root, { recursive: true }))

const folder = () => join(root, '.private-posts/cache')
const file = () => join(folder(), 'lengths.cache')
const isValue = (value: unknown) => typeof value === 'number'

function open({ name = 'lengths', version = 1 } = {}) {
  return openContentCache({ folder: folder(), name, version, isValue })
}

/** One run: which of these contents had to be computed. */
async function run(
  contents: readonly string[],
  { kept, ...options }: { kept?: 'used' | 'all'; version?: number } = {},
): Promise<string[]> {
  const cache = open(options)
  const computed = contents.filter((content) => {
    const key = contentKey(content)
    const value = cache.get(key)
    if (value === undefined) cache.set(key, content.length)
    else assert.equal(value, content.length)
    return value === undefined
  })
  await cache.save(kept)
  return computed
}

describe('contentKey()', () => {
  it('is the same for the same bytes, and another one for each thing that the value depends on', () => {
    assert.equal(contentKey('ä'), contentKey(Buffer.from('ä')))
    const keys = [
      contentKey('a'),
      contentKey('b'),
      contentKey('a', 'b'),
      contentKey('a', 'b', ''),
      contentKey('a', '', 'b'),
      contentKey('ab'),
    ]
    assert.equal(new Set(keys).size, keys.length)
  })
})

describe('openContentCache()', () => {
  it('computes what is new, and nothing that an earlier run has computed', async () => {
    assert.deepEqual(await run(['one', 'three']), ['one', 'three'])
    assert.deepEqual(await run(['one', 'three']), [])
    assert.deepEqual(await run(['one', 'three', 'seven']), ['seven'])
    assert.deepEqual(await run(['one', 'three', 'seven']), [])
  })

  it('gives what this run has set, before it is saved', () => {
    const cache = open()
    cache.set(contentKey('one'), 3)
    assert.equal(cache.get(contentKey('one')), 3)
    assert.equal(cache.get(contentKey('two')), undefined)
  })

  it('drops what a run has not used, and keeps it where the run saw only a part', async () => {
    await run(['one', 'three', 'seven'])
    await run(['one'], { kept: 'all' })
    assert.deepEqual(await run(['one', 'three']), [])
    assert.deepEqual(await run(['seven', 'one', 'three']), ['seven'])
  })

  it('writes nothing where there is nothing to keep, and not again what is the same', async () => {
    await open().save()
    assert.equal(existsSync(join(root, '.private-posts')), false)

    await run(['one', 'three'])
    const { ino } = statSync(file())
    await run(['three', 'one'])
    await run(['one'], { kept: 'all' })
    assert.equal(statSync(file()).ino, ino)
    await run(['one'])
    assert.notEqual(statSync(file()).ino, ino)
    await run([])
    assert.equal(existsSync(file()), false)
  })

  it('can be read by its owner alone, and stays out of version control', async () => {
    await run(['one'])
    assert.equal(statSync(folder()).mode & 0o777, 0o700)
    assert.equal(statSync(file()).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(folder()).sort(), ['.gitignore', 'lengths.cache'])
    assert.doesNotMatch(readFileSync(file(), 'utf8'), /one/)
  })

  it('takes a file of another version, or of another computation, for none', async () => {
    await run(['one'])
    assert.deepEqual(await run(['one'], { version: 2 }), ['one'])
    assert.deepEqual(await run(['one'], { version: 2 }), [])

    writeFileSync(join(folder(), 'words.cache'), readFileSync(file()))
    assert.equal(open({ name: 'words', version: 2 }).get(contentKey('one')), undefined)
    assert.equal(open({ version: 2 }).get(contentKey('one')), 3)
  })

  it('takes a damaged file for none: cut short, changed by a byte, or no cache at all', async () => {
    await run(['one', 'three'])
    const whole = readFileSync(file(), 'utf8')
    const damaged = [
      whole.slice(0, -3),
      whole.slice(0, whole.lastIndexOf('\n', whole.length - 2) + 1),
      whole.replace(/ 3\n/, ' 4\n'),
      '',
      '\0\0\0',
      '{"version":1}\n',
    ]
    for (const text of damaged) {
      writeFileSync(file(), text)
      assert.deepEqual(await run(['one', 'three']), ['one', 'three'], JSON.stringify(text))
      assert.deepEqual(await run(['one', 'three']), [])
    }
  })

  it('takes what is no value of the computation for none', async () => {
    const isText = (value: unknown) => typeof value === 'string'
    const texts = openContentCache({
      ...{ folder: folder(), name: 'lengths', version: 1 },
      isValue: isText,
    })
    texts.set(contentKey('one'), 'three')
    await texts.save()
    assert.deepEqual(await run(['one']), ['one'])
  })

  it('is empty, and no error, where its place cannot be used', async () => {
    await run(['one'])
    rmSync(folder(), { recursive: true })
    writeFileSync(folder(), 'a file')
    assert.deepEqual(await run(['one']), ['one'])
    assert.deepEqual(await run(['one']), ['one'])
    rmSync(folder())
    assert.deepEqual(await run(['one']), ['one'])
    assert.deepEqual(await run(['one']), [])
  })

  it('is empty, and no error, where its file is a folder', async () => {
    mkdirSync(file(), { recursive: true })
    assert.deepEqual(await run(['one']), ['one'])
    assert.deepEqual(await run(['one']), ['one'])
  })
})
