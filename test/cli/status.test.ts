import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { statusCommand } from '../../lib/cli/status.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { revokeLinks, rotateLinks } from '../../lib/ledger/revoke.ts'
import { BOB, build, CAROL, MUM, NOW } from '../ledger/builds.ts'
import {
  aliceLedger,
  delivery,
  DINNER,
  execute,
  GIFT,
  holdsToken,
  newFolder,
  OPEN,
  SITE,
  siteWith,
} from './command-line.ts'

const ledger: Ledger = {
  ...aliceLedger(),
  deliveries: [
    delivery({ outcome: 'pending', lastTry: '2026-12-01T08:00:00Z' }),
    delivery({
      ...{ outcome: 'delivered', protocol: 'rel-pm' },
      ...{ lastTry: '2026-12-01T09:00:00Z', target: `${BOB}hello/` },
    }),
    delivery({ outcome: 'failed', lastTry: '2026-11-30T09:00:00Z' }),
    delivery({
      post: GIFT,
      recipient: CAROL,
      target: CAROL,
      outcome: 'refused',
      firstTry: '2026-12-01T09:00:00Z',
    }),
    delivery({
      post: 'posts/public.md',
      recipient: null,
      source: `${SITE}posts/`,
      outcome: 'failed',
    }),
  ],
}

async function posts(of: Ledger, now = NOW): Promise<unknown[]> {
  const { code, out, error } = await execute(statusCommand, ['--json'], { cwd: siteWith(of), now })
  assert.deepEqual([code, error], [0, ''])
  assert.ok(!holdsToken(out, of))
  return (JSON.parse(out) as { posts: unknown[] }).posts
}

describe('private-posts status', () => {
  it('tells of each post who may read it, and what came of telling them', async () => {
    assert.deepEqual(await posts(ledger), [
      {
        post: DINNER,
        visibility: 'private',
        access: 'link',
        recipients: [
          {
            ...{ recipient: BOB, state: 'live', outcome: 'delivered' },
            ...{ at: '2026-12-01T09:00:00Z', protocol: 'rel-pm' },
          },
          { recipient: MUM, state: 'live', outcome: null, at: null, protocol: null },
          { recipient: 'Aunt May', state: 'live', outcome: null, at: null, protocol: null },
        ],
      },
      {
        post: GIFT,
        visibility: 'private',
        access: 'link',
        recipients: [
          { recipient: BOB, state: 'live', outcome: null, at: null, protocol: null },
          {
            ...{ recipient: CAROL, state: 'live', outcome: 'refused' },
            ...{ at: '2026-12-01T09:00:00Z', protocol: null },
          },
        ],
      },
      {
        post: OPEN,
        visibility: 'unlisted',
        access: 'link',
        recipients: [{ recipient: null, state: 'live', outcome: null, at: null, protocol: null }],
      },
    ])
  })

  it('tells of the latest link of each recipient only', async () => {
    const revoked = revokeLinks(ledger, { postId: GIFT, recipient: CAROL }, NOW).ledger
    const next = rotateLinks(
      revoked,
      { postId: DINNER, recipient: BOB },
      NOW,
      issueCapabilityToken,
    ).ledger
    const states = (await posts(next, new Date('2026-12-24'))) as {
      recipients: { recipient: string; state: string }[]
    }[]
    assert.deepEqual(
      states.map(({ recipients }) => recipients.map(({ recipient, state }) => [recipient, state])),
      [
        [
          [BOB, 'not-built'],
          [MUM, 'live'],
          ['Aunt May', 'live'],
        ],
        [
          [BOB, 'expired'],
          [CAROL, 'revoked'],
        ],
        [[null, 'live']],
      ],
    )
  })

  it('prints a table without any secret, with what is left to do', async () => {
    const { code, out, error } = await execute(statusCommand, [], { cwd: siteWith(ledger) })
    assert.deepEqual([code, error], [0, ''])
    assert.ok(!holdsToken(out, ledger))
    assert.match(out, /^private\/dinner\.md \(private\)\n/)
    assert.match(out, /\n {2}https:\/\/bob\.example\/ {4}live {5}delivered 2026-12-01 by rel-pm\n/)
    assert.match(
      out,
      /\n {2}mailto:mum@example\.com {2}live {5}hand the link over: private-posts links\n/,
    )
    assert.match(out, /\n {2}https:\/\/bob\.example\/ {4}live {5}not told yet\n/)
    assert.match(out, /\nprivate\/open\.md \(unlisted\)\n {2}anyone with the link/)
  })

  it('calls a link live only if the last build wrote its page', async () => {
    const files = { [GIFT]: { audience: [BOB], page: 'draft' as const } }
    const without = { ...ledger, ...build(ledger, files).ledger }
    const states = (await posts(without)) as { recipients: { state: string; notBuilt: string }[] }[]
    assert.deepEqual(
      states.map(({ recipients: [first] }) => [first?.state, first?.notBuilt]),
      [
        ['not-built', 'its file is gone'],
        ['not-built', 'draft'],
        ['not-built', 'its file is gone'],
      ],
    )
    const { out } = await execute(statusCommand, [], { cwd: siteWith(without) })
    assert.match(out, /mum@example\.com {2}not built: its file is gone\n/)
    assert.match(out, /bob\.example\/ {4}not built: draft\n/)
    assert.doesNotMatch(out, / live|not told yet|hand the link over/)
  })

  it('does not call the owner a reader who has to be told', async () => {
    const built = build(emptyLedger(), { [DINNER]: { audience: [SITE.me, BOB] } }).ledger
    const cwd = siteWith({ ...built, site: SITE })
    const { out } = await execute(statusCommand, [], { cwd })
    assert.match(out, /alice\.example\/about\/ +live +yours: private-posts links\n/)
    assert.match(out, /bob\.example\/ +live +not told yet\n/)
  })

  it('says that there is nothing', async () => {
    assert.match(
      (await execute(statusCommand, [], { cwd: siteWith(emptyLedger()) })).out,
      /no private posts yet/,
    )
    assert.deepEqual(await posts(emptyLedger()), [])
  })

  it('takes no arguments, and needs a ledger', async () => {
    assert.equal((await execute(statusCommand, [DINNER], { cwd: siteWith(ledger) })).code, 2)
    assert.equal((await execute(statusCommand, [], { cwd: newFolder() })).code, 1)
  })
})

