import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  deriveCapabilityToken,
  issueCapabilityToken,
} from '../../lib/capability-url/capability-url.ts'
import { emptyLedger, linkState, type Ledger } from '../../lib/ledger/ledger.ts'
import { findPostId, findRecipient, revokeLinks, rotateLinks } from '../../lib/ledger/revoke.ts'
import { allTokens, BOB, build, CAROL, DAY, fates, MUM, NOW, tokenOf } from './builds.ts'

const DINNER = 'private/dinner.md'
const GIFT = 'private/gift.md'
const OPEN = 'private/open.md'
const FILES = {
  [DINNER]: { audience: [BOB, CAROL] },
  [GIFT]: { audience: [BOB], id: 'gift' },
  [OPEN]: { visibility: 'unlisted' },
}
const ledger = build(emptyLedger(), FILES).ledger
const linksOf = ({ posts }: Ledger, id = DINNER) => fates(posts[id]?.links)

describe('findPostId()', () => {
  it('takes the path of the source, with ./ or without, or the id', () => {
    assert.equal(findPostId(ledger, DINNER), DINNER)
    assert.equal(findPostId(ledger, `./${DINNER}`), DINNER)
    assert.equal(findPostId(ledger, GIFT), 'gift')
    assert.equal(findPostId(ledger, 'gift'), 'gift')
  })

  it('knows nothing else', () => {
    for (const query of ['dinner', 'private/', '', 'constructor', 'toString', '__proto__']) {
      assert.equal(findPostId(ledger, query), undefined)
    }
  })

  it('prefers the post that lies there now to one that lay there before', () => {
    const before = build(emptyLedger(), { [DINNER]: { audience: BOB, id: 'old' } }).ledger
    const after = build(before, { [DINNER]: { audience: BOB, id: 'new', text: 'new' } }).ledger
    const both = { ...after, posts: { ...before.posts, ...after.posts } }
    const retired = revokeLinks(both, { postId: 'old' }, NOW).ledger
    assert.equal(findPostId(retired, DINNER), 'new')
  })
})

describe('findRecipient()', () => {
  const audience = [BOB, 'https://example.com/Mum', MUM, 'Aunt May']
  const record = build(emptyLedger(), { [DINNER]: { audience } }).ledger.posts[DINNER]
  assert.ok(record)

  const rows: readonly [query: string, recipient: string | undefined][] = [
    [BOB, BOB],
    ['bob.example', BOB],
    ['BOB.example/', BOB],
    ['mum@example.com', MUM],
    [MUM, MUM],
    ['aunt may', 'Aunt May'],
    ['example.com/mum', 'https://example.com/Mum'],
    ['eve.example', undefined],
    ['example.com', undefined],
    ['', undefined],
  ]
  for (const [query, recipient] of rows) {
    it(`finds ${recipient ?? 'nobody'} by "${query}"`, () =>
      assert.equal(findRecipient(record, query), recipient))
  }

  it('does not choose between two that could be meant', () => {
    const both = { [DINNER]: { audience: [BOB, 'http://bob.example/'] } }
    const twice = build(emptyLedger(), both).ledger.posts[DINNER]
    assert.ok(twice)
    assert.equal(findRecipient(twice, 'bob.example'), undefined)
    assert.equal(findRecipient(twice, 'http://bob.example/'), 'http://bob.example/')
  })
})

describe('revokeLinks()', () => {
  it('revokes the link of one recipient', () => {
    const { ledger: next, revoked } = revokeLinks(ledger, { postId: DINNER, recipient: BOB }, NOW)
    assert.deepEqual(linksOf(next), [`${BOB} 0 revoked`, `${CAROL} 0 live`])
    assert.deepEqual(fates(revoked), [`${BOB} 0 revoked`])
    assert.deepEqual(linksOf(next, 'gift'), [`${BOB} 0 live`])
  })

  it('revokes all links of a post, the nameless one of an unlisted post too', () => {
    assert.equal(revokeLinks(ledger, { postId: DINNER }, NOW).revoked.length, 2)
    assert.deepEqual(fates(revokeLinks(ledger, { postId: OPEN }, NOW).revoked), [
      'anyone 0 revoked',
    ])
  })

  it('revokes nothing twice, and nothing that is not there', () => {
    const once = revokeLinks(ledger, { postId: DINNER }, NOW).ledger
    const twice = revokeLinks(once, { postId: DINNER }, new Date(+NOW + DAY))
    assert.deepEqual(twice.revoked, [])
    assert.deepEqual(twice.ledger, once)
    assert.deepEqual(revokeLinks(ledger, { postId: 'constructor' }, NOW).ledger, ledger)
  })

  it('does not change the ledger that it is given', () => {
    const before = structuredClone(ledger)
    revokeLinks(ledger, { postId: DINNER }, NOW)
    rotateLinks(ledger, { postId: DINNER }, NOW, issueCapabilityToken)
    assert.deepEqual(ledger, before)
  })
})

