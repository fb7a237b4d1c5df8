import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { countAsDeleted } from '../../lib/ledger/absence.ts'
import { emptyLedger, linkState, type Ledger } from '../../lib/ledger/ledger.ts'
import { revokeLinks, rotateLinks } from '../../lib/ledger/revoke.ts'
import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { BOB, build, CAROL, DAY, fates, NOW, tokenOf, type Source } from './builds.ts'

const A = 'private/a.md'
const B = 'private/b.md'
const C = 'private/c.md'
const post = (text: string, more: Source = {}): Source => ({ audience: [BOB], text, ...more })
const first = build(emptyLedger(), { [A]: post('one') }).ledger
const token = tokenOf(first, A, BOB)
const later = (days: number) => ({ now: new Date(+NOW + days * DAY) })
const linksOf = ({ posts }: Ledger, id = A) => fates(posts[id]?.links)
const stateOf = ({ posts }: Ledger, id = A) => {
  const [link] = posts[id]?.links ?? []
  assert.ok(link)
  return linkState(link, NOW, posts[id]?.absent)
}
/** As `send` does, when it has seen the deploy. */
const deleted = (ledger: Ledger): Ledger => {
  const posts = Object.entries(ledger.posts).map(([id, record]) => [
    id,
    countAsDeleted(record, NOW),
  ])
  return { ...ledger, posts: Object.fromEntries(posts) }
}
const gone = build(first, {}, later(1)).ledger

