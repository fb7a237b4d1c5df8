import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deriveCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { revokeCommand } from '../../lib/cli/revoke.ts'
import { rotateCommand } from '../../lib/cli/rotate.ts'
import { allTokens, BOB, build, CAROL, fates, tokenOf } from '../ledger/builds.ts'
import {
  aliceLedger,
  DINNER,
  execute,
  FILES,
  GIFT,
  holdsToken,
  OPEN,
  readLedger,
  SECRET,
  siteWith,
} from './command-line.ts'

const ledger = aliceLedger()

async function rotate(args: string[], cwd = siteWith(ledger), environment = {}) {
  const before = readLedger(cwd)
  const outcome = await execute(rotateCommand, args, { cwd, environment })
  const after = readLedger(cwd)
  assert.ok(!holdsToken(outcome.out + outcome.error, before, after))
  return { ...outcome, before, after }
}

describe('private-posts rotate', () => {
  it('gives one recipient a new link for the old, which the next build keeps', async () => {
    const { code, out, error, after } = await rotate([GIFT, 'carol.example'])
    assert.deepEqual([code, error], [0, ''])
    assert.deepEqual(fates(after.posts[GIFT]?.links), [
      `${BOB} 0 live`,
      `${CAROL} 0 rotated`,
      `${CAROL} 1 live`,
    ])
    assert.match(out, /^New links, in private\/gift\.md:\n {2}https:\/\/carol\.example\/\n\n/)
    assert.deepEqual(allTokens(build(after, FILES).ledger), allTokens(after))
  })

  it('gives new links to everybody who has one', async () => {
    const { after } = await rotate([DINNER])
    for (const recipient of [BOB, 'mailto:mum@example.com', 'Aunt May']) {
      assert.notEqual(tokenOf(after, DINNER, recipient), tokenOf(ledger, DINNER, recipient))
    }
    assert.equal(tokenOf(after, GIFT, BOB), tokenOf(ledger, GIFT, BOB))
    assert.notEqual(tokenOf((await rotate([OPEN])).after, OPEN, null), tokenOf(ledger, OPEN, null))
  })

  it('says what to do now', async () => {
    const { out } = await rotate([DINNER])
    for (const word of [
      /Build and deploy/,
      /private-posts send/,
      /private-posts links/,
      /On Netlify each old deploy/,
      /cannot be taken back/,
    ]) {
      assert.match(out, word)
    }
  })

  it('prints one JSON object without any URL', async () => {
    const { code, out } = await rotate([OPEN, '--json'])
    assert.equal(code, 0)
    assert.deepEqual(JSON.parse(out), {
      links: [{ post: OPEN, recipient: null, state: 'not-built', expires: null }],
    })
  })

  it('leaves whoever was revoked by hand without a link, unless they are named', async () => {
    const cwd = siteWith(ledger)
    await execute(revokeCommand, [GIFT, 'bob.example'], { cwd })
    const all = await rotate([GIFT], cwd)
    assert.deepEqual(
      fates(all.after.posts[GIFT]?.links).filter((fate) => fate.endsWith('live')),
      [`${CAROL} 1 live`],
    )
    const named = await rotate([GIFT, 'bob.example'], cwd)
    assert.ok(tokenOf(named.after, GIFT, BOB))
  })

  it('fails when there is nothing to rotate', async () => {
    const cwd = siteWith(ledger)
    await execute(revokeCommand, [GIFT], { cwd })
    const { code, out, error } = await rotate([GIFT], cwd)
    assert.deepEqual([code, out], [1, ''])
    assert.match(error, /private\/gift\.md: No link of it can be rotated/)
  })

  it('refuses an unknown post and an unknown recipient, and changes nothing', async () => {
    for (const args of [['private/diner.md'], [DINNER, 'eve.example'], []]) {
      const { code, out, after } = await rotate(args)
      assert.deepEqual([code, out], [2, ''])
      assert.deepEqual(after, ledger)
    }
  })
})

describe('private-posts rotate, with derived tokens', () => {
  const derived = aliceLedger({ tokens: 'derived' })

  it('derives the new token from the next generation', async () => {
    const environment = { PRIVATE_POSTS_SECRET: SECRET }
    const { code, after } = await rotate([GIFT, BOB], siteWith(derived), environment)
    assert.equal(code, 0)
    assert.equal(
      tokenOf(after, GIFT, BOB),
      deriveCapabilityToken(Buffer.from(SECRET, 'base64url'), {
        postId: GIFT,
        recipient: BOB,
        generation: 1,
      }),
    )
  })

  for (const [name, environment] of [
    ['missing', {}],
    ['weak', { PRIVATE_POSTS_SECRET: 'password' }],
  ] as const) {
    it(`refuses a ${name} secret, names the variable, and changes nothing`, async () => {
      const { code, out, error, after } = await rotate([GIFT, BOB], siteWith(derived), environment)
      assert.deepEqual([code, out], [1, ''])
      assert.match(error, /PRIVATE_POSTS_SECRET/)
      assert.ok(!error.includes('password'))
      assert.deepEqual(after, derived)
    })
  }

  it('needs no secret where tokens are random', async () => {
    assert.equal((await rotate([GIFT, BOB])).code, 0)
  })
})
