import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { routesCommand } from '../../lib/cli/routes.ts'
import { statusCommand } from '../../lib/cli/status.ts'
import { fakeLink } from '../support/deployed-site.ts'
import { createSiteAndReceiver } from '../support/site-and-receiver.ts'
import { execute } from './command-line.ts'

const MEMORY = 'no webmention endpoint, looked at again after 2026-03-02'

/** A private post for Bob and a public one for a friend, sent when neither had an endpoint. */
async function setUp(t: TestContext) {
  const { site, receiver } = await createSiteAndReceiver(t)
  const [bob, friend] = [receiver.url('bob'), receiver.url('friend', '/1')]
  await site.publishPrivately({ path: 'private/x.md', links: [fakeLink(bob, 1)] })
  await site.publish('posts/a', [friend])
  receiver.script({ page: () => 200 })
  await site.send()
  receiver.forget()
  const local = ['--site', site.url.href, '--allow-loopback']
  const settings = { cwd: site.folder, now: site.clock.now() }
  return {
    ...{ site, receiver, bob, friend },
    status: (...args: readonly string[]) => execute(statusCommand, args, settings),
    routes: (...args: readonly string[]) => execute(routesCommand, [...args, ...local], settings),
  }
}

describe('what send remembers of a target without an endpoint', () => {
  it('saves its requests for a day, and an endpoint that appears is found after that', async (t) => {
    const { site, receiver } = await setUp(t)
    receiver.script({})
    const [one, other] = await site.send()
    assert.deepEqual([one?.reason, other?.reason], [MEMORY, MEMORY])
    assert.deepEqual(receiver.log, [])
    site.clock.advance(24 * 60 * 60 * 1000)
    await site.send()
    assert.equal(receiver.taken.length, 2)
  })

  it('is shown by status', async (t) => {
    const { status, bob, friend } = await setUp(t)
    const { out } = await status()
    assert.ok(out.includes(`skipped 2026-03-01: ${MEMORY}\n`), out)
    assert.ok(
      out.endsWith(`\nPublic posts link to pages that take no mentions:\n  ${friend}  ${MEMORY}\n`),
      out,
    )
    const { posts, silent } = JSON.parse((await status('--json')).out)
    const known = { reason: 'no webmention endpoint', nextTry: '2026-03-02T12:00:00.000Z' }
    assert.deepEqual(posts[0].recipients[0].notSpoken, known)
    assert.deepEqual(silent, [{ target: friend, ...known }])
    assert.equal(posts[0].recipients[0].recipient, bob)
  })

  it('is shown by routes, of a recipient and of a page', async (t) => {
    const { routes, bob, friend } = await setUp(t)
    for (const whom of [bob, friend]) {
      assert.match(
        (await routes(whom)).out,
        new RegExp(`^ {2}when send asked last: ${MEMORY}$`, 'm'),
      )
    }
    const list = `\nPublic posts link to pages that take no mentions:\n  ${friend}  ${MEMORY}\n`
    assert.ok((await routes()).out.endsWith(list))
    assert.ok(!(await routes(bob)).out.endsWith(list))
    assert.equal(JSON.parse((await routes('--json')).out).silent[0].target, friend)
    const [route] = JSON.parse((await routes(bob, '--json')).out).routes
    assert.equal(route.notSpoken.nextTry, '2026-03-02T12:00:00.000Z')
  })

  it('is not said of the parent of an unlisted post as of a public one', async (t) => {
    const { site, receiver, status, friend } = await setUp(t)
    const secret = receiver.url('carol', '/7')
    const unlisted = { path: 'private/y.md', visibility: 'unlisted', inReplyTo: secret } as const
    await site.publishPrivately({ ...unlisted, links: [fakeLink(null, 2)] })
    await site.send()
    assert.equal((await site.delivery(secret))?.outcome, 'skipped')
    const { silent } = JSON.parse((await status('--json')).out)
    assert.deepEqual(
      silent.map(({ target }: { target: string }) => target),
      [friend],
    )
  })

  it('is nothing where everybody was told', async (t) => {
    const { site, receiver, status, routes, bob } = await setUp(t)
    receiver.script({})
    await site.send({ force: true })
    assert.doesNotMatch((await status()).out, /looked at again|take no mentions/)
    assert.doesNotMatch((await routes(bob)).out, /when send asked last/)
  })
})
