import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openBuiltSite } from '../../lib/deploy/built-site.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { outcomes } from '../support/deployed-site.ts'
import { createSiteAndReceiver, HOUR, notified } from '../support/site-and-receiver.ts'

describe('sendDeliveries(), after the clock was wrong', () => {
  it('tries again what was to wait until a time that nobody meant', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    receiver.script({ endpoint: () => 503 })
    await site.publish('posts/a', [bob])
    site.clock.advance(365 * 24 * HOUR)
    await site.send()
    site.clock.advance(-365 * 24 * HOUR)
    receiver.script({})
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'delivered' })
  })

  it('does not do so because two clocks differ by an hour', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    receiver.script({ endpoint: () => 503 })
    await site.publish('posts/a', [bob])
    site.clock.advance(HOUR)
    await site.send()
    site.clock.advance(-HOUR)
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'pending' })
    assert.deepEqual(notified(receiver), [bob, bob], 'and once more within the first run')
  })
})

describe('openBuiltSite(), while a build is at work', () => {
  it('says what to do when a page vanishes between the listing and the look', async (t) => {
    const { site } = await createSiteAndReceiver(t)
    for (const path of ['posts/a', 'posts/b']) await site.publish(path, [])
    const pages = (await openBuiltSite(site.output, site.url)).pages()
    assert.equal((await pages.next()).value?.path, 'posts/a/index.html')
    await site.remove('posts/b')
    await assert.rejects(pages.next(), (error) => {
      assert.ok(error instanceof ConfigurationError)
      assert.match(error.message, /posts\/b\/index\.html.*To do: .*when the build has ended/)
      return true
    })
  })

  it('goes through the pages to the end when nobody interferes', async (t) => {
    const { site } = await createSiteAndReceiver(t)
    for (const path of ['posts/a', 'posts/b']) await site.publish(path, [])
    const paths: string[] = []
    for await (const { path } of (await openBuiltSite(site.output, site.url)).pages()) {
      paths.push(path)
    }
    assert.deepEqual(paths, ['posts/a/index.html', 'posts/b/index.html'])
  })
})
