import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createBuildHook } from '../../lib/inbox/build-hook.ts'
import { idOf } from '../../lib/inbox/entry.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createWeb } from '../support/web.ts'
import { createBench, NOW } from './messages.ts'

const HOOK = new URL('https://build.example/hooks/xxxxxxx')

function createHost(answer: () => Response | Promise<Response> = () => new Response('')) {
  let time = NOW.getTime()
  const now = () => new Date(time)
  const store = createMemoryStore({ now })
  const web = createWeb({ [HOOK.origin]: async () => answer() })
  const hook = createBuildHook({ hook: HOOK, store, fetch: web.fetch, now })
  return {
    ...hook,
    builds: () => web.log.length,
    log: web.log,
    later: (s: number) => void (time += s * 1000),
  }
}

describe('createBuildHook()', () => {
  it('builds once for an approval', async () => {
    const host = createHost()
    await host.announce()
    assert.deepEqual(host.log, [`POST ${HOOK.href}`])
    host.later(3600)
    await host.sweep()
    assert.equal(host.builds(), 1)
  })

  it('builds at once and once more for ten approvals in a minute', async () => {
    const host = createHost()
    for (let i = 0; i < 10; i++) await host.announce()
    assert.equal(host.builds(), 1)
    await host.sweep()
    assert.equal(host.builds(), 1)
    host.later(61)
    await host.sweep()
    await host.sweep()
    assert.equal(host.builds(), 2)
  })

  it('builds once where many approve at the same time', async () => {
    const host = createHost()
    await Promise.all(Array.from({ length: 10 }, () => host.announce()))
    assert.equal(host.builds(), 1)
  })

  it('fails nobody when it fails, and tries again', async () => {
    let answer = () => new Response('', { status: 500 })
    const host = createHost(() => answer())
    await host.announce()
    assert.equal(host.builds(), 1)
    answer = () => {
      throw new TypeError('broken')
    }
    host.later(61)
    await host.sweep()
    assert.equal(host.builds(), 2)
    answer = () => new Response('')
    host.later(61)
    await host.sweep()
    host.later(61)
    await host.sweep()
    assert.equal(host.builds(), 3)
  })

  it('is what an inbox calls after an approval', async () => {
    const host = createHost()
    const bench = createBench({ onApproved: host.announce })
    const source = await bench.accept()
    assert.equal(host.builds(), 0)
    assert.equal(await bench.inbox.approve(idOf(source)), 'done')
    assert.equal(host.builds(), 1)
  })
})
