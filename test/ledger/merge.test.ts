import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { initCommand } from '../../lib/cli/init.ts'
import { ledgerCommand } from '../../lib/cli/ledger.ts'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { delivery, execute } from '../cli/command-line.ts'
import { allTokens, BOB, build, CAROL, MUM } from './builds.ts'

const FILE = 'private-posts.ledger.json'
const ENVIRONMENT = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' }
const IDENTITY = ['-c', 'user.name=Alice', '-c', 'user.email=alice@alice.example']

type Posts = Parameters<typeof build>[1]

/** Posts with these numbers, for Bob and Carol. */
function posts(...numbers: readonly number[]): Posts {
  const audience = [BOB, CAROL]
  return Object.fromEntries(numbers.map((number) => [`private/${number}.md`, { audience }]))
}

/** Posts with names of their own, for Bob and Carol. */
function called(name: string, count = 5): Posts {
  const paths = Array.from({ length: count }, (_, number) => `private/${name} ${number}.md`)
  return Object.fromEntries(paths.map((path) => [path, { audience: [BOB, CAROL] }]))
}

async function attributesOfInit(t: TestContext): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'init-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  assert.equal((await execute(initCommand, ['github-pages'], { cwd })).code, 0)
  return readFileSync(join(cwd, '.gitattributes'), 'utf8')
}

/** What a machine does to its ledger: builds these posts besides, and tells everybody of them. */
function add(before: Ledger, more: Posts): Ledger {
  const { ledger } = build(before, more, { sourceAt: () => 'text' })
  const known = new Set(before.deliveries.map(({ source }) => source))
  const told = Object.entries(ledger.posts).flatMap(([post, { links }]) =>
    links.map(({ recipient, token }) =>
      delivery({ post, recipient, source: `https://alice.example/p/${token}/` }),
    ),
  )
  const added = told.filter(({ source }) => !known.has(source))
  return { ...ledger, deliveries: [...before.deliveries, ...added] }
}

