import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { rotateCommand } from '../../lib/cli/rotate.ts'
import { revokeCommand } from '../../lib/cli/revoke.ts'
import { shareCommand } from '../../lib/cli/share.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { BOB, build, CAROL, DAY, MUM, NOW, type Source } from '../ledger/builds.ts'
import { execute, holdsToken, newFolder, readLedger, SITE, siteWith } from './command-line.ts'

const OLD = 'private/old.md'
const OLDER = 'private/older.md'
const OPEN = 'private/open.md'
const OTHER = 'private/other.md'
const PUBLIC = 'private/public.md'
const AUNT = 'Aunt May'
const FILES: Record<string, Source> = {
  [OLDER]: { audience: ['family'] },
  [OLD]: { audience: ['family'] },
  [OPEN]: { visibility: 'unlisted' },
  [OTHER]: { audience: ['Uncle Bo'] },
  [PUBLIC]: { audience: ['family'] },
}
const built = (day: number, ledger: Ledger, files: Record<string, Source>, family: string[]) =>
  build(ledger, files, { options: { groups: { family } }, now: new Date(+NOW + day * DAY) }).ledger

/** Carol and Aunt May have joined the family after three of its posts. */
function familyLedger(): Ledger {
  const { [OLDER]: older = {}, ...rest } = FILES
  const first = built(0, emptyLedger(), { [OLDER]: older }, [BOB, MUM])
  const second = built(1, first, { [OLDER]: older, ...rest }, [BOB, MUM])
  const all = { ...FILES, [PUBLIC]: { visibility: 'public' } }
  return { ...built(2, second, all, [BOB, MUM, CAROL, AUNT]), site: SITE }
}
const ledger = familyLedger()
const rebuilt = (cwd: string) =>
  built(3, readLedger(cwd), { ...FILES, [PUBLIC]: { visibility: 'public' } }, [
    BOB,
    MUM,
    CAROL,
    AUNT,
  ])
const readers = (of: Ledger, post: string) =>
  of.posts[post]?.links.filter(({ revoked }) => !revoked).map(({ recipient }) => recipient)

async function share(args: string[], cwd = siteWith(ledger)) {
  const outcome = await execute(shareCommand, args, { cwd, now: new Date(+NOW + 2 * DAY) })
  assert.ok(!holdsToken(outcome.out + outcome.error, ledger))
  return { ...outcome, cwd, after: readLedger(cwd) }
}

async function rows(args: string[], cwd?: string) {
  const { code, out, error } = await share([...args, '--json'], cwd)
  assert.deepEqual([code, error], [0, ''])
  return (
    JSON.parse(out) as {
      shared: { post: string; recipient: string; outcome: string; needsBuild: boolean }[]
    }
  ).shared
}

