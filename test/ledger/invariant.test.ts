import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  deriveCapabilityToken,
  issueCapabilityToken,
  type CapabilityToken,
} from '../../lib/capability-url/capability-url.ts'
import { sharePost } from '../../lib/ledger/share.ts'
import type { Groups } from '../../lib/post/audience.ts'
import { countAsDeleted, isGone } from '../../lib/ledger/absence.ts'
import type { NewLink } from '../../lib/ledger/mint.ts'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { revokeLinks, rotateLinks } from '../../lib/ledger/revoke.ts'
import { BOB, build, CAROL, DAY, NOW, type Source } from './builds.ts'
import { holds } from '../support/property.ts'

/** Few of each, so that names, texts and people meet again and again. */
const PATHS = ['private/a.md', 'private/b.md', 'private/c.md']
const READERS = [BOB, CAROL, 'Mum']
/** Who is in the family changes, and what it is called. */
const GROUPS: readonly Groups[] = [
  { family: [BOB] },
  { family: [BOB, CAROL], clan: ['Mum'] },
  { clan: ['family', 'Mum'], family: [CAROL] },
]

const source: fc.Arbitrary<Source | undefined> = fc.option(
  fc.record(
    {
      visibility: fc.constantFrom('private', 'private', 'private', 'unlisted', 'public'),
      audience: fc.subarray([...READERS, 'family'], { minLength: 1 }),
      text: fc.constantFrom('one', 'two', 'three'),
      id: fc.constantFrom('x', 'y', ...PATHS),
      access: fc.constantFrom('link', 'gate'),
      expires: fc.constantFrom('2026-12-03', '2026-12-06'),
      page: fc.constantFrom('written' as const, 'draft' as const, 'unchanged' as const),
    },
    { requiredKeys: ['visibility', 'audience', 'text'] },
  ),
  { nil: undefined, freq: 3 },
)

type Step =
  | {
      readonly files: readonly (Source | undefined)[]
      readonly stillThere: boolean
      readonly groups: Groups
    }
  | {
      /** `count`: `send` has seen a deploy without the post. */
      readonly hand: 'revoke' | 'rotate' | 'count' | 'share'
      readonly post: number
      readonly recipient: string | undefined
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      files: fc.tuple(source, source, source),
      stillThere: fc.boolean(),
      groups: fc.constantFrom(...GROUPS),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      hand: fc.constantFrom(
        'revoke' as const,
        'rotate' as const,
        'count' as const,
        'share' as const,
      ),
      post: fc.nat({ max: 4 }),
      recipient: fc.option(fc.constantFrom(...READERS), { nil: undefined }),
    }),
  },
)

type Mint = (subject: NewLink) => CapabilityToken
const MINTS: Readonly<Record<string, Mint>> = {
  random: () => issueCapabilityToken(),
  derived: ({ recipient, ...subject }) =>
    deriveCapabilityToken(Buffer.alloc(32, 7), { ...subject, recipient: recipient ?? '' }),
}

function take(ledger: Ledger, taken: Step, mint: Mint, now: Date): Ledger {
  if ('hand' in taken) {
    const ids = Object.keys(ledger.posts)
    const postId = ids[taken.post % Math.max(1, ids.length)] ?? ''
    const { recipient } = taken
    if (taken.hand === 'count') return countDeleted(ledger, postId, now)
    if (taken.hand === 'share') return share(ledger, postId, recipient ?? BOB, now)
    const selection = recipient === undefined ? { postId } : { postId, recipient }
    return taken.hand === 'revoke'
      ? revokeLinks(ledger, selection, now).ledger
      : rotateLinks(ledger, selection, now, mint).ledger
  }
  const sources = PATHS.flatMap((path, index) => {
    const file = taken.files[index]
    if (!file) return []
    const { audience, ...rest } = file
    if (file['visibility'] === 'private') return [[path, { audience, ...rest }] as const]
    // How a private post is read is no matter of a public one, and would be refused there.
    const { access: _, ...open } = rest
    return [[path, file['visibility'] === 'public' ? open : rest] as const]
  })
  try {
    const options = { groups: taken.groups }
    const sight = {
      options,
      mint,
      now,
      ...(taken.stillThere ? { sourceAt: () => 'text' as const } : {}),
    }
    return build(ledger, Object.fromEntries(sources), sight).ledger
  } catch (error) {
    // Two files with one id: the author is told, and nothing is built.
    if (error instanceof Error && error.message.includes('has the same id')) return ledger
    throw error
  }
}

