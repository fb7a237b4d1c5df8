import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type Ledger, type Link, type PostRecord } from '../../lib/ledger/ledger.ts'
import { mendLedger } from '../../lib/ledger/mend.ts'
import { delivery } from '../cli/command-line.ts'
import { fakeLink, fakeToken } from '../support/deployed-site.ts'
import { BOB, CAROL, MUM, NOW } from './builds.ts'

const DINNER = 'private/dinner.md'
const TRIP = 'private/trip.md'
const post = (path: string, links: Link[], more: Partial<PostRecord> = {}): PostRecord => ({
  ...{ path, visibility: 'private', access: 'link', fingerprint: path },
  ...more,
  links,
})
const ledgerOf = (posts: readonly PostRecord[], more: Partial<Ledger> = {}): Ledger => ({
  ...emptyLedger(),
  posts: Object.fromEntries(posts.map((record) => [record.path, record])),
  ...more,
})
const told = (digit: number, more: Parameters<typeof delivery>[0] = {}) =>
  delivery({ source: `https://alice.example/p/${fakeToken(digit)}/`, ...more })

/** As git leaves it: what both sides say alike, and between markers what each of them says besides. */
function conflictOf(one: Ledger, other: Ledger, base?: Ledger): string {
  const lines = (ledger: Ledger) => formatLedger(ledger).split('\n')
  const shared = new Set(lines(one).filter((line) => lines(other).includes(line)))
  const own = (ledger: Ledger) => lines(ledger).filter((line) => !shared.has(line))
  const before = base ? ['||||||| base', ...own(base)] : []
  const both = ['<<<<<<< HEAD', ...own(one), ...before, '=======', ...own(other), '>>>>>>> laptop']
  return lines(one)
    .filter((line) => shared.has(line))
    .flatMap((line) => (line.startsWith('{"version"') ? [line, ...both] : [line]))
    .join('\n')
}

function mend(text: string) {
  const mending = mendLedger(text, NOW) ?? assert.fail('nothing can be read')
  // What was mended is a ledger.
  parseLedger(formatLedger(mending.ledger), 'ledger')
  assert.doesNotMatch(mending.notes.join(), /x{9}|bob|carol|mum/i, 'no secret, and no reader')
  return mending
}

const stateOf = ({ posts }: Ledger, path = DINNER) =>
  (posts[path]?.links ?? []).map(({ recipient, token, revoked }) => [
    recipient,
    token.at(-1),
    revoked?.reason ?? 'live',
  ])

describe('mendLedger(), after a merge conflict', () => {
  const [bob, carol, mum] = [fakeLink(BOB, 1), fakeLink(CAROL, 2), fakeLink(MUM, 3)]

  it('keeps what both sides have added', () => {
    const base = ledgerOf([post(DINNER, [bob])])
    const one = ledgerOf([post(DINNER, [bob, carol]), post(TRIP, [fakeLink(BOB, 4)])])
    const other = ledgerOf([post(DINNER, [bob, mum])], { deliveries: [told(1)] })
    const { ledger, notes, posts } = mend(conflictOf(one, other, base))
    assert.deepEqual(stateOf(ledger), [
      [BOB, '1', 'live'],
      [CAROL, '2', 'live'],
      [MUM, '3', 'live'],
    ])
    assert.deepEqual(stateOf(ledger, TRIP), [[BOB, '4', 'live']])
    assert.deepEqual(ledger.deliveries, [told(1)])
    assert.deepEqual([notes, posts], [['1 conflict: both sides are kept'], []])
  })

  it('takes back what one side has taken back, whichever it is', () => {
    const revoked = { at: NOW.toISOString(), reason: 'revoked' } as const
    const one = ledgerOf([post(DINNER, [{ ...bob, revoked }, carol])])
    const other = ledgerOf([post(DINNER, [bob, { ...carol, unbuilt: true }])])
    for (const text of [conflictOf(one, other), conflictOf(other, one)]) {
      const { ledger } = mend(text)
      assert.deepEqual(stateOf(ledger), [
        [BOB, '1', 'revoked'],
        [CAROL, '2', 'live'],
      ])
      assert.equal(ledger.posts[DINNER]?.links[1]?.unbuilt, undefined)
    }
  })

  it('keeps both links that one reader got, of which the one works that was told, or else the older', () => {
    const later = { issued: '2026-12-24T12:00:00.000Z' }
    const one = ledgerOf([post(DINNER, [fakeLink(BOB, 1), fakeLink(CAROL, 2)])])
    const other = ledgerOf([post(DINNER, [fakeLink(BOB, 5, later), fakeLink(CAROL, 6, later)])], {
      deliveries: [told(5)],
    })
    const { ledger, notes, posts } = mend(conflictOf(one, other))
    assert.deepEqual(stateOf(ledger).sort(), [
      [BOB, '1', 'rotated'],
      [BOB, '5', 'live'],
      [CAROL, '2', 'live'],
      [CAROL, '6', 'rotated'],
    ])
    const { links = [] } = ledger.posts[DINNER] ?? {}
    const newest = links.find(({ token }) => token === fakeToken(5))
    assert.equal(newest?.generation, 1, 'what works is the latest')
    assert.deepEqual(posts, [DINNER])
    assert.match(notes.join(), /private\/dinner\.md: a reader got a link on each side/)
  })

  it('takes the later outcome of a delivery, and what one side has told for told', () => {
    const early = told(1, { outcome: 'delivered', lastTry: '2026-12-01T08:00:00Z', known: true })
    const late = told(1, { outcome: 'failed', lastTry: '2026-12-02T08:00:00Z', known: false })
    const posts = [post(DINNER, [bob])]
    const [one, other] = [early, late].map((record) => ledgerOf(posts, { deliveries: [record] }))
    assert.ok(one && other)
    for (const text of [conflictOf(one, other), conflictOf(other, one)]) {
      assert.deepEqual(mend(text).ledger.deliveries, [{ ...late, known: true }])
    }
  })

  it('lets nobody see more than one side would: the stricter post, the later member, one gate', () => {
    const [since, before] = ['2026-12-02T12:00:00.000Z', '2026-12-01T12:00:00.000Z']
    const one = ledgerOf(
      [post(DINNER, [bob], { gate: 'bbbbbbbbbbbb', groups: { family: since } })],
      { groups: { family: { [BOB]: before } } },
    )
    const other = ledgerOf(
      [
        post(DINNER, [bob], {
          visibility: 'unlisted',
          gate: 'aaaaaaaaaaaa',
          groups: { family: before },
        }),
      ],
      { groups: { family: { [BOB]: since } } },
    )
    for (const text of [conflictOf(one, other), conflictOf(other, one)]) {
      const { ledger } = mend(text)
      const { visibility, gate, groups } = ledger.posts[DINNER] ?? {}
      assert.deepEqual([visibility, gate, groups], ['private', 'aaaaaaaaaaaa', { family: before }])
      assert.deepEqual(ledger.groups, { family: { [BOB]: since } })
    }
  })
})

