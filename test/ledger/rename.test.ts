import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deriveCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import type { NewLink } from '../../lib/ledger/mint.ts'
import { emptyLedger, recordAt } from '../../lib/ledger/ledger.ts'
import { revokeLinks } from '../../lib/ledger/revoke.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { allTokens, BOB, build, CAROL, fates, NOW, tokenOf, type Source } from './builds.ts'

const A = 'private/a.md'
const B = 'private/b.md'
const C = 'private/c.md'
const post = (text: string, audience = BOB) => ({ audience, text })
const mint = ({ postId, recipient, generation }: NewLink) =>
  deriveCapabilityToken(Buffer.alloc(32, 7), { postId, recipient: recipient ?? '', generation })

describe('issueLinks() recognises a renamed post', () => {
  it('by its text', () => {
    const before = build(emptyLedger(), { [A]: post('text') }).ledger
    const { ledger, live, notes } = build(before, { [B]: post('text') })
    assert.equal(tokenOf(ledger, A, BOB), tokenOf(before, A, BOB))
    assert.equal(ledger.posts[A]?.path, B)
    assert.equal(live.get(B)?.length, 1)
    assert.deepEqual(notes, ['private/a.md is now private/b.md: it keeps its links.'])
    assert.deepEqual(build(ledger, { [B]: post('text') }).ledger, ledger)
  })

  it('by its id, whatever else has changed', () => {
    const before = build(emptyLedger(), { [A]: { ...post('text'), id: 'dinner' } }).ledger
    const after = build(before, { [B]: { ...post('other text'), id: 'dinner' } }).ledger
    assert.equal(tokenOf(after, 'dinner', BOB), tokenOf(before, 'dinner', BOB))
  })

  it('when it is given an id, and when the id is taken away', () => {
    const before = build(emptyLedger(), { [A]: post('text') }).ledger
    const named = build(before, { [A]: { ...post('text'), id: 'dinner' } }).ledger
    assert.deepEqual(Object.keys(named.posts), ['dinner'])
    assert.equal(tokenOf(named, 'dinner', BOB), tokenOf(before, A, BOB))

    const unnamed = build(named, { [A]: post('text') }).ledger
    assert.equal(tokenOf(unnamed, 'dinner', BOB), tokenOf(before, A, BOB))
  })

  it('when two posts exchange their names', () => {
    const before = build(emptyLedger(), {
      [A]: { ...post('one'), id: '1' },
      [B]: { ...post('other'), id: '2' },
    }).ledger
    const after = build(before, {
      [A]: { ...post('other'), id: '2' },
      [B]: { ...post('one'), id: '1' },
    }).ledger
    assert.equal(tokenOf(after, '1', BOB), tokenOf(before, '1', BOB))
    assert.equal(tokenOf(after, '2', BOB), tokenOf(before, '2', BOB))
  })

  it('but not when its text has changed as well: the author is told', () => {
    const before = build(emptyLedger(), { [A]: post('text') }).ledger
    const { ledger, notes } = build(before, { [B]: post('other text') })
    assert.equal(ledger.posts[A]?.absent?.why, 'gone')
    assert.notEqual(tokenOf(ledger, B, BOB), allTokens(before)[0])
    assert.match(
      notes.join(),
      /private\/a\.md is gone: its link does not work until.*write "id: private\/a\.md"/,
    )
    const mended = build(before, { [B]: { ...post('other text'), id: A } }).ledger
    assert.equal(tokenOf(mended, A, BOB), allTokens(before)[0])
  })

  it('but not when several could be meant', () => {
    const before = build(emptyLedger(), { [A]: post('text'), [B]: post('text') }).ledger
    const { ledger } = build(before, { [C]: post('text') })
    assert.equal(ledger.posts[A]?.absent?.why, 'gone')
    assert.equal(ledger.posts[B]?.absent?.why, 'gone')
    assert.ok(!allTokens(before).includes(tokenOf(ledger, C, BOB)))
  })

  it('but not when the first file is still there: that is a copy', () => {
    const before = build(emptyLedger(), { [A]: post('text') }).ledger
    for (const sight of [{}, { sourceAt: () => 'text' as const }]) {
      const files =
        'sourceAt' in sight ? { [B]: post('text') } : { [A]: post('text'), [B]: post('text') }
      const { ledger } = build(before, files, sight)
      assert.equal(tokenOf(ledger, A, BOB), tokenOf(before, A, BOB))
      assert.notEqual(tokenOf(ledger, B, BOB), tokenOf(before, A, BOB))
    }
  })

  it('and still gives no link to whoever was revoked by hand', () => {
    const before = build(emptyLedger(), { [A]: post('text') }).ledger
    const revoked = revokeLinks(before, { postId: A }, NOW).ledger
    const { ledger, live } = build(revoked, { [B]: post('text') })
    assert.deepEqual(fates(ledger.posts[A]?.links), [`${BOB} 0 revoked`])
    assert.deepEqual(live.get(B), [])
  })
})