function share(ledger: Ledger, postId: string, recipient: string, now: Date): Ledger {
  if (!ledger.posts[postId]) return ledger
  const shared = sharePost(ledger, postId, recipient, now)
  return 'refusal' in shared ? ledger : shared.ledger
}

function countDeleted(ledger: Ledger, postId: string, now: Date): Ledger {
  const record = ledger.posts[postId]
  if (!record || !isGone(record)) return ledger
  return { ...ledger, posts: { ...ledger.posts, [postId]: countAsDeleted(record, now) } }
}

/**
 * For whom and for what each token was made. This, and that it is dead, must never change; a token is not dead
 * while its post is only gone.
 */
type History = Map<
  string,
  { readonly recipient: string | null; readonly isInvitation: boolean; readonly isDead: boolean }
>
/** Which post has a name behind the gate. */
type Gates = Map<string, string>

function assertSound(ledger: Ledger, history: History, gates: Gates): void {
  const links = Object.values(ledger.posts).flatMap((post) => post.links)
  const tokens = new Set(links.map(({ token }) => token))
  assert.equal(tokens.size, links.length, 'no token belongs to two links')

  for (const { token, recipient, revoked, invitation } of links) {
    const isInvitation = invitation === true
    const before = history.get(token)
    if (before) {
      assert.equal(recipient, before.recipient, 'no token changes hands')
      assert.equal(isInvitation, before.isInvitation, 'no invitation becomes a link')
      assert.ok(revoked || !before.isDead, 'no token comes back to life')
    }
    history.set(token, {
      recipient,
      isInvitation,
      isDead: revoked !== undefined && revoked.reason !== 'deleted',
    })
  }
  for (const token of history.keys()) {
    assert.ok(tokens.has(token as CapabilityToken), 'no token is forgotten')
  }
  const names = Object.values(ledger.posts).flatMap(({ gate }) => gate ?? [])
  assert.equal(new Set(names).size, names.length, 'no two posts have one name behind the gate')
  for (const name of gates.values()) assert.ok(names.includes(name), 'no name is forgotten')
  for (const [postId, { gate }] of Object.entries(ledger.posts)) {
    if (gate !== undefined) gates.set(postId, gate)
  }
  for (const { links: ofPost, access, visibility, gate } of Object.values(ledger.posts)) {
    for (const link of ofPost.filter(({ revoked }) => !revoked)) {
      assert.equal(link.invitation === true, access === 'gate', 'links and invitations never mix')
      assert.ok(!link.invitation || gate !== undefined, 'whoever is invited has somewhere to go')
      assert.ok(!link.invitation || visibility === 'private', 'nobody nameless is invited')
    }
    const live = ofPost.filter((link) => !link.revoked).map(({ recipient }) => recipient)
    assert.equal(new Set(live).size, live.length, 'nobody has two live links to one post')
  }
  assert.deepEqual(parseLedger(formatLedger(ledger), 'ledger'), ledger)
}

describe('whatever an author does, in whatever order', () => {
  for (const [kind, mint] of Object.entries(MINTS)) {
    it(`no token is ever live twice, given to another, or used again: ${kind} (property)`, async (t) => {
      await holds(
        t,
        fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
          const history: History = new Map()
          const gates: Gates = new Map()
          let ledger = emptyLedger()
          for (const [day, taken] of steps.entries()) {
            ledger = take(ledger, taken, mint, new Date(+NOW + day * DAY))
            assertSound(ledger, history, gates)
          }
        }),
        { numRuns: 400 },
      )
    })
  }

  it('a second build of the same files changes nothing (property)', async (t) => {
    await holds(
      t,
      fc.property(fc.array(step, { maxLength: 6 }), step, (steps, last) => {
        const mint = MINTS['random'] ?? assert.fail()
        const ledger = [...steps, last].reduce(
          (all, taken) => take(all, taken, mint, NOW),
          emptyLedger(),
        )
        if ('hand' in last) return
        assert.deepEqual(take(ledger, last, mint, NOW), ledger)
      }),
      { numRuns: 300 },
    )
  })
})
