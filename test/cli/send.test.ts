import assert from 'node:assert/strict'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { run } from '../../lib/cli/run.ts'
import { sendCommand } from '../../lib/cli/send.ts'
import { formatLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger } from '../../lib/ledger/ledger.ts'
import {
  createDeployedSite,
  fakeLink,
  fakeToken,
  postPage,
  type DeployedSite,
} from '../support/deployed-site.ts'
import { createReceiver, targetPage } from '../support/receiver.ts'
import { secretText } from '../support/secrets.ts'

/** Runs `private-posts send` in the site's folder. */
async function send(
  site: DeployedSite,
  args: readonly string[],
  {
    isInteractive = false,
    environment = {},
  }: { isInteractive?: boolean; environment?: Record<string, string> } = {},
) {
  let out = ''
  let error = ''
  const code = await run([sendCommand], ['send', '--wait', '0', ...args], {
    cwd: site.folder,
    environment,
    terminal: {
      out: (text) => void (out += text),
      error: (text) => void (error += text),
      isInteractive,
    },
    now: () => new Date(),
    readSecret: async () => '',
    signal: new AbortController().signal,
  })
  assert.doesNotMatch(out + error, /[0-9a-hjkmnp-tv-z]{26}/i, 'no token in any output')
  return { code, out, error }
}

async function setUp(t: TestContext) {
  const receiver = await createReceiver()
  t.after(() => receiver.close())
  const site = await createDeployedSite(t)
  const local = ['--site', site.url.href, '--allow-loopback']
  await site.publish('posts/a', [receiver.url('bob', '/1')])
  return { receiver, site, local }
}

