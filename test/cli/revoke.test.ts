import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { revokeCommand } from '../../lib/cli/revoke.ts'
import { emptyLedger } from '../../lib/ledger/ledger.ts'
import { BOB, build, fates } from '../ledger/builds.ts'
import {
  aliceLedger,
  DINNER,
  execute,
  FILES,
  GIFT,
  holdsToken,
  LEDGER,
  newFolder,
  OPEN,
  readLedger,
  SITE,
  siteWith,
} from './command-line.ts'

const ledger = aliceLedger()

async function revoke(...args: string[]) {
  const cwd = siteWith(ledger)
  const outcome = await execute(revokeCommand, args, { cwd })
  assert.ok(!holdsToken(outcome.out + outcome.error, ledger))
  return { ...outcome, cwd, after: readLedger(cwd) }
}

describe('private-posts revoke', () => {
  it('takes back the link of one recipient, for good', async () => {
    const { code, out, error, after } = await revoke(DINNER, 'bob.example')
    assert.deepEqual([code, error], [0, ''])
    assert.deepEqual(fates(after.posts[DINNER]?.links), [
      `${BOB} 0 revoked`,
      'mailto:mum@example.com 0 live',
      'Aunt May 0 live',
    ])
    assert.match(out, /^Revoked, in private\/dinner\.md:\n {2}https:\/\/bob\.example\/\n\n/)
    assert.deepEqual(build(after, FILES).ledger.posts, after.posts)
  })

  it('takes back all links of a post', async () => {
    const { code, after } = await revoke(GIFT)
    assert.equal(code, 0)
    assert.ok(after.posts[GIFT]?.links.every((link) => link.revoked?.reason === 'revoked'))
    assert.deepEqual(fates((await revoke(OPEN)).after.posts[OPEN]?.links), ['anyone 0 revoked'])
  })

  it('says what to do now, and what cannot be taken back', async () => {
    const { out } = await revoke(GIFT)
    for (const word of [
      /Build and deploy/,
      /Commit the ledger/,
      /private-posts send/,
      /On Netlify each old deploy/,
      /until you delete it/,
      /cannot be taken back/,
    ]) {
      assert.match(out, word)
    }
  })

  it('prints one JSON object without any URL', async () => {
    const { code, out } = await revoke(GIFT, 'bob.example', '--json')
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out), {
      links: [
        { post: GIFT, recipient: BOB, state: 'revoked', expires: '2026-12-24T00:00:00.000Z' },
      ],
    })
  })

  it('fails when there is nothing to take back', async () => {
    const { cwd } = await revoke(GIFT, 'bob.example')
    const again = await execute(revokeCommand, [GIFT, 'bob.example'], { cwd })
    assert.deepEqual([again.code, again.out], [1, ''])
    assert.match(again.error, /private\/gift\.md: No link of it is live/)

    const json = await execute(revokeCommand, [GIFT, 'bob.example', '--json'], { cwd })
    assert.deepEqual([json.code, JSON.parse(json.out)], [1, { links: [] }])
  })

  const wrong: readonly [name: string, args: string[], message: RegExp][] = [
    [
      'an unknown post',
      ['private/diner.md'],
      /is no post of this ledger\. Known: \n {2}private\/dinner\.md/,
    ],
    [
      'an unknown recipient',
      [DINNER, 'eve.example'],
      /"eve\.example" is no recipient .*\n {2}https:\/\/bob\.example\//,
    ],
    ['no post', [], /name the post/],
    ['three words', [DINNER, 'bob.example', 'carol.example'], /at most one recipient/],
    ['an unknown option', [DINNER, '--forever'], /--forever/],
    ['an option with a slip in it', [DINNER, '--legder', 'x'], /Did you mean --ledger\?/],
  ]
  for (const [name, args, message] of wrong) {
    it(`refuses ${name}, and changes nothing`, async () => {
      const { code, out, error, after } = await revoke(...args)
      assert.deepEqual([code, out], [2, ''])
      assert.match(error, message)
      assert.deepEqual(after, ledger)
    })
  }

  it('makes no ledger where there is none', async () => {
    const cwd = newFolder()
    assert.equal((await execute(revokeCommand, [DINNER], { cwd })).code, 1)
    assert.throws(() => readFileSync(join(cwd, LEDGER)))
  })

  it('takes an invitation back, and says when that takes effect', async () => {
    const gated = build(emptyLedger(), { [DINNER]: { audience: BOB, access: 'gate' } }).ledger
    const cwd = siteWith({ ...gated, site: SITE })
    const { code, out } = await execute(revokeCommand, [DINNER, 'bob.example'], { cwd })
    assert.equal(code, 0)
    assert.match(out, /Build and deploy: until then .*the gate lets these readers in/)
    assert.match(out, /Sites that\s+understand it remove what they have/)
    assert.equal(readLedger(cwd).posts[DINNER]?.links[0]?.revoked?.reason, 'revoked')
  })
})