describe('mendLedger(), of a damaged file', () => {
  const ledger = ledgerOf(
    [post(DINNER, [fakeLink(BOB, 1), fakeLink(CAROL, 2)]), post(TRIP, [fakeLink(MUM, 3)])],
    { deliveries: [told(1)] },
  )
  const text = formatLedger(ledger)

  it('changes nothing of a ledger that is in order', () => {
    const { ledger: same, notes, posts } = mend(text)
    assert.equal(formatLedger(same), text)
    assert.deepEqual([notes, posts], [[], []])
  })

  it('leaves out the line that cannot be read, and names its post', () => {
    const broken = text.replace(fakeToken(2), `${fakeToken(2)}"`)
    const { ledger: mended, notes, posts } = mend(broken)
    assert.deepEqual(stateOf(mended), [[BOB, '1', 'live']])
    assert.deepEqual(stateOf(mended, TRIP), [[MUM, '3', 'live']])
    assert.deepEqual([notes, posts], [['1 line that cannot be read: left out'], [DINNER]])
  })

  it('keeps the links of a post whose own line is lost, for the next build', () => {
    const broken = text.replace(/^\{"post":\{"path":"private\/dinner.md".*\n/m, '')
    assert.notEqual(broken, text)
    const { ledger: mended } = mend(broken)
    assert.deepEqual(stateOf(mended), stateOf(ledger))
    assert.equal(mended.posts[DINNER]?.path, DINNER)
  })

  it('keeps what stands before the place where a file is cut off', () => {
    const at = text.indexOf('{"delivery"')
    const { ledger: mended } = mend(text.slice(0, at + 20))
    assert.deepEqual(mended.posts, ledger.posts)
    assert.deepEqual(mended.deliveries, [])
  })

  it('opens nothing by an address that opened two things', () => {
    const copied = text.replace(fakeToken(3), fakeToken(1))
    assert.throws(() => parseLedger(copied, 'ledger'), /have the same token/)
    const { ledger: mended, posts } = mend(copied)
    assert.deepEqual(stateOf(mended), [[CAROL, '2', 'live']])
    assert.deepEqual(stateOf(mended, TRIP), [])
    assert.deepEqual([...posts].sort(), [DINNER, TRIP])
  })

  it('takes a file of which nothing can be read for no ledger', () => {
    for (const nothing of ['', '[]', '{}', '<html></html>', text.slice(0, 9)]) {
      assert.equal(mendLedger(nothing, NOW), undefined, nothing)
    }
  })
})