describe('a post that vanishes from a build', () => {
  it('keeps its links, which are not live meanwhile, and the author is told once', () => {
    const { ledger, live, notes } = build(first, {}, later(1))
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 live`])
    assert.deepEqual(ledger.posts[A]?.absent, { since: later(1).now.toISOString(), why: 'gone' })
    assert.equal(stateOf(first), 'live')
    assert.equal(stateOf(ledger), 'not-built')
    assert.deepEqual(live.get(A), undefined)
    assert.match(notes.join(), /^private\/a\.md is gone: its link does not work until it is back/)
    assert.deepEqual(build(ledger, {}, later(2)), {
      ...build(ledger, {}, later(2)),
      ledger,
      notes: [],
    })
  })

  it('counts as deleted when it has been away for 30 days, and not before', () => {
    assert.deepEqual(linksOf(build(gone, {}, later(30.99)).ledger), [`${BOB} 0 live`])
    const { ledger, notes } = build(gone, {}, later(31))
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 deleted`])
    assert.match(notes.join(), /has been gone for 30 days: its link counts as deleted/)
    assert.deepEqual(build(ledger, {}, later(40)).notes, [])
  })

  const returns: readonly [name: string, Parameters<typeof build>[1]][] = [
    ['as it was', { [A]: post('one') }],
    ['at the same path with another text', { [A]: post('two') }],
    ['with the same text at another path', { [B]: post('one') }],
    ['with the same id, the path that it had', { [B]: post('two', { id: A }) }],
  ]
  for (const [name, files] of returns) {
    for (const [when, before] of [
      ['', gone],
      [', after it counted as deleted', deleted(gone)],
      [', in the same build', first],
    ] as const) {
      it(`gets its links back: ${name}${when}`, () => {
        const { ledger, live } = build(before, files, later(50))
        assert.equal(tokenOf(ledger, A, BOB), token)
        assert.equal(stateOf(ledger), 'live')
        assert.equal(ledger.posts[A]?.absent, undefined)
        assert.equal([...live.values()].flat()[0]?.token, token)
      })
    }
  }

  it('gets the links of its own id back, whatever else has changed', () => {
    const before = build(emptyLedger(), { [A]: post('one', { id: 'x' }) }).ledger
    const away = build(before, {}).ledger
    for (const from of [away, deleted(away)]) {
      const { ledger } = build(from, { [B]: post('two', { id: 'x' }) })
      assert.equal(tokenOf(ledger, 'x', BOB), tokenOf(before, 'x', BOB))
    }
  })

  it('gets none back that the author has taken', () => {
    const revoked = revokeLinks(first, { postId: A }, NOW).ledger
    const rotated = rotateLinks(first, { postId: A }, NOW, issueCapabilityToken).ledger
    for (const [before, fate] of [
      [revoked, [`${BOB} 0 revoked`]],
      [rotated, [`${BOB} 0 rotated`, `${BOB} 1 live`]],
    ] as const) {
      const away = build(before, {}).ledger
      assert.deepEqual(linksOf(build(away, { [A]: post('one') }).ledger), fate)
      assert.deepEqual(linksOf(build(deleted(away), { [A]: post('one') }).ledger), fate)
    }
  })

  it('gives nothing to whoever is no longer in its audience when it is back', () => {
    const { ledger } = build(deleted(gone), { [A]: post('one', { audience: [CAROL] }) })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 removed`, `${CAROL} 0 live`])
  })

  it('gives nobody anything when its time has passed meanwhile', () => {
    const { ledger } = build(deleted(gone), { [A]: post('one', { expires: '2026-11-30' }) })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 expired`])
  })

  it('leads to its public page when it comes back public', () => {
    const { ledger } = build(deleted(gone), { [A]: { visibility: 'public' } })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 published`])
    assert.equal(ledger.posts[A]?.absent, undefined)
  })

  it('keeps its name behind the gate, and its invitations', () => {
    const gated = build(emptyLedger(), { [A]: post('one', { access: 'gate' }) })
    const away = build(gated.ledger, {})
    assert.deepEqual([...away.gates], [])
    for (const from of [away.ledger, deleted(away.ledger)]) {
      const back = build(from, { [A]: post('one', { access: 'gate' }) })
      assert.deepEqual(back.gates, gated.gates)
      assert.equal(tokenOf(back.ledger, A, BOB), tokenOf(gated.ledger, A, BOB))
    }
  })
})

describe('a post without a page', () => {
  it('keeps the links that it had, which are not live, and gets no others', () => {
    const draft = build(first, { [A]: post('one', { audience: [BOB, CAROL], page: 'draft' }) })
    assert.deepEqual(linksOf(draft.ledger), [`${BOB} 0 live`])
    assert.equal(draft.ledger.posts[A]?.absent?.why, 'draft')
    assert.deepEqual(draft.live.get(A), [])
    assert.deepEqual(draft.notes, [])

    const back = build(draft.ledger, { [A]: post('one', { audience: [BOB, CAROL] }) }).ledger
    assert.deepEqual(linksOf(back), [`${BOB} 0 live`, `${CAROL} 0 live`])
    assert.equal(tokenOf(back, A, BOB), token)
  })

  it('is not even known when it never had one', () => {
    for (const page of ['draft', 'unchanged'] as const) {
      for (const access of ['link', 'gate']) {
        const mint = () => assert.fail('nothing to mint')
        const { ledger } = build(emptyLedger(), { [A]: post('one', { access, page }) }, { mint })
        assert.deepEqual(ledger.posts, {})
      }
    }
  })

  it('loses a link all the same that its audience does not have any more', () => {
    const draft = build(first, { [A]: post('one', { audience: [CAROL], page: 'draft' }) }).ledger
    assert.deepEqual(linksOf(draft), [`${BOB} 0 removed`])
  })

  for (const [source, why] of [
    ['text', 'draft'],
    ['empty', 'empty'],
  ] as const) {
    it(`never counts as deleted while its file is there: ${source}`, () => {
      const sight = { sourceAt: () => source, ...later(1) }
      const draft = build(first, {}, sight)
      assert.equal(draft.ledger.posts[A]?.absent?.why, why)
      assert.deepEqual(draft.notes, [])
      const months = build(draft.ledger, {}, { ...sight, ...later(100) }).ledger
      assert.deepEqual(months, draft.ledger)
      assert.equal(tokenOf(build(months, { [A]: post('one') }).ledger, A, BOB), token)
    })
  }

  it('is gone from the day on which its file goes', () => {
    const draft = build(first, {}, { sourceAt: () => 'text' }).ledger
    const away = build(draft, {}, later(40)).ledger
    assert.deepEqual(linksOf(away), [`${BOB} 0 live`])
    assert.equal(away.posts[A]?.absent?.since, later(40).now.toISOString())
  })

  it('stays as it was in a build that renders only what has changed', () => {
    const { ledger, live } = build(first, { [A]: post('one', { page: 'unchanged' }) })
    assert.deepEqual(ledger, first)
    assert.equal(live.get(A)?.length, 1)
    const draft = build(first, { [A]: post('one', { page: 'draft' }) }).ledger
    const still = build(draft, { [A]: post('one', { page: 'unchanged' }) })
    assert.deepEqual([still.ledger, still.live.get(A)], [draft, []])
  })

  it('is not taken for public when its file is empty', () => {
    const publicPosts = new Map([[A, '/a/']])
    const emptied = build(first, {}, { publicPosts, sourceAt: () => 'empty' }).ledger
    assert.equal(emptied.posts[A]?.absent?.why, 'empty')
    const open = build(first, {}, { publicPosts, sourceAt: () => 'text' }).ledger
    assert.deepEqual(linksOf(open), [`${BOB} 0 published`])
  })
})

describe('what takes the place of a post that vanished', () => {
  const other = post('other', { audience: [CAROL] })

  it('does not inherit from it when its text is back elsewhere', () => {
    for (const from of [gone, deleted(gone)]) {
      const { ledger } = build(from, { [A]: other, [B]: post('one') })
      assert.equal(tokenOf(ledger, A, BOB), token)
      assert.equal(ledger.posts[A]?.path, B)
      assert.deepEqual(linksOf(ledger, `${A}#2`), [`${CAROL} 0 live`])
    }
  })

  it('does not inherit from it when both have ids, and these differ', () => {
    const before = build(emptyLedger(), { [A]: post('one', { id: 'x' }) }).ledger
    const away = build(before, {}).ledger
    const { ledger } = build(away, { [A]: post('other', { id: 'y' }) })
    assert.notEqual(tokenOf(ledger, 'y', BOB), tokenOf(before, 'x', BOB))
    const back = build(ledger, { [A]: post('other', { id: 'y' }), [B]: post('one', { id: 'x' }) })
    assert.equal(tokenOf(back.ledger, 'x', BOB), tokenOf(before, 'x', BOB))
  })
})

