import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  hashPassphrase,
  parseOwner,
  verifyPassphrase,
} from '../../lib/indieauth/owner-passphrase.ts'
import { createOwnerSignIn, type OwnerSignIn } from '../../lib/indieauth/owner-sign-in.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { isOwner, openSession } from '../../lib/jwt/session.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { MIDNIGHT, OWNER, PASSPHRASE } from './server-alice.ts'

const [SALT = '', HASH = ''] = OWNER.split(':').slice(4)

describe('hashPassphrase()', () => {
  it('makes what verifies this passphrase and no other', async () => {
    const owner = await hashPassphrase(PASSPHRASE)
    assert.ok(await verifyPassphrase(owner, PASSPHRASE))
    for (const other of ['', PASSPHRASE.slice(1), PASSPHRASE.toUpperCase(), `${PASSPHRASE}!`]) {
      assert.equal(await verifyPassphrase(owner, other), false, other)
    }
  })

  it('makes another hash each time, with its cost in it', async () => {
    const [one, two] = await Promise.all([hashPassphrase(PASSPHRASE), hashPassphrase(PASSPHRASE)])
    assert.notEqual(one, two)
    assert.match(one, /^scrypt:15:8:3:/)
  })

  it('survives shells and files of variables without quotes', async () => {
    assert.match(await hashPassphrase(PASSPHRASE), /^[\w:-]+$/)
  })

  for (const weak of ['', 'short', 'elevenchars', 'aaaaaaaaaaaa', 'abababababab', ' elevenchar ']) {
    it(`refuses "${weak}", which could be guessed`, async () => {
      await assert.rejects(hashPassphrase(weak), ConfigurationError)
    })
  }

  it('takes twelve letters, and twelve of any alphabet', async () => {
    assert.ok(await verifyPassphrase(await hashPassphrase('twelve-chars'), 'twelve-chars'))
    assert.ok(await hashPassphrase('🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔🐧'))
    await assert.rejects(hashPassphrase('🦊🐻🐼🐨🐯🦁🐮🐷🐸🐵🐔'), ConfigurationError)
  })

  it('never says the passphrase', async () => {
    await assert.rejects(
      hashPassphrase('hunter2'),
      (error: Error) => !/hunter2/.test(error.message),
    )
  })
})

describe('verifyPassphrase()', () => {
  it('takes letters for the same whichever keyboard they come from', async () => {
    const owner = await hashPassphrase('Zoë likes ﬁsh and chips')
    assert.ok(await verifyPassphrase(owner, 'Zoe\u0308 likes fish and chips'))
    assert.equal(await verifyPassphrase(owner, 'Zoe likes fish and chips'), false)
  })

  it('overlooks the space that a telephone adds', async () => {
    assert.ok(await verifyPassphrase(OWNER, `${PASSPHRASE} `))
    assert.equal(await verifyPassphrase(OWNER, PASSPHRASE.replace(' ', '')), false)
  })

  it('does not work on a text that nobody can have typed', async () => {
    assert.equal(await verifyPassphrase(OWNER, 'x'.repeat(60_000)), false)
  })
})

describe('parseOwner()', () => {
  it('reads what hashPassphrase() makes', async () => {
    assert.ok(parseOwner(await hashPassphrase(PASSPHRASE)))
    assert.ok(parseOwner(` ${OWNER}\n`))
  })

  for (const [why, owner] of [
    ['nothing', ''],
    ['a passphrase in plain text', PASSPHRASE],
    ['another kind of hash', '$2b$12$abcdefghijklmnopqrstuv'],
    ['cheap to guess', `scrypt:13:8:1:${SALT}:${HASH}`],
    ['cheap blocks', `scrypt:14:1:1:${SALT}:${HASH}`],
    ['no pass at all', `scrypt:14:8:0:${SALT}:${HASH}`],
    ['more memory than there is', `scrypt:22:8:1:${SALT}:${HASH}`],
    ['more passes than there is time', `scrypt:14:8:99:${SALT}:${HASH}`],
    ['a short salt', `scrypt:14:8:1:AAEC:${HASH}`],
    ['a short hash', `scrypt:14:8:1:${SALT}:${HASH.slice(2)}`],
  ] as const) {
    it(`refuses ${why}, naming the variable and the remedy but not the value`, () => {
      assert.throws(
        () => parseOwner(owner),
        (error: Error) =>
          error instanceof ConfigurationError &&
          /PRIVATE_POSTS_OWNER.*init passphrase/.test(error.message) &&
          (owner === '' || !error.message.includes(owner)),
      )
    })
  }
})

