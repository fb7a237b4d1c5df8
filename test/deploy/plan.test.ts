import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { openBuiltSite } from '../../lib/deploy/built-site.ts'
import { planDeliveries, type Plan } from '../../lib/deploy/plan.ts'
import type { PostRecord } from '../../lib/ledger/ledger.ts'
import {
  createDeployedSite,
  fakeLink,
  fakeToken,
  postPage,
  START,
  type DeployedSite,
} from '../support/deployed-site.ts'

async function plan(site: DeployedSite, url = 'https://alice.example/'): Promise<Plan> {
  const ledger = await site.ledger()
  assert.ok(ledger.site)
  return planDeliveries(ledger, ledger.site, await openBuiltSite(site.output, new URL(url)))
}

/** The plan of one private post, as `source → target` with the digit of the token. */
async function planPrivately(
  t: TestContext,
  record: Partial<PostRecord> & Pick<PostRecord, 'links'>,
): Promise<string[]> {
  const site = await createDeployedSite(t)
  await site.publishPrivately({ path: 'private/dinner.md', ...record })
  const { deliveries } = await plan(site)
  return deliveries.map(({ source, target }) => `${source.pathname.at(-2)} → ${target.href}`)
}

describe('planDeliveries(), private posts', () => {
  it('tells each profile of its own copy', async (t) => {
    const links = [fakeLink('https://bob.example/', 1), fakeLink('https://carol.example/~c', 2)]
    assert.deepEqual(await planPrivately(t, { links }), [
      '1 → https://bob.example/',
      '2 → https://carol.example/~c',
    ])
  })

  it('says of each delivery what it is', async (t) => {
    const site = await createDeployedSite(t)
    await site.publishPrivately({
      path: 'private/dinner.md',
      links: [fakeLink('https://bob.example/', 1)],
    })
    const { deliveries } = await plan(site, 'https://user.example/blog/')
    const [only] = deliveries
    assert.equal(only?.post, 'private/dinner.md')
    assert.equal(only?.recipient, 'https://bob.example/')
    assert.equal(only?.exposure, 'capability')
    assert.equal(only?.source.href, `https://user.example/blog/p/${fakeToken(1)}/`)
  })

  it('leaves people without a website to the author', async (t) => {
    const site = await createDeployedSite(t)
    const links = [fakeLink('mailto:mum@example.com', 1), fakeLink('Aunt May', 2)]
    await site.publishPrivately({ path: 'private/dinner.md', links })
    const { deliveries, handovers } = await plan(site)
    assert.equal(deliveries.length, 0)
    assert.deepEqual(
      handovers.map(({ recipient }) => recipient),
      ['mailto:mum@example.com', 'Aunt May'],
    )
  })

  it('tells an address, and hands nothing over', async (t) => {
    const site = await createDeployedSite(t)
    await site.publishPrivately({
      path: 'private/dinner.md',
      links: [fakeLink('bob@chat.example', 1), fakeLink('Zoë@chat.example', 2)],
    })
    const { deliveries, handovers } = await plan(site)
    assert.deepEqual(handovers, [])
    assert.deepEqual(
      deliveries.map(({ recipient, target, exposure }) => [recipient, target.href, exposure]),
      [
        ['bob@chat.example', 'acct:bob@chat.example', 'capability'],
        ['Zoë@chat.example', 'acct:Zo%C3%AB@chat.example', 'capability'],
      ],
    )
  })

  it('tells whoever the options know more of at their website, or else at their address', async (t) => {
    const site = await createDeployedSite(t)
    await site.configure({
      recipients: {
        'bob@chat.example': { profile: 'https://bob.example/' },
        Mum: { address: 'mum@chat.example' },
        'mailto:dad@example.com': { profile: 'https://dad.example/', address: 'dad@chat.example' },
      },
    })
    const names = ['bob@chat.example', 'Mum', 'mailto:dad@example.com', 'Aunt May']
    await site.publishPrivately({
      path: 'private/dinner.md',
      links: names.map((name, digit) => fakeLink(name, digit)),
    })
    const { deliveries, handovers } = await plan(site)
    assert.deepEqual(
      deliveries.map(({ target }) => target.href),
      ['https://bob.example/', 'acct:mum@chat.example', 'https://dad.example/'],
    )
    assert.deepEqual(
      handovers.map(({ recipient }) => recipient),
      ['Aunt May'],
    )
  })

  it('tells the author nothing at their own address', async (t) => {
    const links = [fakeLink('Alice@alice.example', 1), fakeLink('bob@alice.example', 2)]
    assert.deepEqual(await planPrivately(t, { links }), ['2 → acct:bob@alice.example'])
  })

  it('tells the author of a message at their address, although only the answer names them', async (t) => {
    for (const inReplyTo of ['fmtp:1.bob@mail.example', 'intertalk:bob@mail.example/7']) {
      const implied = 'bob@mail.example'
      const links = [fakeLink(implied, 1), fakeLink('https://carol.example/', 2)]
      assert.deepEqual(await planPrivately(t, { links, implied, inReplyTo }), [
        '1 → acct:bob@mail.example',
        '2 → https://carol.example/',
      ])
    }
  })

  it('tells the parent of the copy of somebody known to live there', async (t) => {
    const site = await createDeployedSite(t)
    await site.configure({
      recipients: { 'bob@chat.example': { profile: 'https://bob.example/' } },
    })
    await site.publishPrivately({
      path: 'private/dinner.md',
      inReplyTo: 'https://bob.example/7',
      links: [fakeLink('bob@chat.example', 1)],
    })
    const { deliveries } = await plan(site)
    assert.deepEqual(
      deliveries.map(({ target }) => target.href),
      ['https://bob.example/', 'https://bob.example/7'],
    )
  })

  it('tells nobody of a link that is revoked or has no page', async (t) => {
    const site = await createDeployedSite(t)
    const revoked = { at: START.toISOString(), reason: 'revoked' } as const
    await site.publishPrivately({
      path: 'private/dinner.md',
      links: [
        fakeLink('https://bob.example/', 1, { revoked }),
        fakeLink('https://carol.example/', 2),
        fakeLink('https://dave.example/', 3),
      ],
    })
    await site.write(`p/${fakeToken(1)}/index.html`, postPage([], 'a tombstone'))
    await site.remove(`p/${fakeToken(2)}`)
    const { deliveries } = await plan(site)
    assert.deepEqual(
      deliveries.map(({ target }) => target.href),
      ['https://dave.example/'],
    )
  })

  it('tells the parent of the copy of whoever lives there', async (t) => {
    const inReplyTo = 'https://bob.example/notes/7'
    const links = [fakeLink('https://carol.example/', 1), fakeLink('https://bob.example/', 2)]
    assert.deepEqual(await planPrivately(t, { links, inReplyTo }), [
      '1 → https://carol.example/',
      '2 → https://bob.example/',
      '2 → https://bob.example/notes/7',
    ])
  })

  it('tells an implied recipient through the parent only', async (t) => {
    const implied = 'https://bob.example/'
    const inReplyTo = 'https://bob.example/notes/7'
    const links = [fakeLink('https://bob.example/', 1)]
    assert.deepEqual(await planPrivately(t, { links, implied, inReplyTo }), [
      '1 → https://bob.example/notes/7',
    ])
  })

  it('tells of several on the parent’s host the one on whose path it lies', async (t) => {
    const inReplyTo = 'https://tilde.example/~bob/7'
    const links = [
      fakeLink('https://tilde.example/~alice', 1),
      fakeLink('https://tilde.example/~bob', 2),
    ]
    const planned = await planPrivately(t, { links, inReplyTo })
    assert.ok(planned.includes('2 → https://tilde.example/~bob/7'))
    assert.ok(!planned.includes('1 → https://tilde.example/~bob/7'))
  })

  it('tells a parent nothing of a neighbour whose path begins alike', async (t) => {
    const links = [fakeLink('https://tilde.example/bo', 1), fakeLink('https://tilde.example/al', 2)]
    for (const [path, isHis] of Object.entries({ '/bo/7': true, '/bo': true, '/bob/7': false })) {
      const inReplyTo = `https://tilde.example${path}`
      const planned = await planPrivately(t, { links, inReplyTo })
      const expected = isHis ? [`1 → ${inReplyTo}`] : []
      assert.deepEqual(
        planned.filter((line) => line.endsWith(`→ ${inReplyTo}`)).slice(0, 1),
        path === '/bo' ? ['1 → https://tilde.example/bo'] : expected,
      )
    }
  })

  it('tells a parent nothing of somebody else’s copy on a host that people share', async (t) => {
    const inReplyTo = 'https://tilde.example/~carol/7'
    for (const names of [['~alice'], ['@alice'], ['alice', 'bob']]) {
      const links = names.map((name, i) => fakeLink(`https://tilde.example/${name}`, i))
      const planned = await planPrivately(t, { links, inReplyTo })
      assert.equal(planned.length, names.length, names.join())
    }
  })

  it('tells the parent on the host of the one recipient who lives there', async (t) => {
    const links = [fakeLink('https://bob.example/about', 1), fakeLink('https://carol.example/', 2)]
    const planned = await planPrivately(t, { links, inReplyTo: 'https://bob.example/notes/7' })
    assert.ok(planned.includes('1 → https://bob.example/notes/7'))
  })

  it('tells the author nothing, neither by name nor through their own posts', async (t) => {
    const links = [fakeLink('https://alice.example/', 1), fakeLink('https://bob.example/', 2)]
    const inReplyTo = 'https://alice.example/notes/7'
    assert.deepEqual(await planPrivately(t, { links, inReplyTo }), ['2 → https://bob.example/'])
  })

  it('tells a parent of nobody’s nothing', async (t) => {
    const links = [fakeLink('mailto:bob@bob.example', 1)]
    assert.deepEqual(await planPrivately(t, { links, inReplyTo: 'https://bob.example/7' }), [])
  })

  it('tells the parent of an unlisted post', async (t) => {
    const record = { visibility: 'unlisted', links: [fakeLink(null, 1)] } as const
    const inReplyTo = 'https://bob.example/7'
    assert.deepEqual(await planPrivately(t, { ...record, links: [fakeLink(null, 1)], inReplyTo }), [
      '1 → https://bob.example/7',
    ])
    assert.deepEqual(await planPrivately(t, { ...record, links: [fakeLink(null, 1)] }), [])
  })

  it('tells nobody of a gated post of which the build made no copies', async (t) => {
    const links = [fakeLink('https://bob.example/', 1)]
    assert.deepEqual(await planPrivately(t, { links, access: 'gate' }), [])
    assert.equal((await planPrivately(t, { links, access: 'link' })).length, 1)
  })
})

