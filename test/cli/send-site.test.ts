import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { run } from '../../lib/cli/run.ts'
import { sendCommand } from '../../lib/cli/send.ts'
import { knownSecretsFileOf, readKnownSecrets } from '../../lib/ledger/known-secrets.ts'
import { createDeployedSite, fakeLink, fakeToken } from '../support/deployed-site.ts'
import { createReceiver, targetPage } from '../support/receiver.ts'

async function setUp(t: TestContext) {
  const receiver = await createReceiver()
  t.after(() => receiver.close())
  const site = await createDeployedSite(t)
  await site.publish('posts/a', [receiver.url('bob', '/1')])
  return {
    receiver,
    site,
    async send(...args: string[]) {
      let text = ''
      const print = (more: string) => void (text += more)
      const code = await run([sendCommand], ['send', '--wait', '0', ...args], {
        cwd: site.folder,
        environment: {},
        terminal: { out: print, error: print, isInteractive: false },
        now: () => new Date(),
        readSecret: async () => '',
        signal: new AbortController().signal,
      })
      return { code, text }
    },
  }
}

describe('private-posts send, --site', () => {
  it('is the same with and without a slash, a query or a fragment', async (t) => {
    const { site, receiver, send } = await setUp(t)
    const { origin } = site.url
    await send('--site', origin, '--allow-loopback')
    assert.equal(receiver.taken.length, 1)
    receiver.forget()
    for (const url of [`${origin}/`, `${origin}/?a=b`, `${origin}/#a`, origin.toUpperCase()]) {
      const { code, text } = await send('--site', url, '--allow-loopback')
      assert.equal(code, 0, text)
      assert.match(text, /unchanged/, url)
    }
    await site.publish('posts/a', [])
    await send('--site', `${origin}/?a=b#c`, '--allow-loopback')
    assert.deepEqual(
      receiver.log.map(({ method }) => method),
      ['GET', 'POST'],
      'the last send of the removed link',
    )
  })

  it('takes no password, and does not repeat it', async (t) => {
    const { receiver, send } = await setUp(t)
    const { code, text } = await send('--site', 'http://alice:hunter2@alice.example/')
    assert.equal(code, 2)
    assert.match(text, /--site: .*password/)
    assert.doesNotMatch(text, /hunter2/)
    assert.deepEqual(receiver.log, [])
  })
})

describe('private-posts send, no secret in what it prints', () => {
  it('redacts a capability URL that was given for an option', async (t) => {
    const { send, site } = await setUp(t)
    const secret = `https://alice.example/p/${fakeToken(1)}/`
    for (const args of [[secret], ['--wait', secret]]) {
      const { code, text } = await send('--site', site.url.href, ...args)
      assert.equal(code, 2)
      assert.doesNotMatch(text, new RegExp(fakeToken(1)))
    }
  })

  it('shows no password of a target', async (t) => {
    const { send, site, receiver } = await setUp(t)
    const inReplyTo = receiver.url('bob', '/7').replace('//', '//bob:hunter2@')
    const links = [fakeLink(receiver.url('bob'), 1)]
    await site.publishPrivately({ path: 'private/x.md', links, inReplyTo })
    for (const format of [[], ['--json'], ['--dry-run']]) {
      const { text } = await send('--site', site.url.href, '--allow-loopback', ...format)
      assert.match(text, /bob\.localhost:\d+\/7/)
      assert.doesNotMatch(text, /hunter2/)
    }
  })
})

describe('private-posts send, an address that answers 401', () => {
  it('is known to the next build as a secret, and others are not', async (t) => {
    const { send, site, receiver } = await setUp(t)
    const gated = receiver.url('carol', '/dinner/')
    await site.publish('posts/b', [gated])
    receiver.script({ page: ({ path }) => (path === '/dinner/' ? 401 : targetPage()) })
    const isKnown = (url: string) =>
      readKnownSecrets(knownSecretsFileOf(site.ledgerFile), new Date())(new URL(url))

    await send('--site', site.url.href, '--allow-loopback', '--dry-run')
    assert.equal(isKnown(gated), false, 'nothing is written by a dry run')
    await send('--site', site.url.href, '--allow-loopback')
    assert.equal(isKnown(gated), true)
    assert.equal(isKnown(receiver.url('bob', '/1')), false)
  })
})
