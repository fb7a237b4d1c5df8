import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deriveCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import type { NewLink } from '../../lib/ledger/mint.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { revokeLinks, rotateLinks } from '../../lib/ledger/revoke.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import {
  allTokens,
  BOB,
  build,
  CAROL,
  DAY,
  fates,
  MUM,
  NOW,
  tokenOf,
  type Source,
} from './builds.ts'

const DINNER = 'private/dinner.md'
const forBob = { audience: [BOB] }
const forBoth = { audience: [BOB, CAROL] }

const first = build(emptyLedger(), { [DINNER]: forBoth }).ledger
const linksOf = ({ posts }: Ledger, id = DINNER) => fates(posts[id]?.links)

describe('issueLinks()', () => {
  it('gives one link to each recipient of each post', () => {
    const { ledger, live } = build(emptyLedger(), {
      [DINNER]: forBoth,
      'private/gift.md': { audience: [BOB, MUM, 'Aunt May'] },
    })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 live`, `${CAROL} 0 live`])
    assert.deepEqual(
      live.get('private/gift.md')?.map(({ recipient }) => recipient),
      [BOB, MUM, 'Aunt May'],
    )
    assert.equal(new Set(allTokens(ledger)).size, 5)
  })

  it('gives an unlisted post one link, to nobody in particular', () => {
    const { ledger } = build(emptyLedger(), { [DINNER]: { visibility: 'unlisted' } })
    assert.deepEqual(linksOf(ledger), ['anyone 0 live'])
  })

  it('gives the same links at every build', () => {
    const minted: NewLink[] = []
    const again = build(
      first,
      { [DINNER]: { ...forBoth, text: 'other words', title: 'Dinner' } },
      {
        now: new Date(+NOW + DAY),
        mint: (subject) => {
          minted.push(subject)
          throw new Error('nothing to mint')
        },
      },
    )
    assert.deepEqual(again.ledger.posts[DINNER]?.links, first.posts[DINNER]?.links)
    assert.deepEqual(minted, [])
    assert.equal(again.ledger.posts[DINNER]?.title, 'Dinner')
  })

  it('does not change the ledger that it is given', () => {
    const before = structuredClone(first)
    build(first, {})
    build(first, { [DINNER]: forBob })
    assert.deepEqual(first, before)
  })

  it('tells the mint whose link it is', () => {
    const minted: NewLink[] = []
    build(
      emptyLedger(),
      { [DINNER]: { ...forBob, id: 'dinner' } },
      {
        mint: (subject) => {
          minted.push(subject)
          return deriveCapabilityToken(Buffer.alloc(32), { ...subject, recipient: BOB })
        },
      },
    )
    assert.deepEqual(minted, [{ postId: 'dinner', path: DINNER, recipient: BOB, generation: 0 }])
  })

  it('passes on that the build may not mint', () => {
    const mint = () => {
      throw new ConfigurationError('no place to keep it')
    }
    assert.throws(() => build(emptyLedger(), { [DINNER]: forBob }, { mint }), /no place to keep it/)
    assert.doesNotThrow(() => build(first, { [DINNER]: forBoth }, { mint }))
  })

  it('refuses a mint that repeats itself', () => {
    const mint = () =>
      deriveCapabilityToken(Buffer.alloc(32), { postId: '', recipient: '', generation: 0 })
    assert.throws(() => build(emptyLedger(), { [DINNER]: forBoth }, { mint }), TypeError)
    assert.doesNotThrow(() => build(emptyLedger(), { [DINNER]: forBob }, { mint }))
  })
})

describe('issueLinks(): who may no longer read', () => {
  it('revokes the link of a removed recipient, and no other', () => {
    const { ledger, live } = build(first, { [DINNER]: forBob })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 live`, `${CAROL} 0 removed`])
    assert.equal(ledger.posts[DINNER]?.links[1]?.revoked?.at, NOW.toISOString())
    assert.deepEqual(
      live.get(DINNER)?.map(({ recipient }) => recipient),
      [BOB],
    )
  })

  it('gives another link to a recipient who comes back', () => {
    const { ledger } = build(build(first, { [DINNER]: forBob }).ledger, { [DINNER]: forBoth })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 live`, `${CAROL} 0 removed`, `${CAROL} 1 live`])
    assert.notEqual(tokenOf(ledger, DINNER, CAROL), tokenOf(first, DINNER, CAROL))
    assert.equal(tokenOf(ledger, DINNER, BOB), tokenOf(first, DINNER, BOB))
  })

  it('exchanges the links when a private post becomes unlisted', () => {
    const { ledger } = build(first, { [DINNER]: { visibility: 'unlisted' } })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 removed`, `${CAROL} 0 removed`, 'anyone 0 live'])
  })

  it('expires a link when its day is over, and not before', () => {
    const expires = '2026-12-24'
    const files = { [DINNER]: { ...forBob, expires } }
    const during = build(emptyLedger(), files).ledger
    assert.equal(during.posts[DINNER]?.links[0]?.expires, '2026-12-25T00:00:00.000Z')

    const eve = build(during, files, { now: new Date('2026-12-24T23:59:59.999Z') })
    assert.deepEqual(linksOf(eve.ledger), [`${BOB} 0 live`])

    const after = build(during, files, { now: new Date('2026-12-25T00:00:00.000Z') })
    assert.deepEqual(linksOf(after.ledger), [`${BOB} 0 expired`])
    assert.deepEqual(after.live.get(DINNER), [])

    const extended = build(after.ledger, { [DINNER]: forBob }, { now: new Date('2026-12-26') })
    assert.deepEqual(linksOf(extended.ledger), [`${BOB} 0 expired`, `${BOB} 1 live`])
  })

  it('gives no link for a post that has expired already', () => {
    const { ledger } = build(emptyLedger(), { [DINNER]: { ...forBob, expires: '2026-11-30' } })
    assert.deepEqual(linksOf(ledger), [])
  })

  it('says of a post that has expired that no link of it works, once', () => {
    const past: Source = { ...forBoth, expires: '2026-11-29' }
    const changed = build(first, { [DINNER]: past })
    assert.match(
      changed.notes.join(),
      /dinner\.md has expired: its 2 links do not work any more.*"expires"/,
    )
    assert.deepEqual(build(changed.ledger, { [DINNER]: past }).notes, [])
    const started = build(emptyLedger(), { [DINNER]: past })
    assert.match(started.notes.join(), /dinner\.md has expired: it gets no link.*"expires"/)
    assert.deepEqual(build(started.ledger, { [DINNER]: past }).notes, [])
    assert.deepEqual(build(first, { [DINNER]: { ...forBoth, expires: '2026-12-24' } }).notes, [])
  })

  it('says of a private post that is public now that everybody can read it, once', () => {
    const { ledger, notes } = build(first, { [DINNER]: { visibility: 'public' } })
    assert.match(
      notes.join(),
      /dinner\.md was private and is public now: .* its 2 links lead there.*visibility: private/,
    )
    assert.deepEqual(build(ledger, { [DINNER]: { visibility: 'public' } }).notes, [])
    assert.deepEqual(build(emptyLedger(), { [DINNER]: { visibility: 'public' } }).notes, [])
  })

  it('follows a date that the author moves or removes', () => {
    const dated = build(first, { [DINNER]: { ...forBoth, expires: '2026-12-24' } }).ledger
    assert.equal(dated.posts[DINNER]?.links[0]?.expires, '2026-12-25T00:00:00.000Z')
    const undated = build(dated, { [DINNER]: forBoth }).ledger
    assert.equal('expires' in (undated.posts[DINNER]?.links[0] ?? {}), false)
    assert.equal(tokenOf(undated, DINNER, BOB), tokenOf(first, DINNER, BOB))
  })

  it('revokes all links of a post that is public now, and remembers its address', () => {
    const { ledger, live } = build(first, { [DINNER]: { visibility: 'public' } })
    assert.deepEqual(linksOf(ledger), [`${BOB} 0 published`, `${CAROL} 0 published`])
    assert.equal(ledger.posts[DINNER]?.publishedAs, `/${DINNER}/`)
    assert.equal(ledger.posts[DINNER]?.visibility, 'public')
    assert.equal(live.has(DINNER), false)

    const back = build(ledger, { [DINNER]: forBob }).ledger
    assert.equal(back.posts[DINNER]?.publishedAs, undefined)
    assert.notEqual(tokenOf(back, DINNER, BOB), tokenOf(first, DINNER, BOB))
  })

  it('gives invitations for links when a post moves behind the gate, and links when it comes back', () => {
    const gated = build(first, { [DINNER]: { ...forBoth, access: 'gate' } }).ledger
    const invited = [`${BOB} 0 gated`, `${CAROL} 0 gated`, `${BOB} 1 live`, `${CAROL} 1 live`]
    assert.deepEqual(linksOf(gated), invited)
    assert.deepEqual(
      gated.posts[DINNER]?.links.map(({ invitation = false }) => invitation),
      [false, false, true, true],
    )
    const back = build(gated, { [DINNER]: forBob }).ledger
    assert.deepEqual(linksOf(back), [
      ...[`${BOB} 0 gated`, `${CAROL} 0 gated`, `${BOB} 1 ungated`, `${CAROL} 1 ungated`],
      `${BOB} 2 live`,
    ])
    assert.equal(back.posts[DINNER]?.links.at(-1)?.invitation, undefined)
  })

  it('calls a gated post by one name for ever, which no other post has', () => {
    const file = { ...forBoth, access: 'gate' }
    const gated = build(first, { [DINNER]: file, 'private/other.md': file })
    const name = gated.gates.get(DINNER)
    assert.match(name ?? '', /^[0-9a-hjkmnp-tv-z]{12}$/)
    assert.notEqual(gated.gates.get('private/other.md'), name)
    const open = build(gated.ledger, { [DINNER]: forBoth })
    assert.equal(open.gates.has(DINNER), false)
    const away = build(open.ledger, {}).ledger
    assert.equal(build(away, { [DINNER]: file }).gates.get(DINNER), name)
  })

  it('gives nobody a way in who was kept out by hand, whatever stands before the post', () => {
    const out = revokeLinks(first, { postId: DINNER, recipient: BOB }, NOW).ledger
    const gated = build(out, { [DINNER]: { ...forBoth, access: 'gate' } })
    assert.deepEqual(
      gated.live.get(DINNER)?.map(({ recipient }) => recipient),
      [CAROL],
    )
    assert.equal(build(gated.ledger, { [DINNER]: forBoth }).live.get(DINNER)?.length, 1)
  })

  it('invites whom the post answers, and nobody to a post whose time has passed', () => {
    const reply = { audience: BOB, access: 'gate', inReplyTo: 'https://dave.example/1' }
    const { ledger, live } = build(emptyLedger(), { [DINNER]: reply })
    assert.deepEqual(
      live.get(DINNER)?.map(({ recipient }) => recipient),
      [BOB, 'https://dave.example/'],
    )
    const over = build(ledger, { [DINNER]: { ...reply, expires: '2026-11-01' } })
    assert.deepEqual(linksOf(over.ledger), [`${BOB} 0 expired`, 'https://dave.example/ 0 expired'])
  })

  it('gives no new link to whoever was revoked by hand', () => {
    const revoked = revokeLinks(first, { postId: DINNER, recipient: BOB }, NOW).ledger
    const again = build(revoked, { [DINNER]: forBoth })
    assert.deepEqual(linksOf(again.ledger), [`${BOB} 0 revoked`, `${CAROL} 0 live`])
    assert.deepEqual(
      again.live.get(DINNER)?.map(({ recipient }) => recipient),
      [CAROL],
    )

    const without = build(again.ledger, { [DINNER]: { audience: CAROL } }).ledger
    assert.deepEqual(linksOf(build(without, { [DINNER]: forBoth }).ledger), linksOf(again.ledger))
  })

  it('forgets a revocation by hand once the author has rotated it away', () => {
    const revoked = revokeLinks(first, { postId: DINNER, recipient: BOB }, NOW).ledger
    const mint = () => first.posts[DINNER]?.links[0]?.token ?? assert.fail()
    assert.throws(
      () => rotateLinks(revoked, { postId: DINNER, recipient: BOB }, NOW, mint),
      TypeError,
    )

    const rotated = rotateLinks(
      revoked,
      { postId: DINNER, recipient: BOB },
      NOW,
      ({ generation }) =>
        deriveCapabilityToken(Buffer.alloc(32), { postId: DINNER, recipient: BOB, generation }),
    ).ledger
    const removed = build(rotated, { [DINNER]: { audience: CAROL } }).ledger
    const back = build(removed, { [DINNER]: forBoth }).ledger
    assert.deepEqual(linksOf(back), [
      `${BOB} 0 revoked`,
      `${CAROL} 0 live`,
      `${BOB} 1 removed`,
      `${BOB} 2 live`,
    ])
  })
})