describe('issueLinks() gives no post the links of another', () => {
  it('when a new post takes the place of a renamed one', () => {
    const before = build(emptyLedger(), { [A]: post('text') }).ledger
    const moved = build(before, { [B]: post('text') }).ledger
    const { ledger } = build(moved, { [A]: post('new'), [B]: post('text') })
    assert.equal(tokenOf(ledger, A, BOB), tokenOf(before, A, BOB))
    assert.equal(ledger.posts[A]?.path, B)
    assert.equal(ledger.posts[`${A}#2`]?.path, A)
    assert.notEqual(tokenOf(ledger, `${A}#2`, BOB), tokenOf(before, A, BOB))
  })

  it('when a post with a new id takes the place of one that moved with its own', () => {
    const before = build(emptyLedger(), { [A]: { ...post('text'), id: 'x' } }).ledger
    for (const order of [
      [A, B],
      [B, A],
    ]) {
      const fresh = { ...post('new', CAROL), id: 'y' }
      const moved = { ...post('text'), id: 'x' }
      const inOrder = Object.fromEntries(order.map((path) => [path, path === A ? fresh : moved]))
      const { ledger } = build(before, inOrder)
      assert.deepEqual(fates(ledger.posts['x']?.links), [`${BOB} 0 live`])
      assert.deepEqual(fates(ledger.posts['y']?.links), [`${CAROL} 0 live`])
      assert.equal(tokenOf(ledger, 'x', BOB), tokenOf(before, 'x', BOB))
    }
  })

  it('when another post moves to where a deleted one lay', () => {
    const before = build(emptyLedger(), {
      [A]: { ...post('one'), id: 'x' },
      [B]: { ...post('other', CAROL), id: 'y' },
    }).ledger
    const { ledger, notes } = build(before, { [A]: { ...post('other', CAROL), id: 'y' } })
    assert.equal(ledger.posts['x']?.absent?.why, 'gone')
    assert.equal(tokenOf(ledger, 'y', CAROL), tokenOf(before, 'y', CAROL))
    assert.equal(recordAt(ledger, A), 'y')
    assert.equal(notes.length, 1)
  })

  it('when derived tokens would repeat, because two posts once had the same name', () => {
    const first = build(emptyLedger(), { [A]: post('one') }, { mint }).ledger
    const named = build(first, { [A]: { ...post('one'), id: 'x' } }, { mint }).ledger
    const { ledger } = build(
      named,
      { [B]: { ...post('one'), id: 'x' }, [A]: post('new') },
      { mint },
    )
    assert.deepEqual(fates(ledger.posts['x']?.links), [`${BOB} 0 live`])
    assert.deepEqual(fates(ledger.posts[A]?.links), [`${BOB} 1 live`])
    assert.equal(new Set(allTokens(ledger)).size, 2)
  })

  it('when an id is the name of something in JavaScript', () => {
    const { ledger } = build(emptyLedger(), { [A]: { ...post('one'), id: 'toString' } })
    assert.deepEqual(fates(ledger.posts['toString']?.links), [`${BOB} 0 live`])
    assert.deepEqual(build(ledger, { [A]: { ...post('one'), id: 'toString' } }).ledger, ledger)
  })

  it('when two posts claim the same id: the build stops', () => {
    const twice = { [A]: { ...post('one'), id: 'x' }, [B]: { ...post('other'), id: 'x' } }
    assert.throws(
      () => build(emptyLedger(), twice),
      (error: unknown) =>
        error instanceof ConfigurationError && error.message.includes(`${A} has the same id`),
    )
    assert.doesNotThrow(() =>
      build(emptyLedger(), { ...twice, [B]: { ...post('other'), id: 'y' } }),
    )
  })

  it("when an id is another post's path: the build stops", () => {
    assert.throws(
      () => build(emptyLedger(), { [A]: post('one'), [B]: { ...post('other'), id: A } }),
      /same id/,
    )
    assert.doesNotThrow(() =>
      build(emptyLedger(), { [A]: { ...post('one'), id: A }, [B]: post('other') }),
    )
  })
})

describe('a second build of the same files changes nothing', () => {
  const draft = (source: Source): Source => ({ ...source, page: 'draft' })
  const rows: readonly {
    readonly name: string
    readonly builds: readonly Record<string, Source>[]
  }[] = [
    {
      name: 'a draft lies where two posts lay before',
      builds: [
        { [A]: { ...post('one'), id: 'x' }, [C]: post('one') },
        { [C]: { ...post('one'), audience: ['Mum'], id: 'x' } },
        { [C]: draft(post('one')) },
      ],
    },
    {
      name: 'two records had the text of a new file, and one of them gets another text',
      builds: [
        { [B]: post('three'), [C]: post('one') },
        { [B]: { ...post('three'), id: C } },
        { [A]: draft(post('three')), [B]: post('one') },
      ],
    },
    {
      name: 'a draft takes the place of a post that moves to where a deleted one lay',
      builds: [
        { [A]: post('two') },
        { [C]: { ...post('one'), id: 'y' } },
        { [A]: { ...post('one'), id: 'y' }, [C]: draft(post('two')) },
      ],
    },
    {
      name: 'a draft is a copy of a new post',
      builds: [{ [A]: post('one'), [B]: draft(post('one')) }],
    },
  ]
  for (const { name, builds } of rows) {
    it(name, () => {
      const ledger = builds.reduce((all, files) => build(all, files).ledger, emptyLedger())
      assert.deepEqual(build(ledger, builds.at(-1) ?? {}).ledger, ledger)
    })
  }
})
