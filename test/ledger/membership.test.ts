import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { revokeLinks } from '../../lib/ledger/revoke.ts'
import type { Groups } from '../../lib/post/audience.ts'
import { BOB, build, CAROL, DAY, fates, MUM, NOW, type Source } from './builds.ts'

const OLD = 'private/old.md'
const NEW = 'private/new.md'
const DAVE = 'https://dave.example/'
const FAMILY = { family: [BOB, MUM] }
const WITH_CAROL = { family: [BOB, MUM, CAROL] }
const forFamily: Source = { audience: ['family'] }

/** Builds a day later than the last time, with these groups. */
function day(number: number, ledger: Ledger, files: Record<string, Source>, groups: Groups) {
  const sight = { options: { groups }, now: new Date(+NOW + number * DAY) }
  const built = build(ledger, files, sight)
  assert.deepEqual(parseLedger(formatLedger(built.ledger), 'ledger'), built.ledger)
  return built
}

const readers = ({ posts }: Ledger, id = OLD) =>
  (posts[id]?.links ?? []).filter(({ revoked }) => !revoked).map(({ recipient }) => recipient)

const first = day(0, emptyLedger(), { [OLD]: forFamily }, FAMILY).ledger
const both = { [OLD]: forFamily, [NEW]: forFamily }
const joined = day(1, first, both, WITH_CAROL)

describe('who joins a group', () => {
  it('sees what comes after, and nothing from before; the author is told once, without names', () => {
    assert.deepEqual(readers(first), [BOB, MUM])
    assert.deepEqual(readers(joined.ledger), [BOB, MUM])
    assert.deepEqual(readers(joined.ledger, NEW), [BOB, MUM, CAROL])
    assert.deepEqual(joined.notes, [
      '1 new member of family sees posts from now on; older ones: private-posts share <post…|--since DATE> <recipient>',
    ])
    const next = day(2, joined.ledger, both, WITH_CAROL)
    assert.deepEqual(next.notes, [])
    assert.deepEqual(readers(next.ledger), [BOB, MUM])
    assert.deepEqual(next.ledger.posts, joined.ledger.posts)
  })

  it('is counted once, however many older posts there are', () => {
    const files = { [OLD]: forFamily, 'private/older.md': forFamily }
    const ledger = day(0, emptyLedger(), files, FAMILY).ledger
    const { notes } = day(1, ledger, files, { family: [BOB, MUM, CAROL, DAVE] })
    assert.match(notes.join(), /^2 new members of family see posts/)
    assert.doesNotMatch(notes.join(), /carol|dave|older\.md/)
  })

  it('is nothing to tell of where there is nothing older', () => {
    assert.deepEqual(day(0, emptyLedger(), both, FAMILY).notes, [])
    assert.deepEqual(day(1, first, { [NEW]: forFamily }, FAMILY).notes.length, 1, 'the old is gone')
    const other = day(0, emptyLedger(), { [OLD]: { audience: ['Aunt May'] } }, FAMILY).ledger
    assert.deepEqual(day(1, other, { [OLD]: { audience: ['Aunt May'] } }, WITH_CAROL).notes, [])
  })

  it('sees an older post that names them, or another group of theirs', () => {
    const named = { [OLD]: { audience: ['family', CAROL] } }
    assert.deepEqual(readers(day(1, first, named, WITH_CAROL).ledger), [BOB, MUM, CAROL])

    const groups = { ...FAMILY, friends: [CAROL] }
    const two = { [OLD]: { audience: ['family', 'friends'] } }
    const before = day(0, emptyLedger(), two, groups).ledger
    const after = day(1, before, two, { ...groups, ...WITH_CAROL })
    assert.deepEqual(readers(after.ledger), [BOB, MUM, CAROL])
    assert.deepEqual(after.notes, [])
  })

  it('sees a post to which the author adds the group later, and so do all the others', () => {
    const alone = { [OLD]: { audience: ['Aunt May'] } }
    const before = day(0, emptyLedger(), alone, FAMILY).ledger
    const after = day(1, before, alone, WITH_CAROL).ledger
    const added = day(2, after, { [OLD]: { audience: ['Aunt May', 'family'] } }, WITH_CAROL)
    assert.deepEqual(readers(added.ledger), ['Aunt May', BOB, MUM, CAROL])
  })

  it('is whoever comes to it by a group within it', () => {
    const nested = (...members: string[]) => ({ all: ['family', DAVE], family: members })
    const files = { [OLD]: { audience: ['all'] } }
    const before = day(0, emptyLedger(), files, nested(BOB)).ledger
    const after = day(1, before, { ...files, [NEW]: { audience: ['all'] } }, nested(BOB, CAROL))
    assert.deepEqual(readers(after.ledger), [BOB, DAVE])
    assert.deepEqual(readers(after.ledger, NEW), [BOB, CAROL, DAVE])
    const within = { all: ['family'], family: [BOB, CAROL, DAVE] }
    const moved = day(2, after.ledger, files, within).ledger
    assert.deepEqual(readers(moved), [BOB, DAVE], 'whoever was in it stays')
  })

  it('has joined anew when they had left', () => {
    const without = day(1, first, { [OLD]: forFamily }, { family: [MUM] }).ledger
    assert.deepEqual(readers(without), [MUM])
    const back = day(2, without, both, FAMILY)
    assert.deepEqual(readers(back.ledger), [MUM])
    assert.deepEqual(readers(back.ledger, NEW), [BOB, MUM])
    assert.match(back.notes.join(), /^1 new member of family sees/)
  })

  it('sees all when no ledger says since when they are in it', () => {
    assert.deepEqual(readers(day(1, emptyLedger(), both, WITH_CAROL).ledger), [BOB, MUM, CAROL])
    const { groups: _, ...old } = first
    const posts = {
      [OLD]: { ...first.posts[OLD], groups: undefined },
    } as unknown as Ledger['posts']
    const upgraded = parseLedger(formatLedger({ ...old, posts }), 'ledger')
    assert.deepEqual(readers(day(1, upgraded, { [OLD]: forFamily }, WITH_CAROL).ledger), [
      BOB,
      MUM,
      CAROL,
    ])
  })

  it('gets no invitation to an older post behind the gate', () => {
    const gated = { [OLD]: { ...forFamily, access: 'gate' } }
    const before = day(0, emptyLedger(), gated, FAMILY).ledger
    assert.deepEqual(readers(day(1, before, gated, WITH_CAROL).ledger), [BOB, MUM])
  })

  it('gets no link by a post that vanishes and comes back, or by one that moves behind the gate', () => {
    const away = day(2, joined.ledger, {}, WITH_CAROL).ledger
    assert.deepEqual(readers(day(3, away, both, WITH_CAROL).ledger), [BOB, MUM])
    const gated = day(3, away, { [OLD]: { ...forFamily, access: 'gate' } }, WITH_CAROL).ledger
    assert.deepEqual(readers(gated), [BOB, MUM])
    assert.equal(gated.posts[OLD]?.links.at(-1)?.invitation, true)
  })

  it('is kept out by no clock that was wrong', () => {
    const ahead = day(9, first, {}, WITH_CAROL).ledger
    const { ledger } = day(1, ahead, { [NEW]: forFamily }, WITH_CAROL)
    assert.deepEqual(readers(ledger, NEW), [BOB, MUM, CAROL])
  })
})

