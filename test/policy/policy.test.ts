import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createSenderPolicy, judgeSender, openDecisions } from '../../lib/policy/decisions.ts'
import { compilePattern } from '../../lib/policy/pattern.ts'
import { compilePolicy, judge, validatePolicy, type PolicyLists } from '../../lib/policy/policy.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { BAD_PATTERNS, PATTERNS } from './vectors.ts'
import { holds } from '../support/property.ts'

function lists(of: Partial<PolicyLists>): PolicyLists {
  return { allow: [], deny: [], hold: [], otherwise: 'hold', ...of }
}

describe('compilePattern()', () => {
  it('has vectors', () => assert.ok(PATTERNS.length > 20 && BAD_PATTERNS.length > 5))

  for (const [pattern, address, matches] of PATTERNS) {
    it(`"${pattern}" ${matches ? 'is' : 'is not'} ${address}`, () => {
      assert.equal(compilePattern(pattern)(address), matches)
    })
  }

  for (const [pattern, why] of BAD_PATTERNS) {
    it(`refuses what is no pattern: ${JSON.stringify(pattern).slice(0, 40)}`, () => {
      assert.throws(
        () => compilePattern(pattern),
        (error) => error instanceof ConfigurationError && why.test(error.message),
      )
    })
  }

  it('is quick, whatever address a stranger thinks of', () => {
    const matches = compilePattern('bob.example/*a*a*a')
    assert.equal(matches(`bob.example/${'a'.repeat(490)}!`), false)
    assert.equal(matches(`bob.example/${'!a'.repeat(100_000)}!`), true)
  })

  it('throws nothing at an address (property)', async (t) => {
    const matches = compilePattern('*.example.com/**')
    await holds(
      t,
      fc.property(fc.string({ unit: 'binary' }), (address) => void matches(address)),
    )
  })
})

describe('judge()', () => {
  it('leaves to the policy whoever stands in no list', () => {
    for (const otherwise of ['accept', 'hold', 'reject'] as const) {
      assert.equal(judge(lists({ otherwise }), ['https://bob.example/1']), otherwise)
    }
  })

  it('lets the whitelist supersede the blacklist', () => {
    const policy = lists({ allow: ['bob.example'], deny: ['*.example', 'bob.example'] })
    assert.equal(judge(policy, ['https://bob.example/1']), 'accept')
    assert.equal(judge(policy, ['https://eve.example/1']), 'reject')
  })

  it('prefers deny to hold, and allow to hold', () => {
    const policy = lists({ deny: ['eve.example'], hold: ['*.example'], otherwise: 'accept' })
    assert.equal(judge(policy, ['https://eve.example/1']), 'reject')
    assert.equal(judge(policy, ['https://carol.example/1']), 'hold')
    assert.equal(
      judge({ ...policy, allow: ['carol.example'] }, ['https://carol.example/1']),
      'accept',
    )
  })

  it('lets in whom it allows by name, although everybody else there is denied', () => {
    const policy = lists({
      allow: ['bob@chat.example', 'social.example/@carol/**'],
      deny: ['chat.example', 'social.example'],
    })
    assert.equal(judge(policy, ['bob@chat.example', 'chat.example']), 'accept')
    assert.equal(judge(policy, ['eve@chat.example', 'chat.example']), 'reject')
    const [carol, eve] = ['https://social.example/@carol/1', 'https://social.example/@eve/1']
    assert.equal(judge(policy, [carol, 'social.example']), 'accept')
    assert.equal(judge(policy, [eve, 'social.example']), 'reject')
    assert.equal(judge(policy, ['bob@chat.example', 'social.example']), 'reject')
  })

  it('keeps out under every sub-address, and lets in only under the one that it names', () => {
    const policy = lists({ deny: ['eve@chat.example'], hold: ['dan@chat.example'] })
    assert.equal(judge(policy, ['eve+1@chat.example']), 'reject')
    assert.equal(judge(policy, ['eve+1+2@chat.example']), 'reject')
    assert.equal(judge({ ...policy, otherwise: 'accept' }, ['dan+1@chat.example']), 'hold')
    assert.equal(judge(policy, ['evelyn@chat.example']), 'hold')
    const friend = lists({ allow: ['bob@chat.example', 'eve+work@chat.example'], deny: ['eve@*'] })
    assert.equal(judge(friend, ['bob@chat.example']), 'accept')
    assert.equal(judge(friend, ['bob+1@chat.example']), 'hold')
    assert.equal(judge(friend, ['eve+work@chat.example']), 'accept')
  })

  it('denies an allowed source that came by a denied host', () => {
    const policy = lists({ allow: ['bob.example'], deny: ['eve.example'] })
    assert.equal(judge(policy, ['https://bob.example/1', 'bob.example']), 'accept')
    assert.equal(judge(policy, ['https://bob.example/1', 'eve.example']), 'reject')
  })

  it('asks the allow list about the sender alone', () => {
    const policy = lists({ allow: ['bob.example'] })
    assert.equal(judge(policy, ['https://eve.example/1', 'bob.example']), 'hold')
  })

  it('knows no sender by default', () => {
    assert.equal(judge(lists({ allow: ['**'], otherwise: 'reject' }), []), 'reject')
  })
})

describe('validatePolicy()', () => {
  it('names the pattern that is none, in whichever list', () => {
    validatePolicy(lists({ allow: ['bob.example'] }))
    for (const list of ['allow', 'deny', 'hold'] as const) {
      assert.throws(
        () => validatePolicy(lists({ [list]: ['bob.example', '[eve'] })),
        (error) => error instanceof ConfigurationError && error.message.includes('"[eve"'),
      )
    }
  })
})

