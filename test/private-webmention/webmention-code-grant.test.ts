import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createWeb } from '../support/web.ts'
import { ALICE, BOB, createClock, createTestSite, form } from './sites.ts'

function createAlice() {
  const clock = createClock()
  const web = createWeb({})
  const site = createTestSite(ALICE, { ...web, now: clock.now })
  const redeem = (fields: Record<string, string>) =>
    site.token(new Request(site.tokenEndpoint, form(fields)))
  const issue = () => site.secrets.issue('webmention-code', { recipient: BOB })
  return { ...site, clock, redeem, issue, web }
}

const grant_type = 'authorization_code'

describe('webmentionCodeGrant()', () => {
  it('MUST accept grant_type and code, and nothing else', async () => {
    const { redeem, issue, secrets } = createAlice()
    const response = await redeem({ grant_type, code: await issue() })
    assert.equal(response.status, 200)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.equal(response.headers.get('pragma'), 'no-cache')

    const answer = (await response.json()) as Record<string, unknown>
    assert.deepEqual(Object.keys(answer), ['access_token', 'token_type', 'expires_in'])
    assert.equal(String(answer['token_type']).toLowerCase(), 'bearer')
    assert.equal(answer['expires_in'], 24 * 60 * 60)
    const opened = await secrets.open('access-token', String(answer['access_token']))
    assert.deepEqual(opened.valid && opened.claims, { me: BOB, scope: ['read'] })
  })

  it('gives one token for a code, to however many that bring it at once', async () => {
    const { redeem, issue } = createAlice()
    const code = await issue()
    const responses = await Promise.all(
      Array.from({ length: 1000 }, () => redeem({ grant_type, code })),
    )
    const statuses = responses.map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 200).length, 1)
    assert.equal(statuses.filter((status) => status === 400).length, 999)
  })

  it('MUST refuse a code after ten minutes', async () => {
    const { redeem, issue, clock } = createAlice()
    const [early, late] = [await issue(), await issue()]
    clock.wait(599)
    assert.equal((await redeem({ grant_type, code: early })).status, 200)
    clock.wait(2)
    const response = await redeem({ grant_type, code: late })
    assert.deepEqual(await response.json(), {
      error: 'invalid_grant',
      error_description: 'the code is unknown, expired or used',
    })
  })

  it('takes no other secret for a code', async () => {
    const { redeem, issue, secrets } = createAlice()
    const others = [
      await secrets.issue('seed-code', {
        me: BOB,
        audience: 'https://alice.example/indieauth/token',
      }),
      await secrets.issue('ticket', { subject: BOB, resource: 'https://alice.example/private/' }),
      await secrets.issue('access-token', { me: BOB, scope: ['read'] }),
      await secrets.issue('refresh-token', { me: BOB, scope: ['read'], family: 'x' }),
      await secrets.issue('session', { reader: BOB, by: 'indieauth' }),
      await secrets.issue('csrf', { session: 'x', form: 'x' }),
      await secrets.issue('call', { purpose: 'x' }),
      await secrets.issue('authorization-code', {
        client_id: BOB,
        redirect_uri: BOB,
        scope: ['read'],
      }),
      'xxxxxxx',
      'x'.repeat(60_000),
    ]
    for (const code of others) {
      const response = await redeem({ grant_type, code })
      assert.equal(response.status, 400)
      assert.ok(!(await response.text()).includes(code.slice(-40)))
    }
    assert.equal((await redeem({ grant_type, code: await issue() })).status, 200)
  })

  it("leaves the owner's own clients to their own grant", async () => {
    const { redeem, issue } = createAlice()
    for (const name of ['client_id', 'redirect_uri', 'code_verifier']) {
      const response = await redeem({ grant_type, code: await issue(), [name]: BOB })
      const { error } = (await response.json()) as { error: string }
      assert.equal(error, 'unsupported_grant_type', name)
    }
  })

  it('does not mind a superfluous me', async () => {
    const { redeem, issue, web } = createAlice()
    assert.equal((await redeem({ grant_type, code: await issue(), me: BOB })).status, 200)
    assert.deepEqual(web.log, [])
  })

  it('names what is missing', async () => {
    const { redeem } = createAlice()
    assert.deepEqual(await (await redeem({ grant_type })).json(), {
      error: 'invalid_request',
      error_description: '"code" is missing',
    })
    assert.equal((await redeem({})).status, 400)
  })
})