describe('who stays in the audience', () => {
  it('keeps their link, whatever they are in it by', () => {
    const groups = { ...FAMILY, friends: [CAROL] }
    const files = { [OLD]: { audience: ['family', 'friends'] } }
    const before = day(0, emptyLedger(), files, groups).ledger
    const moved = day(1, before, files, { family: [BOB, MUM, CAROL], friends: [] }).ledger
    assert.deepEqual(moved.posts[OLD]?.links, before.posts[OLD]?.links)

    const named = day(0, emptyLedger(), { [OLD]: { audience: ['family', CAROL] } }, FAMILY).ledger
    const grouped = day(1, named, { [OLD]: forFamily }, WITH_CAROL).ledger
    assert.deepEqual(readers(grouped), [BOB, MUM, CAROL])
  })

  it('does when the group is called otherwise, and who joins with the new name sees what comes after', () => {
    const files = { [OLD]: { audience: ['clan'] } }
    const { ledger, notes } = day(1, first, files, { clan: [BOB, MUM, CAROL] })
    assert.deepEqual(ledger.posts[OLD]?.links, first.posts[OLD]?.links)
    assert.deepEqual(readers(ledger), [BOB, MUM])
    assert.match(
      notes.join('\n'),
      /^The group family is called clan now.*\n1 new member of clan sees/,
    )
  })

  it('is nobody of another group that takes the place of the first', () => {
    const files = { [OLD]: { audience: ['work'] } }
    const { ledger, notes } = day(1, first, files, { work: [DAVE, CAROL] })
    assert.deepEqual(readers(ledger), [DAVE, CAROL])
    assert.deepEqual(notes, [])
  })

  it('gets no link that was revoked by hand', () => {
    const revoked = revokeLinks(first, { postId: OLD, recipient: BOB }, NOW).ledger
    const { ledger } = day(1, revoked, { [OLD]: forFamily }, FAMILY)
    assert.deepEqual(fates(ledger.posts[OLD]?.links), [`${BOB} 0 revoked`, `${MUM} 0 live`])
  })
})
