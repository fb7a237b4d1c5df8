import assert from 'node:assert/strict'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { Survey } from '../../lib/deploy/left-out.ts'
import { createSiteAndReceiver } from '../support/site-and-receiver.ts'

/** Names of the pages that are read from now on, each as often as it is read. */
function countReads(t: TestContext): string[] {
  const read: string[] = []
  const { readFileSync } = fs
  const spy = (...args: Parameters<typeof readFileSync>) => {
    if (/\.html$/.test(String(args[0]))) read.push(String(args[0]))
    return readFileSync(...args)
  }
  t.mock.method(fs, 'readFileSync', spy)
  syncBuiltinESMExports()
  t.after(() => {
    t.mock.restoreAll()
    syncBuiltinESMExports()
  })
  return read
}

describe('sendDeliveries(), of a deploy in which nothing has changed', () => {
  it('asks nobody, reads each post once, and sends what changes then', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const cache = join(site.folder, '.private-posts/cache')
    for (const name of ['a', 'b', 'c']) await site.publish(name, [receiver.url('bob', `/${name}`)])
    await site.write('list/index.html', '<p>Nothing.')
    let survey: Survey | undefined
    const onSurvey = (found: Survey) => void (survey = found)
    assert.equal((await site.send({ cache, onSurvey })).length, 3)

    receiver.forget()
    site.forget()
    const requests: string[] = []
    const { fetch } = site.sendOptions()
    const counting: typeof fetch = (url, init) => {
      requests.push(String(url))
      return fetch(url, init)
    }
    const read = countReads(t)
    const rows = await site.send({ cache, onSurvey, fetch: counting })
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      ['skipped', 'skipped', 'skipped'],
    )
    assert.equal(requests.length, 0)
    assert.equal(survey?.pages, 4)
    const posts = read.filter((file) => !file.includes('list'))
    assert.equal(posts.length, 3)
    assert.deepEqual([receiver.log, site.log], [[], []])

    await site.publish('b', [receiver.url('bob', '/b')], 'Something else')
    await site.send({ cache, onSurvey, fetch: counting })
    assert.deepEqual(
      receiver.taken.map(({ path }) => path),
      ['/webmention'],
    )
    assert.ok(!requests.some((url) => url.endsWith('/a/')))
  })
})