/** The file after git has merged what two machines have made of one ledger; `conflict` if it could not. */
function merge(t: TestContext, base: Ledger, one: Ledger, other: Ledger, attributes = '') {
  const cwd = mkdtempSync(join(tmpdir(), 'merge-'))
  t.after(() => rmSync(cwd, { recursive: true }))
  const git = (...args: string[]) =>
    execFileSync('git', [...IDENTITY, ...args], {
      ...{ cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
      env: { ...process.env, ...ENVIRONMENT },
    })
  const commit = (ledger: Ledger) => {
    writeFileSync(join(cwd, FILE), formatLedger(ledger))
    git('add', '--all')
    git('commit', '--quiet', '--message', 'Build')
  }
  git('init', '--quiet', '--initial-branch', 'main')
  if (attributes !== '') writeFileSync(join(cwd, '.gitattributes'), attributes)
  commit(base)
  git('checkout', '--quiet', '-b', 'laptop')
  commit(one)
  git('checkout', '--quiet', 'main')
  commit(other)
  let isConflict = false
  try {
    git('merge', '--quiet', '--no-edit', 'laptop')
  } catch {
    isConflict = true
  }
  const file = join(cwd, FILE)
  return { isConflict, file, text: readFileSync(file, 'utf8') }
}

/** Everything that a ledger says, in any order. */
function saidIn(...ledgers: readonly Ledger[]): Set<string> {
  return new Set(ledgers.flatMap((ledger) => formatLedger(ledger).split('\n')))
}

const OLD = Array.from({ length: 40 }, (_, number) => number)
const base = add(emptyLedger(), posts(...OLD))

describe('a ledger on two machines', () => {
  it('is merged by git where each has added posts, readers, and deliveries', (t) => {
    const one = add(base, {
      ...posts(...OLD, 110),
      'private/3.md': { audience: [BOB, CAROL, MUM] },
    })
    const other = add(base, {
      ...posts(...OLD, 210),
      'private/7.md': { audience: ['Aunt May', BOB, CAROL] },
    })
    const { isConflict, text } = merge(t, base, one, other)
    assert.equal(isConflict, false)
    const merged = parseLedger(text, FILE)
    assert.deepEqual(saidIn(merged), saidIn(one, other))
    assert.equal(Object.keys(merged.posts).length, OLD.length + 2)
    assert.equal(formatLedger(merged), text, 'and the next build writes it as it is')
  })

  it('is merged where one has taken a link back, and the other has told of another post', (t) => {
    const revoked = add(base, { ...posts(...OLD), 'private/3.md': { audience: [CAROL] } })
    const told = {
      ...base,
      deliveries: base.deliveries.map((record) =>
        record.post === 'private/9.md' ? { ...record, reason: 'accepted (202)' } : record,
      ),
    }
    const { isConflict, text } = merge(t, base, revoked, told)
    assert.equal(isConflict, false)
    assert.deepEqual(
      saidIn(parseLedger(text, FILE)),
      saidIn({ ...revoked, deliveries: told.deliveries }),
    )
  })

  it('is merged with the hint of a .gitattributes file wherever they add, and settles what both have changed', (t) => {
    const one = add(base, posts(...OLD, ...OLD.map((number) => 100 + number)))
    const other = add(base, posts(...OLD, ...OLD.map((number) => 200 + number)))
    assert.equal(merge(t, base, one, other).isConflict, true, 'without it, some lines meet')
    const { isConflict, text } = merge(t, base, one, other, `${FILE} merge=union\n`)
    assert.equal(isConflict, false)
    const merged = parseLedger(text, FILE)
    assert.deepEqual(
      Object.keys(merged.posts).sort(),
      Object.keys({ ...one.posts, ...other.posts }).sort(),
    )
    assert.deepEqual(new Set(allTokens(merged)), new Set([...allTokens(one), ...allTokens(other)]))
    assert.equal(merged.deliveries.length, OLD.length * 3 * 2)
  })

  // What is added stands at the place of its hash: neighbours of all kinds come up.
  for (const seed of ['kettle', 'wren', 'tin-roof', '2026-12-01', 'Ž']) {
    it(`is merged as "private-posts init" has git do it, whatever the posts are called: ${seed}`, async (t) => {
      const one = add(base, { ...posts(...OLD), ...called(`${seed}-one`) })
      const other = add(base, { ...posts(...OLD), ...called(`${seed}-other`) })
      const { isConflict, text } = merge(t, base, one, other, await attributesOfInit(t))
      assert.equal(isConflict, false)
      const merged = parseLedger(text, FILE)
      assert.deepEqual(saidIn(merged), saidIn(one, other))
    })
  }

  it('is mended where git, without that hint, has reported a conflict', async (t) => {
    const one = add(base, { ...posts(...OLD), ...called('one', 40) })
    const other = add(base, { ...posts(...OLD), ...called('other', 40) })
    const { isConflict, file } = merge(t, base, one, other)
    assert.equal(isConflict, true)
    const cwd = dirname(file)
    const before = await execute(ledgerCommand, [], { cwd })
    assert.equal(before.code, 1)
    const { code, out } = await execute(ledgerCommand, ['--mend'], { cwd })
    assert.equal(code, 0)
    assert.match(out, /^Mended:\n- \d+ conflicts?: both sides are kept\n/)
    const merged = parseLedger(readFileSync(file, 'utf8'), FILE)
    assert.deepEqual(saidIn(merged), saidIn(one, other))
    assert.equal((await execute(ledgerCommand, [], { cwd })).code, 0)
  })

  it('says where the conflict is if git could not merge it, and is not changed by a build', async (t) => {
    const one = add(base, { ...posts(...OLD), 'private/3.md': { audience: [CAROL] } })
    const other = add(base, { ...posts(...OLD), 'private/3.md': { audience: [BOB] } })
    const { isConflict, file, text } = merge(t, base, one, other)
    assert.equal(isConflict, true)
    const building = openLedgerFile(file).update(async (before) => ({
      ledger: add(before, posts(1)),
      result: undefined,
    }))
    await assert.rejects(building, /, line \d+.*merge conflict.*private-posts ledger --mend/)
    assert.equal(readFileSync(file, 'utf8'), text)
  })
})
