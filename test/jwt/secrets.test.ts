import assert from 'node:assert/strict'
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SECRET_KINDS, type ClaimsOf, type SecretKind } from '../../lib/jwt/kinds.ts'
import { createSecrets, type Opened, type Secrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Store } from '../../lib/store/store.ts'
import { holds } from '../support/property.ts'

const MIDNIGHT = Date.parse('2026-11-21T00:00:00Z')
const KEY = Buffer.alloc(32, 1)
const OTHER_KEY = Buffer.alloc(32, 2)
const ME = 'https://bob.example/'

/** Claims of each kind, as like each other as they may be. */
const CLAIMS: ClaimsOf = {
  'webmention-code': { recipient: ME },
  'seed-code': { me: ME, audience: ME },
  'authorization-code': { client_id: ME, redirect_uri: ME, scope: [] },
  ticket: { subject: ME, resource: ME },
  'access-token': { me: ME, scope: [], family: 'fffff' },
  'refresh-token': { me: ME, scope: [], family: 'fffff' },
  session: { reader: ME, by: 'indieauth' },
  device: {},
  csrf: { session: 'sssss', form: 'f' },
  'pm-token': { message: 'm', from: ME, to: ME },
  'pm-standing-token': { from: ME, to: ME, family: 'fffff' },
  'intertalk-token': { user: 'bob@bob.example' },
  'fmtp-session': { server: 'bob.example' },
  call: { purpose: 'p' },
}
const KINDS = Object.keys(SECRET_KINDS) as SecretKind[]

interface Setup {
  readonly keys?: readonly [Uint8Array, ...Uint8Array[]]
  readonly site?: string
  readonly store?: Store
  readonly clock?: { seconds: number }
}

function create({
  keys = [KEY],
  site = 'https://alice.example/',
  clock,
  store,
}: Setup = {}): Secrets {
  const now = () => new Date(MIDNIGHT + (clock?.seconds ?? 0) * 1000)
  return createSecrets({
    keys,
    site: new URL(site),
    store: store ?? createMemoryStore({ now }),
    now,
  })
}

const reasonOf = async (secrets: Secrets, secret: string, kind: SecretKind = 'session') => {
  const opened = await secrets.open(kind, secret)
  return opened.valid ? 'valid' : opened.reason
}
const issueAny = (secrets: Secrets, kind: SecretKind): Promise<string> =>
  secrets.issue(kind, CLAIMS[kind] as never)

describe('the kinds of secrets', () => {
  it('are all in this test', () => {
    assert.deepEqual(Object.keys(CLAIMS).sort(), [...KINDS].sort())
    assert.ok(KINDS.length >= 9)
  })

  for (const kind of KINDS) {
    it(`${kind}: opens as itself, with what it says`, async () => {
      const secrets = create()
      const opened = await secrets.open(kind, await issueAny(secrets, kind))
      assert.ok(opened.valid)
      assert.deepEqual(opened.claims, CLAIMS[kind])
      assert.equal(opened.issued.getTime(), MIDNIGHT)
      assert.equal(opened.expires.getTime(), MIDNIGHT + SECRET_KINDS[kind].lifetime * 1000)
      assert.match(opened.id, /^[\w-]{22}$/)
    })

    it(`${kind}: is never accepted as another, be it opened or redeemed`, async () => {
      const secrets = create()
      const secret = await issueAny(secrets, kind)
      for (const other of KINDS.filter((name) => name !== kind)) {
        assert.equal(await reasonOf(secrets, secret, other), 'not ours', other)
        assert.equal((await secrets.redeem(other, secret)).valid, false, other)
      }
      assert.ok((await secrets.redeem(kind, secret)).valid, 'and nobody has spent it')
    })

    it(`${kind}: is good until its time is over`, async () => {
      const clock = { seconds: 0 }
      const secrets = create({ clock })
      const secret = await issueAny(secrets, kind)
      clock.seconds = SECRET_KINDS[kind].lifetime - 1
      assert.equal(await reasonOf(secrets, secret, kind), 'valid')
      clock.seconds += 1
      assert.equal(await reasonOf(secrets, secret, kind), 'expired')
    })
  }
})

