import assert from 'node:assert/strict'
import { cp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fakeLink, outcomes, START } from '../support/deployed-site.ts'
import { targetPage } from '../support/receiver.ts'
import { createSiteAndReceiver, notified, HOUR, MINUTE } from '../support/site-and-receiver.ts'

describe('sendDeliveries(), links that are no longer there', () => {
  it('tells the target of a removed link once more, until that succeeds, then never', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const [one, two] = [receiver.url('bob', '/1'), receiver.url('bob', '/2')]
    await site.publish('posts/a', [one, two])
    await site.send()
    receiver.forget()
    receiver.script({ endpoint: ({ target }) => (target === two ? 503 : 202) })

    await site.publish('posts/a', [one])
    assert.deepEqual(outcomes(await site.send()), { [one]: 'delivered', [two]: 'pending' })
    assert.deepEqual(notified(receiver), [one, two, two])

    receiver.forget()
    await site.send()
    assert.deepEqual(receiver.log, [], 'not before the next try is due')
    receiver.script({})
    site.clock.advance(2 * MINUTE)
    assert.deepEqual(outcomes(await site.send()), { [one]: 'skipped', [two]: 'delivered' })
    assert.deepEqual(notified(receiver), [two])

    receiver.forget()
    site.clock.advance(24 * HOUR)
    assert.deepEqual(outcomes(await site.send()), { [one]: 'skipped' })
    assert.deepEqual(receiver.log, [])
  })

  it('tells all targets of a removed post, once it is gone from the live site', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const [one, two] = [receiver.url('bob', '/1'), receiver.url('carol', '/2')]
    await site.publish('posts/a', [one, two])
    await site.send()
    await cp(site.output, join(site.folder, 'deployed'), { recursive: true })
    await site.remove('posts/a')
    receiver.forget()

    site.serve(join(site.folder, 'deployed'))
    assert.deepEqual(outcomes(await site.send()), { [one]: 'pending', [two]: 'pending' })
    assert.deepEqual(receiver.log, [])

    site.serve(site.output)
    assert.deepEqual(outcomes(await site.send()), { [one]: 'delivered', [two]: 'delivered' })
    assert.deepEqual(notified(receiver), [one, two])
    assert.deepEqual(await site.send(), [])
    assert.equal(receiver.taken.length, 2)
  })

  it('tells a recipient whose link was revoked, and no other', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const [bob, carol] = [receiver.url('bob'), receiver.url('carol')]
    const links = [fakeLink(bob, 1), fakeLink(carol, 2)]
    await site.publishPrivately({ path: 'private/x.md', links })
    await site.send()
    receiver.forget()

    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    const [first = fakeLink(bob, 1), second = fakeLink(carol, 2)] = links
    await site.publishPrivately({ path: 'private/x.md', links: [{ ...first, revoked }, second] })
    const rows = await site.send()
    assert.deepEqual(outcomes(rows), { [carol]: 'skipped', [bob]: 'delivered' })
    const row = rows.find(({ target }) => target === bob)
    assert.equal(
      row?.reason,
      'told that the link is gone; the receiver removes what it keeps when it has looked there itself (the receiver answered 202)',
    )
    assert.deepEqual(notified(receiver), [bob])
    assert.match(receiver.taken[0]?.source ?? '', /1\/$/)
    assert.deepEqual(outcomes(await site.send()), { [carol]: 'skipped' })
    assert.equal(receiver.log.filter(({ method }) => method === 'POST').length, 1)
  })

  it('does not take a revoked link for gone that was not built since', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob')
    const link = fakeLink(bob, 1)
    await site.publishPrivately({ path: 'private/x.md', links: [link] })
    await site.send()
    receiver.forget()

    const page = `p/${link.token}/index.html`
    const html = await readFile(join(site.output, page), 'utf8')
    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    await site.publishPrivately({ path: 'private/x.md', links: [{ ...link, revoked }] })
    await site.write(page, html)
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'pending' })
    assert.deepEqual(notified(receiver), [])

    await rm(join(site.output, page))
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'delivered' })
    assert.deepEqual(notified(receiver), [bob])
  })

  it('tells a receiver that turned out to publish, and was then told of no change, of the end', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob')
    const link = fakeLink(bob, 1)
    await site.publishPrivately({ path: 'private/x.md', links: [link] })
    await site.send()
    const api = '<https://bob.example/wp-json/>; rel="https://api.w.org/"'
    receiver.script({ page: () => targetPage('/webmention', { link: api }) })
    receiver.forget()
    await site.publishPrivately({ path: 'private/x.md', title: 'Changed', links: [link] })
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'refused' })
    assert.deepEqual(notified(receiver), [])

    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    await site.publishPrivately({ path: 'private/x.md', links: [{ ...link, revoked }] })
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'delivered' })
    assert.deepEqual(notified(receiver), [bob])
  })

  it('tells no other endpoint of the end, if that would publish the link', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob')
    const link = fakeLink(bob, 1)
    await site.publishPrivately({ path: 'private/x.md', links: [link] })
    await site.send()
    receiver.script({ page: () => targetPage('/wp-json/webmention/1.0/endpoint') })
    receiver.forget()
    await site.publishPrivately({ path: 'private/x.md', title: 'Changed', links: [link] })
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'refused' })
    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    await site.publishPrivately({ path: 'private/x.md', links: [{ ...link, revoked }] })
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'refused' })
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'refused' })
    assert.deepEqual(notified(receiver), [])
  })

  it('tells nobody of a removal who was never told of the link', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    receiver.script({ page: () => 200 })
    await site.publish('posts/a', [receiver.url('bob', '/1')])
    await site.send()
    await site.remove('posts/a')
    receiver.script({})
    receiver.forget()
    assert.deepEqual(await site.send(), [])
    assert.deepEqual(receiver.log, [])
    assert.deepEqual((await site.ledger()).deliveries, [])
  })

  it('tells again when a removed link comes back', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const bob = receiver.url('bob', '/1')
    await site.publish('posts/a', [bob])
    await site.send()
    await site.publish('posts/a', [])
    await site.send()
    await site.publish('posts/a', [bob])
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'delivered' })
    assert.equal(receiver.taken.length, 3)
  })
})
