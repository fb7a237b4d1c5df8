import assert from 'node:assert/strict'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { withDeletions } from '../../lib/deploy/departures.ts'
import { leave, restore } from '../../lib/ledger/absence.ts'
import type { Absence, PostRecord } from '../../lib/ledger/ledger.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { fakeLink, outcomes, START, type DeployedSite } from '../support/deployed-site.ts'
import { createSiteAndReceiver, notified } from '../support/site-and-receiver.ts'

const POST = 'private/x.md'

/** A site that has told Bob of his link, of which Mum has another. */
async function told(t: TestContext) {
  const { site, receiver } = await createSiteAndReceiver(t)
  const bob = receiver.url('bob')
  const links = [fakeLink(bob, 1), fakeLink('Mum', 2)]
  await site.publishPrivately({ path: POST, links })
  await site.send()
  receiver.forget()
  site.forget()
  const page = (number: number) => `p/${links[number]?.token}`
  const remove = async (why: Absence['why']) => {
    await change(site, (record) => leave(record, why, START))
    for (const number of [0, 1]) await site.remove(page(number))
  }
  return { site, receiver, bob, links, remove }
}

function change(site: DeployedSite, of: (record: PostRecord) => PostRecord): Promise<void> {
  return openLedgerFile(site.ledgerFile).update(async (ledger) => {
    const record = ledger.posts[POST] ?? assert.fail()
    return {
      ledger: { ...ledger, posts: { ...ledger.posts, [POST]: of(record) } },
      result: undefined,
    }
  })
}

async function fatesOf(site: DeployedSite): Promise<(string | undefined)[]> {
  const { posts } = await site.ledger()
  return posts[POST]?.links.map(({ revoked }) => revoked?.reason) ?? []
}

describe('sendDeliveries(), posts that vanished from the build', () => {
  it('counts them as deleted once the site is without them, and then tells those who knew', async (t) => {
    const { site, receiver, bob, remove } = await told(t)
    await cp(site.output, join(site.folder, 'deployed'), { recursive: true })
    await remove('gone')

    site.serve(join(site.folder, 'deployed'))
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'pending' })
    assert.deepEqual(notified(receiver), [])
    assert.deepEqual(await fatesOf(site), [undefined, undefined])

    site.serve(site.output)
    assert.deepEqual(outcomes(await site.send()), { [bob]: 'delivered' })
    assert.deepEqual(notified(receiver), [bob])
    assert.deepEqual(await fatesOf(site), ['deleted', 'deleted'])
    site.forget()
    assert.deepEqual([await site.send(), site.log], [[], []])
  })

  it('does so though nobody was ever told of them', async (t) => {
    const { site } = await createSiteAndReceiver(t)
    const link = fakeLink('Mum', 1)
    await site.publishPrivately({ path: POST, links: [link] })
    await change(site, (record) => leave(record, 'gone', START))
    await site.send()
    assert.deepEqual(await fatesOf(site), [undefined], 'the page is still there')
    await site.remove(`p/${link.token}`)
    await site.send({ dryRun: true })
    assert.deepEqual(await fatesOf(site), [undefined], 'a dry run writes nothing')
    await site.send()
    assert.deepEqual(await fatesOf(site), ['deleted'])
  })

  it('takes a page for gone that says so, and no other', async (t) => {
    const { site } = await createSiteAndReceiver(t)
    const link = fakeLink('Mum', 1)
    await site.publishPrivately({ path: POST, links: [link] })
    await change(site, (record) => leave(record, 'gone', START))
    const page = `p/${link.token}/index.html`
    await site.write(page, '<meta http-equiv="Status" content="200 OK"><p>Hello</p>')
    await site.send()
    assert.deepEqual(await fatesOf(site), [undefined])
    await site.write(page, '<meta http-equiv="Status" content="410 Gone"><p>Gone</p>')
    await site.send()
    assert.deepEqual(await fatesOf(site), ['deleted'])
  })

  it('tells nobody anything of a draft, nor of an emptied file', async (t) => {
    for (const why of ['draft', 'empty'] as const) {
      const { site, receiver, remove } = await told(t)
      await remove(why)
      const [row] = await site.send()
      assert.equal(row?.outcome, 'skipped')
      assert.match(
        row?.reason ?? '',
        why === 'draft' ? /^not built: draft$/ : /^not built: .*empty$/,
      )
      assert.deepEqual([notified(receiver), site.log], [[], []])
      assert.deepEqual(await fatesOf(site), [undefined, undefined])
    }
  })

  it('sends nothing again when a draft is a post again, and all when it had counted as deleted', async (t) => {
    const draft = await told(t)
    await draft.remove('draft')
    await draft.site.send()
    await draft.site.publishPrivately({ path: POST, links: draft.links })
    assert.deepEqual(outcomes(await draft.site.send()), { [draft.bob]: 'skipped', Mum: 'skipped' })
    assert.deepEqual(notified(draft.receiver), [])

    const gone = await told(t)
    await gone.remove('gone')
    await gone.site.send()
    const { posts } = await gone.site.ledger()
    await gone.site.publishPrivately({ path: POST, links: restore(posts[POST]?.links ?? []) })
    assert.deepEqual(outcomes(await gone.site.send()), { [gone.bob]: 'delivered', Mum: 'skipped' })
    assert.deepEqual(notified(gone.receiver), [gone.bob, gone.bob])
  })

  it('tells nobody of a link whose page was not written yet', async (t) => {
    const { site, receiver } = await createSiteAndReceiver(t)
    const link = fakeLink(receiver.url('bob'), 1, { unbuilt: true })
    await site.publishPrivately({ path: POST, links: [link] })
    assert.deepEqual(await site.send(), [])
    await site.publishPrivately({ path: POST, links: [fakeLink(receiver.url('bob'), 1)] })
    assert.equal((await site.send())[0]?.outcome, 'delivered')
  })
})

describe('withDeletions()', () => {
  const post: PostRecord = {
    ...{ path: POST, visibility: 'private', access: 'link', fingerprint: 'f' },
    links: [fakeLink('Mum', 1)],
  }
  const gone = leave(post, 'gone', START)
  const revoked = { at: START.toISOString(), reason: 'deleted' } as const
  const deleted = { ...gone, links: [fakeLink('Mum', 1, { revoked })] }

  it('keeps what was seen of the same build, and of no other', () => {
    assert.deepEqual(withDeletions({ x: gone }, { x: deleted }), { x: deleted })
    assert.deepEqual(withDeletions({ x: post }, { x: deleted }), { x: post })
    assert.deepEqual(withDeletions({ x: gone }, {}), { x: gone })
    const later = leave(post, 'gone', new Date(+START + 1000))
    assert.deepEqual(withDeletions({ x: later }, { x: deleted }), { x: later })
  })
})