describe('open()', () => {
  /** A token signed as ours are, with anything changed. */
  function forge(
    header: object,
    payload: object,
    { hash = 'sha256', key = signingKey('session') }: { hash?: string; key?: Uint8Array } = {},
  ): string {
    const [head, body] = [header, payload].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    )
    const signature = createHmac(hash, key).update(`${head}.${body}`).digest('base64url')
    return `${head}.${body}.${signature}`
  }
  const signingKey = (kind: string, master: Uint8Array = KEY) =>
    new Uint8Array(hkdfSync('sha256', master, '', `private-posts/${kind}/v1`, 32))
  const iat = MIDNIGHT / 1000
  const payload = {
    c: CLAIMS.session,
    iss: 'https://alice.example',
    jti: 'jjjjj',
    iat,
    exp: iat + 60,
  }
  const without = (name: string) =>
    Object.fromEntries(Object.entries(payload).filter(([other]) => other !== name))

  it('takes what is signed with our key, so that what follows is refused for its own sake', async () => {
    assert.equal(await reasonOf(create(), forge({ alg: 'HS256' }, payload)), 'valid')
  })

  for (const [why, secret] of [
    ['alg none', forge({ alg: 'none' }, payload)],
    ['alg none without a signature', forge({ alg: 'none' }, payload).replace(/[^.]*$/, '')],
    ['HS512 with our key', forge({ alg: 'HS512' }, payload, { hash: 'sha512' })],
    ['HS384 with our key', forge({ alg: 'HS384' }, payload, { hash: 'sha384' })],
    ['an unknown critical header', forge({ alg: 'HS256', crit: ['x'], x: 1 }, payload)],
    ['a payload that is not encoded', forge({ alg: 'HS256', crit: ['b64'], b64: false }, payload)],
    ['another site', forge({ alg: 'HS256' }, { ...payload, iss: 'https://eve.example' })],
    ['no site', forge({ alg: 'HS256' }, without('iss'))],
    ['no id', forge({ alg: 'HS256' }, without('jti'))],
    ['no date', forge({ alg: 'HS256' }, without('iat'))],
    ['no end', forge({ alg: 'HS256' }, without('exp'))],
    ['no claims', forge({ alg: 'HS256' }, without('c'))],
    ['a claim too many', forge({ alg: 'HS256' }, { ...payload, c: { ...CLAIMS.session, x: 1 } })],
    ['claims of another kind', forge({ alg: 'HS256' }, { ...payload, c: CLAIMS.call })],
    ['a date in the future', forge({ alg: 'HS256' }, { ...payload, iat: iat + 61, exp: iat + 90 })],
    ['not yet', forge({ alg: 'HS256' }, { ...payload, nbf: iat + 61 })],
    ['a date that is text', forge({ alg: 'HS256' }, { ...payload, exp: '9999999999' })],
    [
      "another master's key",
      forge({ alg: 'HS256' }, payload, { key: signingKey('session', OTHER_KEY) }),
    ],
    ['the master key itself', forge({ alg: 'HS256' }, payload, { key: KEY })],
    [
      'a public value for a key',
      forge({ alg: 'HS256' }, payload, { key: Buffer.from('alice.example') }),
    ],
    ['nothing', ''],
    ['no token', 'xxxxxxx'],
    ['dots', '..'],
    ['more dots', '....'],
  ] as const) {
    it(`refuses ${why}`, async () => {
      assert.equal(await reasonOf(create(), secret), 'not ours')
    })
  }

  it('bears with clocks that differ by a minute', async () => {
    const early = forge({ alg: 'HS256' }, { ...payload, iat: iat + 60, exp: iat + 90 })
    assert.equal(await reasonOf(create(), early), 'valid')
  })

  it('refuses one in which any letter was changed', async () => {
    const secrets = create()
    const secret: string = await secrets.issue('session', CLAIMS.session)
    for (let i = 0; i < secret.length; i++) {
      const letter = secret[i] === 'A' ? 'B' : 'A'
      const changed = secret.slice(0, i) + letter + secret.slice(i + 1)
      // The last letter of a base64url text carries bits that mean nothing.
      const sameBytes = Buffer.from(changed.split('.')[2] ?? '', 'base64url').equals(
        Buffer.from(secret.split('.')[2] ?? '', 'base64url'),
      )
      const isSame =
        sameBytes && changed.split('.').slice(0, 2).join() === secret.split('.').slice(0, 2).join()
      assert.equal(await reasonOf(secrets, changed), isSame ? 'valid' : 'not ours', String(i))
    }
  })

  it('refuses anything whatever without breaking (property)', async (t) => {
    const secrets = create()
    const parts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
    )
    const texts = fc.oneof(
      parts,
      fc.array(parts, { maxLength: 6 }).map((list) => list.join('.')),
    )
    const check = async (text: string) => {
      assert.equal(await reasonOf(secrets, text), 'not ours')
      assert.equal(await secrets.unseal(text), undefined)
    }
    await holds(t, fc.asyncProperty(texts, check), { numRuns: 500 })
  })

  it('refuses what another site signed with the same secret', async () => {
    const theirs = await create({ site: 'https://eve.example/' }).issue('session', CLAIMS.session)
    assert.equal(await reasonOf(create(), theirs), 'not ours')
    assert.equal(await reasonOf(create({ site: 'https://eve.example/' }), theirs), 'valid')
  })
})