describe('createOwnerSignIn()', () => {
  const site = new URL('https://alice.example/')
  /** So long that nobody looks at it for long. */
  const WRONG = 'x'.repeat(3000)
  const from = (clientAddress: string, cookie = '') => ({
    request: new Request(site, { method: 'POST', headers: { cookie } }),
    context: { clientAddress, waitUntil: () => {} },
  })
  /** Of the browser that somebody signed in with: without the session, which may be long over. */
  const deviceOf = async (signIn: OwnerSignIn, visit = from('203.0.113.1')) => {
    const outcome = await signIn(PASSPHRASE, visit)
    assert.ok(outcome.signedIn)
    return outcome.cookies[1]?.split(';')[0] ?? ''
  }

  function open(clock = { seconds: 0 }) {
    const now = () => new Date(MIDNIGHT + clock.seconds * 1000)
    const store = createMemoryStore({ now })
    const secrets = createSecrets({ keys: [Buffer.alloc(32, 1)], site, store, now })
    const options = { owner: OWNER, me: site, site, secrets, store, now }
    return { signIn: createOwnerSignIn(options), secrets }
  }

  it("starts the owner's session for the right passphrase, and nothing for a wrong one", async () => {
    const { signIn, secrets } = open()
    assert.deepEqual(await signIn('a wrong passphrase', from('192.0.2.1')), { signedIn: false })
    const outcome = await signIn(PASSPHRASE, from('192.0.2.1'))
    assert.ok(outcome.signedIn)
    for (const cookie of outcome.cookies) {
      assert.match(cookie, /^__Host-.*; HttpOnly; SameSite=Lax; Secure$/)
    }
    const cookie = outcome.cookies[0]?.split(';')[0] ?? ''
    const session = await openSession(new Request(site, { headers: { cookie } }), { secrets, site })
    assert.ok(session && isOwner(session, site))
    assert.equal(session.claims.by, 'passphrase')
  })

  it('looks at no passphrase after ten tries, not even at the right one, until time has passed', async () => {
    const clock = { seconds: 0 }
    const { signIn } = open(clock)
    for (let i = 0; i < 10; i++)
      assert.deepEqual(await signIn(WRONG, from('192.0.2.1')), { signedIn: false })
    assert.deepEqual(await signIn(PASSPHRASE, from('192.0.2.1')), {
      signedIn: false,
      retryAfter: 900,
    })
    clock.seconds = 899
    assert.deepEqual(await signIn(PASSPHRASE, from('192.0.2.1')), {
      signedIn: false,
      retryAfter: 1,
    })
    clock.seconds = 900
    assert.ok((await signIn(PASSPHRASE, from('192.0.2.1'))).signedIn)
  })

  it('does not lock the owner out because one stranger tries', async () => {
    const { signIn } = open()
    for (let i = 0; i < 150; i++) await signIn(WRONG, from('192.0.2.1'))
    assert.ok((await signIn(PASSPHRASE, from('192.0.2.2'))).signedIn)
  })

  it('counts tries that come all at once', async () => {
    const { signIn } = open()
    const tries = Array.from({ length: 40 }, () => signIn(WRONG, from('192.0.2.1')))
    const outcomes = await Promise.all(tries)
    const counted = outcomes.filter(
      (outcome) => !('retryAfter' in outcome && outcome.retryAfter === 900),
    )
    assert.equal(counted.length, 10)
  })

  it('counts a network of IPv6 as one client', async () => {
    const { signIn } = open()
    for (let i = 0; i < 10; i++) await signIn(WRONG, from(`2001:db8:1:2::${i + 1}`))
    assert.equal('retryAfter' in (await signIn(PASSPHRASE, from('2001:db8:1:2:ffff::1'))), true)
    assert.ok((await signIn(PASSPHRASE, from('2001:db8:1:3::1'))).signedIn)
  })

  it('stops a hundred strangers together', async () => {
    const { signIn } = open()
    await Promise.all(Array.from({ length: 100 }, (_, i) => signIn(WRONG, from(`192.0.2.${i}`))))
    assert.ok('retryAfter' in (await signIn(PASSPHRASE, from('198.51.100.1'))))
  })

  it('never counts strangers against a browser that the owner has signed in with', async () => {
    const clock = { seconds: 0 }
    const { signIn } = open(clock)
    const device = await deviceOf(signIn)
    clock.seconds = 179 * 24 * 60 * 60
    for (let i = 0; i < 120; i++) await signIn(WRONG, from(`192.0.2.${i}`))
    for (let i = 0; i < 10; i++) await signIn(WRONG, from('203.0.113.1'))
    assert.ok('retryAfter' in (await signIn(PASSPHRASE, from('203.0.113.1'))))
    assert.ok((await signIn(PASSPHRASE, from('203.0.113.1', device))).signedIn)
    clock.seconds = 180 * 24 * 60 * 60
    for (let i = 0; i < 10; i++) await signIn(WRONG, from('203.0.113.1'))
    assert.ok('retryAfter' in (await signIn(PASSPHRASE, from('203.0.113.1', device))))
  })

  it('counts such a browser, too, wherever it is', async () => {
    const { signIn } = open()
    const [device, other] = [await deviceOf(signIn), await deviceOf(signIn)]
    for (let i = 0; i < 10; i++) {
      assert.deepEqual(await signIn(WRONG, from(`192.0.2.${i}`, device)), { signedIn: false })
    }
    assert.deepEqual(await signIn(PASSPHRASE, from('192.0.2.99', device)), {
      signedIn: false,
      retryAfter: 900,
    })
    assert.ok((await signIn(PASSPHRASE, from('192.0.2.99', other))).signedIn)
  })

  it('takes no cookie for such a browser but the one that it made, and that one for nothing else', async () => {
    const { signIn, secrets } = open()
    const outcome = await signIn(PASSPHRASE, from('203.0.113.1'))
    assert.ok(outcome.signedIn)
    const [session = '', device = ''] = outcome.cookies.map((cookie) => cookie.split(';')[0] ?? '')
    const [name = ''] = device.split('=')
    for (let i = 0; i < 10; i++) await signIn(WRONG, from('192.0.2.1'))
    for (const cookie of [session, `${name}=${session.split('=')[1]}`, `${name}=x`, `${name}=`]) {
      assert.ok('retryAfter' in (await signIn(PASSPHRASE, from('192.0.2.1', cookie))))
    }
    const asSession = device.replace(name, session.split('=')[0] ?? '')
    for (const cookie of [device, asSession]) {
      const request = new Request(site, { headers: { cookie } })
      assert.equal(await openSession(request, { secrets, site }), undefined)
    }
  })

  it('lets eight passphrases of strangers wait at once, and the owner always', async () => {
    const { signIn } = open()
    const device = await deviceOf(signIn)
    const guesses = Array.from({ length: 12 }, (_, i) => signIn('a guess', from(`192.0.2.${i}`)))
    assert.deepEqual(await Promise.race(guesses), { signedIn: false, retryAfter: 5 })
    const owner = signIn(PASSPHRASE, from('203.0.113.1', device))
    const outcomes = await Promise.all(guesses)
    const busy = outcomes.filter((outcome) => 'retryAfter' in outcome)
    assert.deepEqual(busy, Array<unknown>(4).fill({ signedIn: false, retryAfter: 5 }))
    assert.ok((await owner).signedIn)
    assert.deepEqual(await signIn('a guess', from('192.0.2.99')), { signedIn: false })
  })

  it('refuses to start with a broken hash', () => {
    const { secrets } = open()
    const now = () => new Date(MIDNIGHT)
    const store = createMemoryStore({ now })
    assert.throws(
      () => createOwnerSignIn({ owner: 'nonsense', me: site, site, secrets, store, now }),
      ConfigurationError,
    )
  })
})