describe('private-posts status, of recipients with an address', () => {
  it('leaves nobody to the author whom a protocol may reach', async () => {
    const { ledger: built } = build(emptyLedger(), {
      [DINNER]: { audience: ['lost@lenore.example', MUM, 'Aunt May'] },
    })
    const aliases = { 'Aunt May': { address: 'may@chat.example' } }
    const addressed: Ledger = { ...built, site: { ...SITE, recipients: aliases } }
    const { out } = await execute(statusCommand, [], { cwd: siteWith(addressed) })
    assert.match(out, /lost@lenore\.example +live +not told yet/)
    assert.match(out, /Aunt May +live +not told yet/)
    assert.match(out, /mum@example\.com +live +hand the link over/)
  })
})

describe('private-posts status, of a gated post', () => {
  it('says who is let in, and whose invitation has run out', async () => {
    const gated: Ledger = {
      ...build(emptyLedger(), { [DINNER]: { audience: [BOB, MUM], access: 'gate' } }).ledger,
      site: { ...SITE, invitations: 7 },
    }
    const statesAt = async (now: Date) => {
      const [post] = (await posts(gated, now)) as [
        { access: string; recipients: { recipient: string; state: string }[] },
      ]
      assert.equal(post.access, 'gate')
      return post.recipients.map(({ recipient, state }) => `${recipient} ${state}`)
    }
    assert.deepEqual(await statesAt(NOW), [`${BOB} live`, `${MUM} live`])
    assert.deepEqual(await statesAt(new Date('2026-12-09')), [`${BOB} live`, `${MUM} expired`])
    const { out } = await execute(statusCommand, [], { cwd: siteWith(gated) })
    assert.match(out, /private\/dinner\.md \(private, gate\)/)
    assert.match(out, /mum@example\.com +live +hand the link over/)
  })
})
