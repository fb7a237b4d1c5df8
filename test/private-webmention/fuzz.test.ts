import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createWeb } from '../support/web.ts'
import { createWholeSite } from '../support/whole-site.ts'
import { ALICE, BOB, createTestSite, START } from './sites.ts'
import { holds } from '../support/property.ts'

const NAMES = [
  'grant_type',
  'code',
  'me',
  'ticket',
  'resource',
  'subject',
  'iss',
  'action',
  'client_id',
  'refresh_token',
  'scope',
]
const KNOWN = [
  'authorization_code',
  'ticket',
  'refresh_token',
  'xxxxxxx',
  BOB,
  ALICE,
  'https://eve.example/',
  'http://[::1]/',
  'https://\u0000/',
  '%',
]
const value = fc.oneof(fc.constantFrom(...KNOWN), fc.string({ unit: 'binary' }), fc.webUrl())
const form = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 8 })
const body = fc.oneof(
  form.map((fields) => new URLSearchParams(fields).toString()),
  fc.string({ unit: 'binary' }),
)
const answer = fc.record({
  status: fc.constantFrom(200, 201, 204, 301, 307, 400, 401, 404, 410, 429, 500, 503),
  type: fc.constantFrom('application/json', 'text/html', 'application/x-www-form-urlencoded', 'x'),
  text: fc.oneof(
    fc.constantFrom(
      `me=${BOB}`,
      `{"me":"${BOB}"}`,
      '{"access_token":"y"}',
      'access_token=y',
      '[',
      '',
    ),
    fc.json(),
    fc.string({ unit: 'binary' }),
    fc.constant('<link rel="authorization_endpoint token_endpoint ticket_endpoint" href="/x">'),
  ),
  link: fc.constantFrom(
    '',
    '</x>; rel="token_endpoint"',
    '</x>; rel="authorization_endpoint"',
    '</x>; rel="indieauth-metadata"',
    '</x>; rel="ticket_endpoint"',
    '<https://eve.example/>; rel="token_endpoint authorization_endpoint"',
    '<',
  ),
  location: fc.constantFrom('', '/', 'https://eve.example/', 'javascript:alert(1)', 'http://['),
})

type Answer = typeof answer extends fc.Arbitrary<infer Value> ? Value : never

function respond({ status, type, text, link, location }: Answer): Response {
  const empty = [204, 301, 307].includes(status)
  return new Response(empty ? null : text, {
    status,
    headers: {
      'content-type': type,
      'www-authenticate': 'Bearer',
      ...(link && { link }),
      ...(location && { location }),
    },
  })
}

function createAlice(answers: readonly Answer[]) {
  let at = 0
  const peer = async () => {
    const next = answers[at++ % answers.length]
    return next ? respond(next) : new Response(null)
  }
  const web = createWeb({ 'https://bob.example': peer, 'https://eve.example': peer })
  return { web, ...createWholeSite(ALICE, { ...web, now: () => START }) }
}

describe('whatever is posted, and whatever peers answer', () => {
  for (const path of ['token', 'ticket']) {
    it(`/indieauth/${path} answers no 5xx, repeats no field, and does not hang (property)`, async (t) => {
      await holds(
        t,
        fc.asyncProperty(
          body,
          fc.array(answer, { minLength: 1, maxLength: 4 }),
          async (text, answers) => {
            const alice = createAlice(answers)
            const secret = await alice.secrets.issue('webmention-code', { recipient: BOB })
            const response = await alice.endpoint(
              new Request(`https://alice.example/indieauth/${path}`, {
                method: 'POST',
                headers: { 'content-type': 'application/x-www-form-urlencoded' },
                body: `${text}&code=${secret}`,
              }),
            )
            await alice.settle()
            assert.ok(response.status < 500, String(response.status))
            assert.ok(!(await response.text()).includes(secret))
          },
        ),
        { numRuns: 300 },
      )
    })
  }

  it('a source is fetched, or fails in the two ways that it may (property)', async (t) => {
    const source = new URL('https://eve.example/page')
    await holds(
      t,
      fc.asyncProperty(
        fc.array(answer, { minLength: 1, maxLength: 4 }),
        fc.string({ unit: 'binary' }),
        async (answers, code) => {
          const { web } = createAlice(answers)
          const bob = createTestSite('https://carol.example/', { ...web, now: () => START })
          const { redeemed } = await bob.access.redeem({ source, code, realm: code })
          assert.equal(typeof redeemed, 'boolean')
          try {
            const { chain } = await bob.access.fetch(source, new URL('https://carol.example/'))
            assert.ok(chain.length <= 9)
          } catch (error) {
            assert.ok(error instanceof Error)
            assert.match(error.name, /^(Fetch|Response)Error$/)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