describe('private-posts send', () => {
  it('prints one JSON object on standard output, and nothing else there', async (t) => {
    const { site, receiver, local } = await setUp(t)
    const links = [fakeLink(receiver.url('carol'), 1), fakeLink('mailto:mum@example.com', 2)]
    await site.publishPrivately({ path: 'private/x.md', links })
    const { code, out } = await send(site, [...local, '--json'])
    assert.equal(code, 0)
    const report = JSON.parse(out)
    assert.deepEqual(Object.keys(report), ['deliveries'])
    assert.deepEqual(
      report.deliveries.map(({ outcome }: { outcome: string }) => outcome),
      ['delivered', 'delivered', 'skipped'],
    )
    assert.deepEqual(Object.keys(report.deliveries[0]), [
      'post',
      'recipient',
      'source',
      'target',
      'endpoint',
      'protocol',
      'tried',
      'outcome',
      'reason',
      'attempts',
      'nextTry',
      'private',
    ])
    assert.equal(report.deliveries[0].source, `${site.url.href}p/xxxx…/`)
  })

  it('prints a line for each delivery, by post, and a summary', async (t) => {
    const { site, receiver, local } = await setUp(t)
    await site.publishPrivately({
      path: 'private/x.md',
      links: [fakeLink('Aunt May', 2)],
    })
    const { out, error } = await send(site, local)
    assert.deepEqual(out.split('\n'), [
      'posts/a/',
      `  delivered  ${receiver.url('bob', '/1')}  by webmention: the receiver answered 202`,
      '',
      'private/x.md',
      '  skipped    Aunt May  hand the link over: private-posts links private/x.md',
      '',
      '1 delivered, 1 skipped.',
      '',
    ])
    assert.equal(error, `1/1 delivered ${receiver.url('bob', '/1')}\n`)
  })

  it('shows a bar to those who watch, and leaves their terminal as it was', async (t) => {
    const { site, local } = await setUp(t)
    const { error } = await send(site, local, { isInteractive: true })
    assert.match(error, /█+ 1\/1/)
    assert.ok(error.lastIndexOf('\u001b[?25h') > error.lastIndexOf('\u001b[?25l'), 'cursor is back')
    assert.equal((await send(site, local, { isInteractive: true })).error, '')
  })

  it('prints no capability URL, be it the source, the target, or what a receiver says', async (t) => {
    const { site, receiver, local } = await setUp(t)
    const parent = receiver.url('bob', `/p/${fakeToken(7)}/`)
    await site.publishPrivately({
      path: 'x.md',
      inReplyTo: parent,
      links: [fakeLink(receiver.url('bob'), 1)],
    })
    receiver.script({
      page: () => targetPage(`/webmention/${fakeToken(8)}`),
      endpoint: ({ source, target }) => ({
        status: 400,
        body: `\u001b[31mno link from ${source} to ${target}`,
      }),
    })
    for (const args of [['--json'], [], ['--dry-run'], ['--force', '--json']]) {
      for (const isInteractive of [false, true]) {
        await send(site, [...local, ...args], { isInteractive })
      }
    }
    const { out } = await send(site, [...local, '--force'])
    assert.match(out, /no link from/)
    assert.ok(!out.includes('\u001b'))
  })

  it('says what it is waiting for, and not where that is', async (t) => {
    const { site, receiver, local } = await setUp(t)
    await site.remove('posts/a')
    await site.publishPrivately({ path: 'x.md', links: [fakeLink(receiver.url('bob'), 1)] })
    site.answer(() => new Response('Not Found', { status: 404 }))
    for (const isInteractive of [false, true]) {
      const { code, out, error } = await send(site, [...local, '--wait', '2'], { isInteractive })
      assert.equal(code, 3)
      assert.match(out, /pending .*not live yet/)
      assert.ok(error.includes(`waiting until ${site.url.href}p/xxxx…/ is live`))
    }
  })

  it('ends with 3 while something has not arrived, and with 0 when all has', async (t) => {
    const { site, receiver, local } = await setUp(t)
    receiver.script({ endpoint: () => 503 })
    assert.equal((await send(site, local)).code, 3)
    receiver.script({ endpoint: () => 400 })
    assert.equal((await send(site, [...local, '--force'])).code, 3)
    receiver.script({})
    assert.equal((await send(site, [...local, '--force'])).code, 0)
  })

  it('ends with 1 when something was refused, because it would be published', async (t) => {
    const { site, receiver, local } = await setUp(t)
    receiver.script({ page: () => targetPage('https://webmention.io/bob/webmention') })
    await site.remove('posts/a')
    await site.publishPrivately({ path: 'x.md', links: [fakeLink(receiver.url('bob'), 1)] })
    const { code, out } = await send(site, local)
    assert.equal(code, 1)
    assert.match(out, /refused .*webmention\.io would publish/)
    assert.equal((await send(site, local)).code, 1)
  })

  it('visits this machine only when told to', async (t) => {
    const { site, receiver, local } = await setUp(t)
    const { code, out } = await send(site, ['--site', site.url.href])
    assert.equal(code, 1)
    assert.match(out, /refused .*is on this machine/)
    assert.deepEqual([site.log, receiver.log], [[], []])
    assert.equal((await send(site, local)).code, 0)
  })

  it('sends nothing and writes nothing in a dry run', async (t) => {
    const { site, receiver, local } = await setUp(t)
    const before = await site.ledger()
    const { code, out } = await send(site, [...local, '--dry-run'])
    assert.equal(code, 0)
    assert.match(out, /pending .*dry run: would be sent \(new\)/)
    assert.deepEqual([site.log, receiver.log], [[], []])
    assert.deepEqual(await site.ledger(), before)
  })

  it('says how it is used when it is used wrongly', async (t) => {
    const { site, local } = await setUp(t)
    const wrong = [
      { args: [], message: /--site is missing/ },
      { args: ['--site', 'alice'], message: /is not a URL/ },
      { args: [...local, '--wait', 'long'], message: /--wait: "long" is not a number/ },
      { args: [...local, '--exposure', 'allow'], message: /--exposure/ },
      { args: [...local, 'x.md'], message: /one word too many/ },
    ]
    for (const { args, message } of wrong) {
      const { code, error } = await send(site, args)
      assert.equal(code, 2)
      assert.match(error, message)
      assert.match(error, /Usage: private-posts send/)
    }
  })

  it('says what is missing when nothing was built', async (t) => {
    const { site, local } = await setUp(t)
    assert.match((await send(site, [...local, '--output', 'dist'])).error, /build the site first/)
    await writeFile(site.ledgerFile, formatLedger(emptyLedger()))
    const unbuilt = await send(site, local)
    assert.equal(unbuilt.code, 1)
    assert.match(unbuilt.error, /no settings of a site yet\. To do: build the site with the plugin/)
    await rm(site.ledgerFile)
    assert.equal((await send(site, local)).code, 1)
  })
})

describe('private-posts send, of a gated post', () => {
  const SECRET = secretText()
  const GATE = 'gategategat1'

  async function setUpGate(t: TestContext) {
    const { site, receiver, local } = await setUp(t)
    const bob = receiver.url('bob')
    const links = [fakeLink(bob, 1, { invitation: true })]
    await site.publishPrivately({ path: 'private/trip.md', access: 'gate', gate: GATE, links })
    const name = `gate/${GATE}/bob/index.html`
    const readers = [{ id: bob, name: 'Bob', files: { '': name } }]
    const folder = join(site.folder, '.private-posts/deploy')
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), postPage([bob]))
    await writeFile(
      join(folder, 'gate.json'),
      JSON.stringify({ version: 1, posts: { [GATE]: { readers } } }),
    )
    await site.write(`private/${GATE}/index.html`, 'stands in for the gate')
    return { site, receiver, local, bob }
  }

  it('needs the secret of the site, and refuses that post alone without it', async (t) => {
    const { site, receiver, local, bob } = await setUpGate(t)
    const first = await send(site, [...local, '--json'])
    assert.equal(first.code, 1)
    const rows = JSON.parse(first.out).deliveries as {
      target: string
      outcome: string
      reason: string
    }[]
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      ['refused', 'delivered'],
    )
    assert.match(rows[0]?.reason ?? '', /PRIVATE_POSTS_SECRET is missing. To do: set it/)
    assert.ok(receiver.taken.every(({ target }) => target !== bob))

    const weak = await send(site, [...local, '--force'], {
      environment: { PRIVATE_POSTS_SECRET: 'c2hvcnQ' },
    })
    assert.equal(weak.code, 1)
    assert.match(weak.out, /PRIVATE_POSTS_SECRET is too short/)

    const environment = { PRIVATE_POSTS_SECRET: SECRET }
    const second = await send(site, local, { environment })
    assert.equal(second.code, 0, second.out)
    const [told] = receiver.taken.filter(({ target }) => target === bob)
    assert.match(told?.code ?? '', /^ey/)
    assert.ok(!second.out.includes(told?.code ?? '-') && !second.error.includes(told?.code ?? '-'))
  })
})