describe('rotateLinks()', () => {
  it('gives one recipient a new link for the old', () => {
    const { ledger: next, issued } = rotateLinks(
      ledger,
      { postId: DINNER, recipient: BOB },
      NOW,
      issueCapabilityToken,
    )
    assert.deepEqual(linksOf(next), [`${BOB} 0 rotated`, `${CAROL} 0 live`, `${BOB} 1 live`])
    assert.deepEqual(fates(issued), [`${BOB} 1 live`])
    assert.notEqual(tokenOf(next, DINNER, BOB), tokenOf(ledger, DINNER, BOB))
    assert.equal(tokenOf(next, DINNER, CAROL), tokenOf(ledger, DINNER, CAROL))
  })

  it('gives links that the next build keeps', () => {
    const next = rotateLinks(ledger, { postId: DINNER }, NOW, issueCapabilityToken).ledger
    const built = build(next, FILES).ledger
    assert.deepEqual(allTokens(built), allTokens(next))
    assert.deepEqual(linksOf(built), linksOf(next))
  })

  it('counts generations on, for those who derive tokens from them', () => {
    const generations: number[] = []
    let next = ledger
    for (let round = 0; round < 3; round++) {
      next = rotateLinks(next, { postId: OPEN }, NOW, ({ generation, recipient }) => {
        generations.push(generation)
        assert.equal(recipient, null)
        return issueCapabilityToken()
      }).ledger
    }
    assert.deepEqual(generations, [1, 2, 3])
    assert.deepEqual(linksOf(next, OPEN).at(-1), 'anyone 3 live')
  })

  it('skips a generation whose derived token was given out already', () => {
    const mint = ({ generation }: { generation: number }) =>
      deriveCapabilityToken(Buffer.alloc(32), { postId: '', recipient: '', generation })
    const before = build(emptyLedger(), { [GIFT]: { audience: BOB } }, { mint }).ledger
    const other = rotateLinks(before, { postId: GIFT }, NOW, () => mint({ generation: 2 })).ledger
    const next = rotateLinks(other, { postId: GIFT }, NOW, mint).ledger
    assert.equal(new Set(allTokens(next)).size, 3)
    assert.deepEqual(linksOf(next, GIFT).at(-1), `${BOB} 3 live`)
  })

  it('keeps the date on which the link expires', () => {
    const dated = build(ledger, { [DINNER]: { audience: BOB, expires: '2026-12-24' } }).ledger
    const { issued } = rotateLinks(dated, { postId: DINNER }, NOW, issueCapabilityToken)
    assert.equal(issued[0]?.expires, '2026-12-25T00:00:00.000Z')
  })

  it('gives whoever was revoked by hand a new link only when they are named', () => {
    const revoked = revokeLinks(ledger, { postId: DINNER, recipient: BOB }, NOW).ledger
    const all = rotateLinks(revoked, { postId: DINNER }, NOW, issueCapabilityToken)
    assert.deepEqual(fates(all.issued), [`${CAROL} 1 live`])

    const selection = { postId: DINNER, recipient: BOB }
    const named = rotateLinks(revoked, selection, NOW, issueCapabilityToken)
    assert.deepEqual(fates(named.issued), [`${BOB} 1 live`])
  })

  it('gives an unlisted post a new link even after it was revoked', () => {
    const revoked = revokeLinks(ledger, { postId: OPEN }, NOW).ledger
    const { issued } = rotateLinks(revoked, { postId: OPEN }, NOW, issueCapabilityToken)
    assert.deepEqual(fates(issued), ['anyone 1 live'])
  })

  it('gives an invitation for an invitation', () => {
    const gated = build(ledger, { [DINNER]: { audience: BOB, access: 'gate' } }).ledger
    const selection = { postId: DINNER, recipient: BOB }
    for (const from of [gated, revokeLinks(gated, selection, NOW).ledger]) {
      const { issued, ledger: next } = rotateLinks(from, selection, NOW, issueCapabilityToken)
      assert.deepEqual(fates(issued), [`${BOB} 2 live`])
      assert.equal(issued[0]?.invitation, true)
      assert.equal(next.posts[DINNER]?.gate, gated.posts[DINNER]?.gate)
    }
  })

  it('gives no link where none could work', () => {
    const rotate = (from: Ledger, now = NOW) =>
      rotateLinks(from, { postId: DINNER, recipient: BOB }, now, issueCapabilityToken).issued
    const revoked = revokeLinks(ledger, { postId: DINNER }, NOW).ledger
    const dated = build(ledger, { [DINNER]: { audience: BOB, expires: '2026-12-24' } }).ledger

    assert.deepEqual(rotate(build(ledger, { [DINNER]: { audience: CAROL } }).ledger), [])
    assert.deepEqual(rotate(build(ledger, {}).ledger), [])
    assert.deepEqual(rotate(build(revoked, { [DINNER]: { visibility: 'public' } }).ledger), [])
    assert.deepEqual(rotate(dated, new Date('2026-12-25')), [])
    assert.equal(rotate(dated).length, 1)
    assert.equal(rotate(revoked).length, 1)
  })
})