describe('rotation', () => {
  it('opens what the key before signed, and signs with the new one', async () => {
    const before = await create().issue('session', CLAIMS.session)
    const sealed = await create().seal('a text')
    const rotated = create({ keys: [OTHER_KEY, KEY] })
    assert.equal(await reasonOf(rotated, before), 'valid')
    assert.equal(await rotated.unseal(sealed), 'a text')

    const after = await rotated.issue('session', CLAIMS.session)
    assert.equal(await reasonOf(create({ keys: [OTHER_KEY] }), after), 'valid')
    assert.equal(await reasonOf(create(), after), 'not ours')
  })

  it('ends with the key', async () => {
    const before = await create().issue('session', CLAIMS.session)
    const sealed = await create().seal('a text')
    const after = create({ keys: [OTHER_KEY] })
    assert.equal(await reasonOf(after, before), 'not ours')
    assert.equal(await after.unseal(sealed), undefined)
  })

  it('keeps the time of what the key before signed', async () => {
    const clock = { seconds: 0 }
    const before = await create({ clock }).issue('call', CLAIMS.call)
    clock.seconds = SECRET_KINDS.call.lifetime
    assert.equal(
      await reasonOf(create({ keys: [OTHER_KEY, KEY], clock }), before, 'call'),
      'expired',
    )
  })

  it('keeps what is spent spent, and what is revoked revoked', async () => {
    const store = createMemoryStore({ now: () => new Date(MIDNIGHT) })
    const before = create({ store })
    const [spent, revoked] = [
      await before.issue('ticket', CLAIMS.ticket),
      await before.issue('session', CLAIMS.session),
    ]
    await before.redeem('ticket', spent)
    await before.revoke((await before.open('session', revoked)) as Opened<'session'>)
    const after = create({ store, keys: [OTHER_KEY, KEY] })
    assert.deepEqual(await after.redeem('ticket', spent), { valid: false, reason: 'spent' })
    assert.equal(await reasonOf(after, revoked), 'revoked')
  })
})

describe('redeem()', () => {
  it('gives it to exactly one of 1,000 who come at once', async () => {
    const secrets = create()
    const ticket = await secrets.issue('ticket', CLAIMS.ticket)
    const outcomes = await Promise.all(
      Array.from({ length: 1000 }, () => secrets.redeem('ticket', ticket)),
    )
    assert.equal(outcomes.filter(({ valid }) => valid).length, 1)
    const others = outcomes.filter((outcome) => !outcome.valid)
    assert.ok(others.every((outcome) => !outcome.valid && outcome.reason === 'spent'))
  })

  it('knows what was spent for as long as it could be brought', async () => {
    const clock = { seconds: 0 }
    const secrets = create({ clock })
    const ticket = await secrets.issue('ticket', CLAIMS.ticket)
    await secrets.redeem('ticket', ticket)
    clock.seconds = SECRET_KINDS.ticket.lifetime - 1
    assert.deepEqual(await secrets.redeem('ticket', ticket), { valid: false, reason: 'spent' })
  })

  it('spends one and not its like', async () => {
    const secrets = create()
    const [one, two] = [
      await secrets.issue('ticket', CLAIMS.ticket),
      await secrets.issue('ticket', CLAIMS.ticket),
    ]
    assert.notEqual(one, two)
    assert.ok((await secrets.redeem('ticket', one)).valid)
    assert.ok((await secrets.redeem('ticket', two)).valid)
  })
})