describe('files that change places', () => {
  const two = { [A]: post('one'), [B]: post('two', { audience: [CAROL] }) }
  const before = build(emptyLedger(), two).ledger

  it('take their links along when two exchange their names', () => {
    const swapped = { [A]: two[B] ?? {}, [B]: two[A] ?? {} }
    const { ledger } = build(before, swapped)
    assert.equal(ledger.posts[A]?.path, B)
    assert.equal(tokenOf(ledger, A, BOB), token2(BOB, A))
    assert.equal(tokenOf(ledger, B, CAROL), token2(CAROL, B))
    assert.deepEqual(build(ledger, swapped).ledger, ledger)
  })

  it('take their links along when one moves to where another lay, which moves on', () => {
    const { ledger } = build(before, { [B]: two[A] ?? {}, [C]: two[B] ?? {} })
    assert.equal(tokenOf(ledger, A, BOB), token2(BOB, A))
    assert.equal(tokenOf(ledger, B, CAROL), token2(CAROL, B))
  })

  it('take their links along when one replaces another', () => {
    const { ledger } = build(before, { [B]: two[A] ?? {} })
    assert.equal(tokenOf(ledger, A, BOB), token2(BOB, A))
    assert.equal(ledger.posts[B]?.absent?.why, 'gone')
  })

  it('do not when one is a copy of what another was', () => {
    const { ledger } = build(before, { ...two, [A]: post('edited'), [C]: post('one') })
    assert.equal(ledger.posts[A]?.path, A)
    assert.equal(tokenOf(ledger, A, BOB), token2(BOB, A))
    assert.notEqual(tokenOf(ledger, C, BOB), token2(BOB, A))
  })

  function token2(recipient: string, id: string): string {
    return tokenOf(before, id, recipient)
  }
})