describe('planDeliveries(), public posts', () => {
  it('does not tell a post of itself, however its template spells the site', async (t) => {
    const site = await createDeployedSite(t)
    const own = ['http://alice.example/a/', 'https://www.alice.example/a', './index.html']
    for (const href of own) {
      const inside = `<a class="u-url" href="${href}">here</a> <a href="https://bob.example/">Bob</a>`
      await site.write('a/index.html', `<main class="h-entry">${inside}</main>`)
      const { deliveries } = await plan(site)
      assert.deepEqual(
        deliveries.map(({ target }) => target.href),
        ['https://bob.example/'],
      )
    }
  })

  it('tells whom the post links to, save its own site and its author', async (t) => {
    const site = await createDeployedSite(t)
    await site.publish('posts/hello', [
      'https://bob.example/1#part',
      'https://alice.example/about/',
      'https://alice.example/',
      'https://bob.example/1#part',
      'http://alice.example/',
      'mailto:bob@example.com',
      '//carol.example/',
    ])
    const { deliveries } = await plan(site)
    assert.deepEqual(
      deliveries.map(({ post, recipient, source, target, exposure }) => [
        post,
        recipient,
        source.href,
        target.href,
        exposure,
      ]),
      ['https://bob.example/1#part', 'http://alice.example/', 'https://carol.example/'].map(
        (target) => ['posts/hello/', null, 'https://alice.example/posts/hello/', target, 'public'],
      ),
    )
    const elsewhere = await plan(site, 'https://staging.example/')
    const targets = elsewhere.deliveries.map(({ target }) => target.href)
    assert.ok(targets.includes('https://alice.example/about/'))
    assert.ok(!targets.includes('https://alice.example/'))
  })

  it('passes over listings, pages without a post, and everything below the prefix', async (t) => {
    const site = await createDeployedSite(t)
    const link = ['https://bob.example/']
    const entry = postPage(link)
    await site.write('index.html', `${entry}${entry}`)
    await site.write('about/index.html', '<a href="https://bob.example/">Bob</a>')
    await site.write('p/stale/index.html', entry)
    await site.write('posts/copy.html', `${entry}<!-- h-entry -->`)
    const { deliveries } = await plan(site)
    assert.deepEqual(
      deliveries.map(({ post, source }) => [post, source.href]),
      [['posts/copy.html', 'https://alice.example/posts/copy.html']],
    )
  })

  it('knows pages whose names need escaping', async (t) => {
    const site = await createDeployedSite(t)
    await site.publish('posts/wie geht’s? 100%', ['https://bob.example/'])
    const { deliveries } = await plan(site)
    const [only] = deliveries
    assert.ok(only)
    assert.equal(decodeURIComponent(only.source.pathname), '/posts/wie geht’s? 100%/')
    assert.equal(only.source.search, '')
    const built = await openBuiltSite(site.output, new URL('https://alice.example/'))
    assert.equal(await built.contentAt(only.source), only.content)
  })
})