describe('rotateLinks() gives nobody what the post, as it is now, gives nobody', () => {
  const rotate = (from: Ledger, recipient: string | null) =>
    rotateLinks(from, { postId: DINNER, recipient }, NOW, issueCapabilityToken).issued
  const revoked = (files: Parameters<typeof build>[1]) =>
    revokeLinks(build(emptyLedger(), files).ledger, { postId: DINNER }, NOW).ledger

  it('no named reader of a post that has become unlisted', () => {
    const before = revoked({ [DINNER]: { audience: [CAROL], text: 'two' } })
    for (const access of ['link', 'gate']) {
      const { ledger } = build(before, {
        'private/c.md': { visibility: 'unlisted', access, text: 'two' },
      })
      assert.deepEqual(rotate(ledger, CAROL), [])
    }
    const { ledger } = build(before, { 'private/c.md': { audience: [CAROL], text: 'two' } })
    assert.deepEqual(fates(rotate(ledger, CAROL)), [`${CAROL} 1 live`])
  })

  it('no nameless reader of a post that has become private', () => {
    const before = revoked({ [DINNER]: { visibility: 'unlisted' } })
    assert.deepEqual(rotate(build(before, { [DINNER]: { audience: [CAROL] } }).ledger, null), [])
    assert.deepEqual(fates(rotate(before, null)), ['anyone 1 live'])
  })

  it('no reader of a gated post that has expired since they were revoked, and has no place', () => {
    const before = revoked({ [DINNER]: { audience: ['Mum'] } })
    const gated = { audience: ['Mum'], access: 'gate' }
    const expired = build(before, { [DINNER]: { ...gated, expires: '2026-11-30' } }).ledger
    assert.equal(expired.posts[DINNER]?.gate, undefined)
    assert.deepEqual(rotate(expired, 'Mum'), [])

    const extended = build(expired, { [DINNER]: { ...gated, expires: '2026-12-30' } }).ledger
    assert.deepEqual(
      rotate(extended, 'Mum').map(({ expires }) => expires),
      ['2026-12-31T00:00:00.000Z'],
    )
  })
})

describe('linkState()', () => {
  const [link] =
    build(emptyLedger(), { [DINNER]: { audience: BOB, expires: '2026-12-24' } }).ledger.posts[
      DINNER
    ]?.links ?? assert.fail()
  assert.ok(link)

  it('is live until the date has passed, even if no build has run since', () => {
    assert.equal(linkState(link, NOW), 'live')
    assert.equal(linkState(link, new Date('2026-12-24T23:59:59.999Z')), 'live')
    assert.equal(linkState(link, new Date('2026-12-25T00:00:00.000Z')), 'expired')
  })

  it('tells a link that expired from one that was taken back', () => {
    const at = NOW.toISOString()
    assert.equal(linkState({ ...link, revoked: { at, reason: 'expired' } }, NOW), 'expired')
    assert.equal(linkState({ ...link, revoked: { at, reason: 'removed' } }, NOW), 'revoked')
  })
})
