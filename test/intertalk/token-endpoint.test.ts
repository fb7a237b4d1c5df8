import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  createLocalTokenEndpoint,
  type PassphraseCheck,
} from '../../lib/intertalk/token-endpoint.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const now = () => NOW
const PASSPHRASE = 'correct horse battery staple'
const address = { local: 'Alice', domain: 'alice.example' }

function start(check?: PassphraseCheck | null) {
  const tries: string[] = []
  const store = createMemoryStore({ now })
  const site = new URL('https://alice.example/')
  const secrets = createSecrets({ keys: [new Uint8Array(32).fill(1)], site, store, now })
  const right: PassphraseCheck = async (passphrase) => {
    tries.push(passphrase)
    return { ok: passphrase === PASSPHRASE }
  }
  const checkPassphrase = check === null ? undefined : (check ?? right)
  const endpoint = createLocalTokenEndpoint({ address, secrets, checkPassphrase })
  const post = (fields: Record<string, string> | URLSearchParams, headers = {}) =>
    endpoint(
      new Request('https://alice.example/token', {
        method: 'POST',
        headers,
        body: new URLSearchParams(fields),
      }),
    )
  return { tries, secrets, endpoint, post }
}

const LOGIN = { grant_type: 'password', username: 'alice', password: PASSPHRASE }

describe('createLocalTokenEndpoint()', () => {
  for (const username of [
    'alice',
    'Alice',
    'ALICE@alice.example',
    'alice@ALICE.example',
    ' alice ',
  ]) {
    it(`gives "${username}" with the passphrase a token of twelve hours`, async () => {
      const { post, secrets } = start()
      const response = await post({ ...LOGIN, username })
      assert.equal(response.status, 200)
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.equal(response.headers.get('access-control-allow-origin'), '*')
      const { access_token, ...rest } = (await response.json()) as { access_token: string }
      assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 12 * 60 * 60 })
      const opened = await secrets.open('intertalk-token', access_token)
      assert.ok(opened.valid && opened.claims.user === 'alice@alice.example')
    })
  }

  it('answers an unknown user and a wrong password alike, after the same work', async () => {
    const { post, tries } = start()
    const answers = []
    for (const wrong of [
      { username: 'bob' },
      { username: 'alice@bob.example' },
      { username: 'alice', password: 'wrong' },
      { username: 'bob', password: 'wrong' },
    ]) {
      const response = await post({ ...LOGIN, ...wrong })
      answers.push([response.status, await response.text()])
    }
    assert.equal(tries.length, 4)
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(answers[0]?.[0], 400)
    assert.match(String(answers[0]?.[1]), /"invalid_grant"/)
  })

  for (const [missing, value] of [
    ['username', ''],
    ['password', ''],
  ] as const) {
    it(`wants a ${missing}`, async () => {
      const { post, tries } = start()
      const response = await post({ ...LOGIN, [missing]: value })
      assert.equal(response.status, 400)
      assert.match(await response.text(), /"invalid_request"/)
      assert.deepEqual(tries, [])
    })
  }

  it('refuses a field that is there twice', async () => {
    const { post } = start()
    const form = new URLSearchParams(LOGIN)
    form.append('username', 'bob')
    assert.match(await (await post(form)).text(), /"invalid_request"/)
  })

  it('answers 429 with Retry-After where there were too many tries', async () => {
    const { post } = start(async () => ({ ok: false, retryAfter: 60 }))
    const response = await post(LOGIN)
    assert.deepEqual([response.status, response.headers.get('retry-after')], [429, '60'])
  })

  it('hands request and context to whoever counts the tries', async () => {
    const seen: unknown[] = []
    const { endpoint } = start(async (_, { request, context }) => {
      seen.push(request.headers.get('x-test'), context?.clientAddress)
      return { ok: false }
    })
    const request = new Request('https://alice.example/token', {
      method: 'POST',
      headers: { 'x-test': 'yes' },
      body: new URLSearchParams(LOGIN),
    })
    await endpoint(request, { waitUntil: () => {}, clientAddress: '192.0.2.7' })
    assert.deepEqual(seen, ['yes', '192.0.2.7'])
  })

  it('supports no password grant where the owner has no passphrase', async () => {
    const response = await start(null).post(LOGIN)
    assert.equal(response.status, 400)
    assert.match(await response.text(), /"unsupported_grant_type"/)
  })

  it('knows no other grants', async () => {
    const response = await start().post({ ...LOGIN, grant_type: 'client_credentials' })
    assert.match(await response.text(), /"unsupported_grant_type"/)
  })

  it('takes forms only', async () => {
    const { endpoint } = start()
    const body = JSON.stringify(LOGIN)
    const headers = { 'content-type': 'application/json' }
    const url = 'https://alice.example/token'
    const response = await endpoint(new Request(url, { method: 'POST', headers, body }))
    assert.equal(response.status, 415)
  })

  it('never says the password again', async () => {
    const { post } = start()
    const response = await post({ ...LOGIN, username: 'bob' })
    assert.doesNotMatch(await response.text(), /horse|bob/)
  })

  it('revokes a token for whoever has it, and answers alike where there is none', async () => {
    const { post, secrets } = start()
    const { access_token: token } = (await (await post(LOGIN)).json()) as { access_token: string }
    assert.equal((await secrets.open('intertalk-token', token)).valid, true)
    assert.equal((await post({ action: 'revoke', token })).status, 200)
    assert.equal((await secrets.open('intertalk-token', token)).valid, false)
    assert.equal((await post({ action: 'revoke', token: 'nonsense' })).status, 200)
    assert.equal((await post({ action: 'revoke' })).status, 400)
  })

  it('lets the pages of every origin ask, without cookies', async () => {
    const { endpoint } = start()
    const headers = {
      origin: 'https://client.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    }
    const url = 'https://alice.example/token'
    const response = await endpoint(new Request(url, { method: 'OPTIONS', headers }))
    assert.equal(response.status, 204)
    assert.equal(response.headers.get('access-control-allow-origin'), '*')
    assert.equal(response.headers.has('access-control-allow-credentials'), false)
    assert.match(response.headers.get('access-control-allow-methods') ?? '', /\bPOST\b/)
    assert.match(response.headers.get('access-control-allow-headers') ?? '', /\bcontent-type\b/)
  })

  it('answers other methods with 405', async () => {
    const response = await start().endpoint(new Request('https://alice.example/token'))
    assert.deepEqual([response.status, response.headers.get('allow')], [405, 'POST, OPTIONS'])
  })
})
