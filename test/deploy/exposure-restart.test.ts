import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { it, type TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createDeployedSite, fakeLink } from '../support/deployed-site.ts'
import { createWordPress } from '../support/publishing.ts'

const PROGRAM = join(import.meta.dirname, '../../lib/cli/main.ts')
const POST = 'private/x.md'

async function setUp(t: TestContext) {
  const publisher = await createWordPress()
  t.after(() => publisher.receiver.close())
  const site = await createDeployedSite(t)
  await site.publishPrivately({ path: POST, links: [fakeLink(publisher.home, 1)] })
  return {
    ...{ site, publisher },
    /** A process of its own, as after a restart. */
    start() {
      const args = ['--site', site.url.href, '--wait', '0', '--allow-loopback', '--json']
      const child = spawn(
        process.execPath,
        ['--import', import.meta.resolve('tsx'), PROGRAM, 'send', ...args],
        { cwd: site.folder, stdio: ['ignore', 'pipe', 'inherit'] },
      )
      let out = ''
      child.stdout.setEncoding('utf8').on('data', (text: string) => void (out += text))
      return { child, ended: once(child, 'close').then(([code]) => ({ code, out })) }
    },
  }
}

it(
  'private-posts send, killed while it looks, looks again when it is started again',
  {
    timeout: 120_000,
  },
  async (t) => {
    const { site, publisher, start } = await setUp(t)
    const pages: string[] = []
    publisher.receiver.script({
      page: ({ path }) => {
        pages.push(path)
        if (path !== '/') return 'stall'
        const body =
          '<link rel="webmention" href="/mention"><link rel="alternate" type="application/rss+xml" href="/feed/">'
        return { status: 200, headers: { 'content-type': 'text/html' }, body }
      },
    })
    const { child, ended } = start()
    while (!pages.includes('/feed/') && child.exitCode === null) await delay(5)
    child.kill('SIGKILL')
    await ended
    const killed = await site.ledger()
    assert.equal(killed.deliveries[0]?.outcome, 'delivered', JSON.stringify(killed.deliveries))
    assert.equal(killed.watches, undefined)

    const [source] = publisher.receiver.taken.map((request) => request.source)
    publisher.receiver.script({
      page: ({ path }) => ({
        status: 200,
        headers: { 'content-type': 'text/html' },
        body:
          path === '/'
            ? '<link rel="webmention" href="/mention"><link rel="alternate" type="application/rss+xml" href="/feed/">'
            : `<rss><link>${source}</link></rss>`,
      }),
    })
    const { code, out } = await start().ended
    assert.equal(code, 1)
    const { exposures, deliveries } = JSON.parse(out)
    assert.deepEqual(
      [exposures[0].post, exposures[0].recipient, exposures[0].place],
      [POST, publisher.home, publisher.receiver.url('bob', '/feed/')],
    )
    assert.equal(deliveries[0].outcome, 'skipped', 'nobody is told twice')
    const { watches = [] } = await site.ledger()
    assert.equal(watches[0]?.found?.place, publisher.receiver.url('bob', '/feed/'))
  },
)