describe('decisions of the owner', () => {
  const now = () => new Date(0)
  const policy = compilePolicy(lists({ allow: ['bob.example'], deny: ['eve.example'] }))

  it('count more than any list', () => {
    const decided = { allow: ['carol.example'], deny: ['bob.example'] }
    const verdict = (...addresses: string[]) => judgeSender(addresses, { policy, decided }).verdict
    assert.equal(verdict('https://bob.example/1'), 'reject')
    assert.equal(verdict('https://carol.example/1'), 'accept')
    assert.equal(verdict('https://CAROL.example/1'), 'accept')
    assert.equal(verdict('https://dave.example/1'), 'hold')
  })

  it('clear the way for nobody but the host that was allowed', () => {
    const decided = { allow: ['carol.example'], deny: ['mallory.example'] }
    const verdict = (...addresses: string[]) => judgeSender(addresses, { policy, decided }).verdict
    assert.equal(verdict('https://carol.example/1', 'carol.example'), 'accept')
    assert.equal(verdict('https://carol.example/1', 'eve.example'), 'reject')
    assert.equal(verdict('https://carol.example/1', 'mallory.example'), 'reject')
    assert.equal(verdict('https://dave.example/1', 'carol.example'), 'hold')
  })

  it('are about everybody at a host, or about one person', () => {
    const decided = { allow: ['chat.example'], deny: ['bob.example', 'eve@chat.example'] }
    const verdict = (...addresses: string[]) => judgeSender(addresses, { policy, decided }).verdict
    assert.equal(verdict('bob@bob.example', 'bob.example'), 'reject')
    assert.equal(verdict('Bob@Bob.Example'), 'reject')
    assert.equal(verdict('https://bob.example/'), 'reject')
    assert.equal(verdict('eve@chat.example', 'chat.example'), 'reject')
    assert.equal(verdict('Eve+2@chat.example', 'chat.example'), 'reject')
    assert.equal(verdict('dan@chat.example', 'chat.example'), 'accept')
    assert.equal(verdict('https://chat.example/1', 'chat.example'), 'accept')
  })

  it('on one person count more than on their host', () => {
    const decided = { allow: ['bob@chat.example'], deny: ['chat.example'] }
    const verdict = (...addresses: string[]) => judgeSender(addresses, { policy, decided }).verdict
    assert.equal(verdict('bob@chat.example', 'chat.example'), 'accept')
    assert.equal(verdict('bob+1@chat.example', 'chat.example'), 'reject')
    assert.equal(verdict('eve@chat.example', 'chat.example'), 'reject')
    assert.equal(verdict('bob@chat.example', 'chat.example', 'eve.example'), 'reject')
  })

  it('are kept: the last one about a host counts, until it is forgotten', async () => {
    const store = createMemoryStore({ now })
    const decisions = openDecisions(store)
    const { judge: judgeNow, isDenied } = createSenderPolicy(policy, decisions)
    const verdict = async () => (await judgeNow(['https://dave.example/1'])).verdict
    assert.equal(await verdict(), 'hold')
    await decisions.block('DAVE.example')
    assert.equal(await verdict(), 'reject')
    assert.equal(await isDenied('https://dave.example/1'), true)
    await decisions.allow('dave.example')
    assert.equal(await verdict(), 'accept')
    assert.deepEqual(await openDecisions(store).read(), { allow: ['dave.example'], deny: [] })
    await decisions.forget('dave.example')
    assert.equal(await verdict(), 'hold')
  })

  it('are about a host on all of its ports, and with the dot of the root', async () => {
    const decisions = openDecisions(createMemoryStore({ now }))
    const { judge: judgeNow } = createSenderPolicy(policy, decisions)
    const verdict = async (address: string) => (await judgeNow([address])).verdict
    await decisions.block('dave.example:8443')
    assert.deepEqual((await decisions.read()).deny, ['dave.example'])
    for (const address of ['https://dave.example/', 'https://dave.example./', 'dave.example:1']) {
      assert.equal(await verdict(address), 'reject')
    }
    assert.equal(await verdict('https://dave.example.carol.example/'), 'hold')
    await decisions.allow('dave.example.')
    assert.equal(await verdict('https://dave.example:8443/'), 'accept')
    await decisions.forget('dave.example:1')
    assert.equal(await verdict('https://dave.example/'), 'hold')
  })

  it('count, too, where they were kept with a port, and are forgotten as any', async () => {
    const decided = { allow: [], deny: ['dave.example:8443'] }
    const store = createMemoryStore({ now })
    await store.createIfAbsent('policy/decisions', decided)
    await openDecisions(store).forget('dave.example:8443')
    assert.deepEqual((await openDecisions(store).read()).deny, [])
    assert.equal(judgeSender(['https://dave.example/'], { policy, decided }).verdict, 'reject')
    assert.equal(judgeSender(['https://carol.example/'], { policy, decided }).verdict, 'hold')
  })

  it('do not call denied what is only refused for want of a rule', async () => {
    const strict = compilePolicy(lists({ otherwise: 'reject', deny: ['eve.example'] }))
    const { isDenied } = createSenderPolicy(strict, openDecisions(createMemoryStore({ now })))
    assert.equal(await isDenied('https://eve.example/1'), true)
    assert.equal(await isDenied('https://bob.example/1'), false)
  })

  it('are at most so many', async () => {
    const decisions = openDecisions(createMemoryStore({ now }))
    for (let i = 0; i <= 1000; i++) await decisions.block(`h${i}.example`)
    const { deny } = await decisions.read()
    assert.equal(deny.length, 1000)
    assert.equal(deny[0], 'h1000.example')
  })
})
