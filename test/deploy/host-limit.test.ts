import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createHostLimit, hostOf } from '../../lib/deploy/host-limit.ts'

const bob = new URL('https://bob.example/')
const carol = new URL('https://carol.example/')

/** Work that ends when told to. */
function createWork() {
  const running: { name: string; end: () => void }[] = []
  const start = (name: string) => () =>
    new Promise<void>((end) => void running.push({ name, end: () => end() }))
  return { running, start, names: () => running.map(({ name }) => name) }
}

const tick = () => new Promise(setImmediate)

describe('createHostLimit()', () => {
  it('runs no more at a host than that host may bear, and others meanwhile', async () => {
    const { start, names, running } = createWork()
    const limit = createHostLimit({ perHost: 2, inTotal: 4 })
    for (const name of ['b1', 'b2', 'b3']) void limit.run(bob, start(name))
    void limit.run(carol, start('c1'))
    await tick()
    assert.deepEqual(names(), ['b1', 'b2', 'c1'])
    running[0]?.end()
    await tick()
    assert.deepEqual(names(), ['b1', 'b2', 'c1', 'b3'])
  })

  it('runs no more in total than we may bear', async () => {
    const { start, names } = createWork()
    const limit = createHostLimit({ perHost: 2, inTotal: 3 })
    for (const host of ['a', 'b', 'c', 'd']) {
      void limit.run(new URL(`https://${host}.example/`), start(host))
    }
    await tick()
    assert.deepEqual(names(), ['a', 'b', 'c'])
  })

  it('lets what finishes something go first', async () => {
    const { start, names, running } = createWork()
    const limit = createHostLimit({ perHost: 1 })
    void limit.run(bob, start('1'))
    void limit.run(bob, start('2'))
    void limit.run(bob, start('3'), { first: true })
    void limit.run(bob, start('4'), { first: true })
    for (let i = 0; i < 3; i++) {
      await tick()
      running[i]?.end()
    }
    await tick()
    assert.deepEqual(names(), ['1', '3', '4', '2'])
  })

  it('takes an address for its domain, and no two for one', async () => {
    const { start, names } = createWork()
    const limit = createHostLimit({ perHost: 1 })
    void limit.run(bob, start('page'))
    void limit.run(new URL('acct:bob@bob.example'), start('address'))
    void limit.run(new URL('acct:carol@carol.example'), start('carol'))
    await tick()
    assert.deepEqual(names(), ['page', 'carol'])
    assert.equal(hostOf(new URL('acct:bob@bob.localhost:8380')), 'bob.localhost:8380')
  })

  it('goes on after work that failed', async () => {
    const limit = createHostLimit({ perHost: 1 })
    await assert.rejects(limit.run(bob, () => Promise.reject(new Error('no'))))
    assert.equal(await limit.run(bob, async () => 'yes'), 'yes')
  })
})
