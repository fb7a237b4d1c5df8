import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createGroupCommit } from '../../lib/store/group-commit.ts'

/** Writes that end when told to. */
function createWrites() {
  const writes: { items: readonly number[]; end: (error?: Error) => void }[] = []
  const write = (items: readonly number[]) =>
    new Promise<void>((resolve, reject) => {
      writes.push({ items, end: (error) => (error ? reject(error) : resolve()) })
    })
  return { writes, add: createGroupCommit(write) }
}

const tick = () => new Promise(setImmediate)

describe('createGroupCommit()', () => {
  it('writes at once, and together what was added meanwhile', async () => {
    const { writes, add } = createWrites()
    const first = add(1)
    await tick()
    const others = [2, 3, 4].map(add)
    await tick()
    assert.deepEqual(
      writes.map(({ items }) => items),
      [[1]],
    )
    writes[0]?.end()
    await first
    await tick()
    assert.deepEqual(
      writes.map(({ items }) => items),
      [[1], [2, 3, 4]],
    )
    writes[1]?.end()
    await Promise.all(others)
  })

  it('resolves nobody before the write that holds the item', async () => {
    const { writes, add } = createWrites()
    let isDone = false
    void add(1)
    await tick()
    void add(2).then(() => (isDone = true))
    writes[0]?.end()
    await tick()
    assert.equal(isDone, false)
    writes[1]?.end()
    await tick()
    assert.equal(isDone, true)
  })

  it('tells those whose items were not written, and goes on', async () => {
    const { writes, add } = createWrites()
    const lost = assert.rejects(add(1), /full/)
    await tick()
    const kept = add(2)
    writes[0]?.end(new Error('full'))
    await lost
    await tick()
    writes[1]?.end()
    await kept
  })
})
