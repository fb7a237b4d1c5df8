import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import {
  checkCsrf,
  csrfToken,
  endSession,
  isOwner,
  openSession,
  startSession,
  type Session,
} from '../../lib/jwt/session.ts'
import type { ClaimsOf } from '../../lib/jwt/kinds.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { RequestError } from '../../lib/web/errors.ts'

const alice = new URL('https://alice.example/')
const DAYS = 24 * 60 * 60
const READER: ClaimsOf['session'] = { reader: 'https://bob.example/', by: 'indieauth' }

function create(site = alice) {
  const clock = { seconds: 0 }
  const now = () => new Date(Date.parse('2026-11-21T00:00:00Z') + clock.seconds * 1000)
  const store = createMemoryStore({ now })
  const secrets = createSecrets({ keys: [Buffer.alloc(32, 1)], site, store, now })
  const options = { secrets, site }
  const cookieOf = (header: string) => header.split(';')[0] ?? ''
  const open = (cookie: string) => openSession(new Request(site, { headers: { cookie } }), options)
  const begin = async (claims: ClaimsOf['session'] = READER): Promise<Session> => {
    const session = await open(cookieOf(await startSession(claims, options)))
    assert.ok(session)
    return session
  }
  return { clock, secrets, options, cookieOf, open, begin }
}

const refusal = (error: unknown) =>
  error instanceof RequestError && error.code === 'access_denied' && error.status === 403

describe('a session', () => {
  it('is opened from the cookie that started it, for thirty days', async () => {
    const { clock, options, cookieOf, open } = create()
    const header = await startSession(READER, options)
    assert.match(header, /^__Host-private-posts-session=/)
    assert.match(header, new RegExp(`Max-Age=${30 * DAYS}; HttpOnly; SameSite=Lax; Secure$`))
    assert.deepEqual((await open(cookieOf(header)))?.claims, READER)
    clock.seconds = 30 * DAYS - 1
    assert.ok(await open(cookieOf(header)))
    clock.seconds = 30 * DAYS
    assert.equal(await open(cookieOf(header)), undefined)
  })

  it('is none without a cookie, or with what is no session', async () => {
    const { secrets, open } = create()
    const token = await secrets.issue('access-token', { me: 'https://bob.example/', scope: [] })
    for (const value of ['', 'xxxxxxx', token]) {
      assert.equal(await open(`__Host-private-posts-session=${value}`), undefined)
    }
    assert.equal(await open(''), undefined)
  })

  it('is over for every copy of the cookie once it has ended', async () => {
    const { options, cookieOf, open } = create()
    const cookie = cookieOf(await startSession(READER, options))
    const other = cookieOf(await startSession(READER, options))
    assert.match(await endSession(await open(cookie), options), /session=; Path=\/; Max-Age=0/)
    assert.equal(await open(cookie), undefined)
    assert.ok(await open(other), 'others go on')
    assert.match(await endSession(undefined, options), /Max-Age=0/)
  })

  it('works without https in development', async () => {
    const { options, cookieOf, open } = create(new URL('http://alice.localhost:8380/'))
    const header = await startSession(READER, options)
    assert.doesNotMatch(header, /__Host-|Secure/)
    assert.ok(await open(cookieOf(header)))
  })
})

describe('isOwner()', () => {
  for (const [by, reader, expected] of [
    ['passphrase', alice.href, true],
    ['indieauth', alice.href, true],
    ['invitation', alice.href, false],
    ['indieauth', 'https://bob.example/', false],
    ['indieauth', 'https://alice.example/other', false],
    ['indieauth', 'https://alice.example', false],
  ] as const) {
    it(`is ${expected} for ${reader} by ${by}`, async () => {
      assert.equal(isOwner(await create().begin({ reader, by }), alice), expected)
    })
  }
})

describe('checkCsrf()', () => {
  it('takes the form that was made for this session, and for this purpose', async () => {
    const { secrets, begin } = create()
    const session = await begin()
    const other = await begin()
    const csrf = await csrfToken(session, 'delete', secrets)
    const fields = new URLSearchParams({ csrf })
    await checkCsrf(fields, session, 'delete', secrets)
    await assert.rejects(checkCsrf(fields, other, 'delete', secrets), refusal)
    await assert.rejects(checkCsrf(fields, session, 'approve', secrets), refusal)
  })

  it('refuses a form without proof, or with something else that we signed', async () => {
    const { secrets, begin } = create()
    const session = await begin()
    const claims = { session: session.id, form: 'delete' }
    assert.ok(
      (await checkCsrf(
        new URLSearchParams({ csrf: await secrets.issue('csrf', claims) }),
        session,
        'delete',
        secrets,
      )) === undefined,
    )
    const call = await secrets.issue('call', { purpose: 'delete' })
    for (const fields of [{}, { csrf: '' }, { csrf: 'xxxxxxx' }, { csrf: call }] as Record<
      string,
      string
    >[]) {
      await assert.rejects(
        checkCsrf(new URLSearchParams(fields), session, 'delete', secrets),
        refusal,
      )
    }
  })

  it('refuses a form that is older than half a day', async () => {
    const { clock, secrets, begin } = create()
    const session = await begin()
    const fields = new URLSearchParams({ csrf: await csrfToken(session, 'delete', secrets) })
    clock.seconds = 12 * 60 * 60 - 1
    await checkCsrf(fields, session, 'delete', secrets)
    clock.seconds += 1
    await assert.rejects(checkCsrf(fields, session, 'delete', secrets), refusal)
  })
})