describe('private-posts share', () => {
  it('gives an older post to a member who joined later, with the next build', async () => {
    assert.deepEqual(readers(ledger, OLD), [BOB, MUM])
    const { code, out, error, cwd } = await share([OLD, 'carol.example'])
    assert.deepEqual([code, error], [0, ''])
    assert.match(
      out,
      /^Shared with https:\/\/carol\.example\/:\n {2}private\/old\.md\n\nWhat to do now:\n {2}1\. Build/,
    )
    const next = rebuilt(cwd)
    assert.deepEqual(readers(next, OLD), [BOB, MUM, CAROL])
    assert.deepEqual(readers(next, OLDER), [BOB, MUM])
    assert.deepEqual(readers(next, OTHER), ['Uncle Bo'])
  })

  it('gives several at once', async () => {
    const { cwd } = await share([OLD, `./${OLDER}`, AUNT])
    for (const post of [OLD, OLDER]) assert.deepEqual(readers(rebuilt(cwd), post), [BOB, MUM, AUNT])
  })

  it('gives all that their groups have since a day', async () => {
    const since = (days: number) => new Date(+NOW + days * DAY).toISOString().slice(0, 10)
    const posts = async (day: string) =>
      (await rows(['--since', day, CAROL])).map(({ post }) => post)
    assert.deepEqual(await posts(since(1)), [OLD])
    assert.deepEqual(await posts(since(0)), [OLDER, OLD])
    const none = await share(['--since', since(2), CAROL])
    assert.deepEqual([none.code, none.out], [1, ''])
    assert.match(none.error, /no post since then/)
  })

  it('says the same of the same, and when there is nothing to build', async () => {
    const { cwd } = await share([OLD, CAROL])
    const before = readLedger(cwd)
    assert.deepEqual(await rows([OLD, CAROL], cwd), [
      { post: OLD, recipient: CAROL, outcome: 'already shared', needsBuild: true },
    ])
    assert.deepEqual(readLedger(cwd), before)
    assert.deepEqual(await rows([OLD, BOB], cwd), [
      { post: OLD, recipient: BOB, outcome: 'has a link', needsBuild: false },
    ])
    assert.match(
      (await share([OLD, BOB], cwd)).out,
      /has a link already, no build needed\n\nNothing to build/,
    )
  })

  it('lasts as long as they are in the audience, and not beyond', async () => {
    const { cwd } = await share([OLD, CAROL])
    const without = built(3, rebuilt(cwd), FILES, [BOB, MUM])
    assert.deepEqual(readers(without, OLD), [BOB, MUM])
    const back = built(4, without, FILES, [BOB, MUM, CAROL])
    assert.deepEqual(readers(back, OLD), [BOB, MUM])
  })

  const refusals: readonly [name: string, args: string[], code: number, message: RegExp][] = [
    ['a public post', [PUBLIC, CAROL], 1, /private\/public\.md is public: everybody may read it/],
    ['an unlisted post', [OPEN, CAROL], 1, /is unlisted: it has one link/],
    [
      'somebody in none of its groups',
      [OTHER, CAROL],
      1,
      /is in no group of its audience\. To do: add them/,
    ],
    [
      'an unknown post',
      ['private/oold.md', CAROL],
      2,
      /"private\/oold\.md" is no post of this ledger\. Known: \n {2}private\/old\.md/,
    ],
    ['an unknown recipient', [OLD, 'carl.example'], 2, /Did you mean https:\/\/carol\.example\/\?/],
    [
      'a name that is like no other',
      [OLD, 'Zaphod Beeblebrox'],
      2,
      /is nobody in a group.*the recipient last.*if they are new, add them to the "audience"/,
    ],
    ['nobody', [OLD], 2, /name the posts and then the recipient/],
    ['nothing', [], 2, /name the recipient/],
    ['posts and a day', ['--since', '2026-12-01', OLD, CAROL], 2, /not both/],
    ['a day that is none', ['--since', '2026-02-30', CAROL], 2, /"2026-02-30" is not a date/],
    ['a word for a day', ['--since', 'yesterday', CAROL], 2, /"yesterday" is not a date/],
  ]
  for (const [name, args, code, message] of refusals) {
    it(`refuses ${name}, and changes nothing`, async () => {
      const outcome = await share(args)
      assert.deepEqual([outcome.code, outcome.out], [code, ''])
      assert.match(outcome.error, message)
      assert.deepEqual(outcome.after, ledger)
    })
  }

  it('gives none of several when one of them cannot be given', async () => {
    const { code, after } = await share([OLD, OTHER, CAROL])
    assert.equal(code, 1)
    assert.deepEqual(after, ledger)
  })

  it('knows a file that no build has seen from a name that is none', async () => {
    const cwd = siteWith(ledger)
    writeFileSync(join(cwd, 'note.md'), 'A note.')
    const { code, error } = await share(['note.md', CAROL], cwd)
    assert.equal(code, 1)
    assert.match(error, /note\.md is public, or no build has seen it yet/)
  })

  it('is no way around what the author has taken back, nor around the end of a post', async () => {
    const cwd = siteWith(ledger)
    await execute(revokeCommand, [OLD, BOB], { cwd })
    const { code, error } = await share([OLD, BOB], cwd)
    assert.equal(code, 1)
    assert.match(
      error,
      /taken the link of this recipient back\. To do: private-posts rotate private\/old\.md/,
    )
    assert.equal((await execute(rotateCommand, [OLD, BOB], { cwd })).code, 0)

    const files = { ...FILES, [OLD]: { audience: ['family'], expires: '2026-12-02' } }
    const expired = siteWith({ ...built(5, ledger, files, [BOB, MUM, CAROL]), site: SITE })
    assert.match((await share([OLD, CAROL], expired)).error, /private\/old\.md has expired/)
  })

  it('tells of itself, and needs a ledger', async () => {
    const { code, out } = await share(['--help'])
    assert.equal(code, 0)
    assert.match(out, /^Usage: private-posts share <post…\|--since DATE> <recipient>/)
    assert.equal((await execute(shareCommand, [OLD, CAROL], { cwd: newFolder() })).code, 1)
  })
})