describe('private-posts send, of an empty folder', () => {
  it('says that there is nothing', async (t) => {
    const { site, local } = await setUp(t)
    assert.doesNotMatch((await send(site, local)).error, /no page/)
    await site.remove('posts')
    assert.match((await send(site, local)).error, /There is no page in .*_site/)
  })
})

describe('private-posts send, how much at once', () => {
  it('asks a host, and all of them, for as much at once as it is told', async (t) => {
    const receiver = await createReceiver({
      page: () => ({ ...(targetPage() as object), status: 200, after: 20 }),
    })
    t.after(() => receiver.close())
    const site = await createDeployedSite(t)
    await site.publish(
      'posts/a',
      Array.from({ length: 8 }, (_, i) => receiver.url('bob', `/${i}`)),
    )
    const args = ['--site', site.url.href, '--allow-loopback', '--per-host', '2']
    assert.equal((await send(site, args)).code, 0)
    assert.deepEqual([receiver.taken.length, receiver.busiest('bob')], [8, 2])
  })

  for (const option of ['--per-host', '--parallel']) {
    for (const value of ['0', '-1', 'many', '1000']) {
      it(`refuses ${option} ${value}`, async (t) => {
        const site = await createDeployedSite(t)
        const { code, error } = await send(site, ['--site', site.url.href, `${option}=${value}`])
        assert.equal(code, 2)
        assert.match(error, new RegExp(`${option}: "${value}" is not a number from 1 to 999`))
      })
    }
  }
})

describe('private-posts send, what is left out', () => {
  const LINK = '<a href="https://friend.example/1">friend</a>'

  it('names pages whose links nobody is told of, by reason, the first five of each', async (t) => {
    const site = await createDeployedSite(t)
    const local = ['--site', site.url.href, '--allow-loopback', '--dry-run']
    for (let n = 1; n <= 7; n++) {
      await site.write(`posts/${n}/index.html`, `<main><p>${LINK}</p></main><footer>x</footer>`)
    }
    const entry = (name: string) =>
      `<article class="h-entry"><h2 class="p-name">${name}</h2>${LINK}</article>`
    await site.write('index.html', `${entry('One')}${entry('Two')}`)
    await site.write('p/1/index.html', `<main>${LINK}</main>`)
    await site.write(
      'moved/index.html',
      `<meta http-equiv="refresh" content="0; url=https://friend.example/1"><main>${LINK}</main>`,
    )
    const { code, out } = await send(site, local)
    assert.equal(code, 0)
    assert.deepEqual(out.split('\n'), [
      'Left out: no webmentions are sent for the links on these pages.',
      '  no h-entry: write class="h-entry" on the element around the post (7 pages): posts/1/, posts/2/, posts/3/, posts/4/, posts/5/, and 2 more',
      '  several entries, and none has a u-url with the address of this page (1 page): / (“One”, “Two”)',
      'Nothing to deliver: 8 pages with links to other sites are left out.',
      '',
    ])
    const { leftOut, nothing } = JSON.parse((await send(site, [...local, '--json'])).out)
    assert.equal(leftOut.length, 8)
    assert.deepEqual(leftOut[0], {
      post: '/',
      why: 'several-entries',
      names: ['One', 'Two'],
      links: 1,
    })
    assert.match(nothing, /^8 pages/)
  })

  it('says why there is nothing to deliver', async (t) => {
    const { site, local } = await setUp(t)
    const last = async () => (await send(site, local)).out.trimEnd().split('\n').at(-1)
    await send(site, local)
    assert.equal(
      await last(),
      '1 skipped. Nothing to deliver: nothing has changed since the last delivery.',
    )
    const fresh = await createDeployedSite(t)
    const there = ['--site', fresh.url.href, '--allow-loopback']
    assert.match((await send(fresh, there)).out, /^Nothing to deliver: the output has no page\.$/m)
    await fresh.write('index.html', '<main class="h-entry">Hello.</main>')
    assert.equal(
      (await send(fresh, there)).out,
      'Nothing to deliver: no post links to another site.\n',
    )
    const absent = { since: '2026-03-01T12:00:00.000Z', why: 'draft' } as const
    await fresh.publishPrivately({ path: 'private/x.md', links: [], absent })
    assert.match(
      (await send(fresh, there)).out,
      /no post links to another site; 1 private post has no page, such as drafts\./,
    )
  })
})