describe('revoke() and revokeFamily()', () => {
  it('ends one', async () => {
    const secrets = create()
    const [one, two] = [
      await secrets.issue('access-token', CLAIMS['access-token']),
      await secrets.issue('access-token', CLAIMS['access-token']),
    ]
    await secrets.revoke((await secrets.open('access-token', one)) as Opened<'access-token'>)
    assert.equal(await reasonOf(secrets, one, 'access-token'), 'revoked')
    assert.equal(await reasonOf(secrets, two, 'access-token'), 'valid')
  })

  it('ends a family, those who are yet to come as well, and no other', async () => {
    const clock = { seconds: 0 }
    const secrets = create({ clock })
    const issue = (kind: 'access-token' | 'refresh-token', family: string) =>
      secrets.issue(kind, { ...CLAIMS['refresh-token'], family })
    const refresh = await issue('refresh-token', 'one')
    const other = await issue('refresh-token', 'two')
    const none = await secrets.issue('access-token', { me: ME, scope: [] })
    await secrets.revokeFamily('one')
    const late = await issue('access-token', 'one')
    assert.equal(await reasonOf(secrets, refresh, 'refresh-token'), 'revoked')
    assert.equal(await reasonOf(secrets, late, 'access-token'), 'revoked')
    assert.equal(await reasonOf(secrets, other, 'refresh-token'), 'valid')
    assert.equal(await reasonOf(secrets, none, 'access-token'), 'valid')
    clock.seconds = SECRET_KINDS['refresh-token'].lifetime - 1
    assert.equal(await reasonOf(secrets, refresh, 'refresh-token'), 'revoked')
  })
})

describe('seal() and unseal()', () => {
  it('keep a text for our own eyes', async () => {
    const secrets = create()
    for (const text of ['', 'yyyyyyyyyy', 'ünï 🦄', 'x'.repeat(10_000)]) {
      const sealed = await secrets.seal(text)
      assert.equal(await secrets.unseal(sealed), text)
      if (text !== '') assert.equal(sealed.includes(Buffer.from(text).toString('base64url')), false)
    }
    assert.notEqual(await secrets.seal('same'), await secrets.seal('same'))
  })

  it('refuse what was changed, and what is signed instead', async () => {
    const secrets = create()
    const sealed = await secrets.seal('yyyyyyyyyy')
    for (let i = 0; i < sealed.length; i += 3) {
      const changed = sealed.slice(0, i) + (sealed[i] === 'A' ? 'B' : 'A') + sealed.slice(i + 1)
      assert.equal(await secrets.unseal(changed), undefined, String(i))
    }
    assert.equal(await secrets.unseal(await secrets.issue('session', CLAIMS.session)), undefined)
    assert.equal(await reasonOf(secrets, sealed), 'not ours')
  })
})

describe('nameOf()', () => {
  it('is the same for the same, another for anything else, and tells nothing', () => {
    const secrets = create()
    const name = secrets.nameOf('realm', ME)
    assert.match(name, /^[\w-]{22}$/)
    assert.equal(create().nameOf('realm', ME), name)
    const others = [
      secrets.nameOf('feed', ME),
      secrets.nameOf('realm', 'https://eve.example/'),
      secrets.nameOf('realm\0', ME),
      create({ keys: [OTHER_KEY] }).nameOf('realm', ME),
      createHash('sha256').update(ME).digest('base64url').slice(0, 22),
    ]
    assert.equal(new Set([name, ...others]).size, others.length + 1)
  })

  it('is known by the secret before this one, too, and by no other', () => {
    const before = create({ keys: [OTHER_KEY] }).nameOf('realm', ME)
    const now = create({ keys: [KEY, OTHER_KEY] })
    assert.deepEqual(now.namesOf('realm', ME), [now.nameOf('realm', ME), before])
    assert.deepEqual(create().namesOf('realm', ME), [create().nameOf('realm', ME)])
  })
})
