import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createBob } from './people.ts'
import { BOB, CAROL, createAlice, DINNER, hashOf, INVITATION, LETTER, MUM, SECRET } from './site.ts'
import { holds } from '../support/property.ts'

const FOLDERS = [
  '/private/',
  '/invitation/',
  '/indieauth/sign-in',
  '/indieauth/callback',
  '/indieauth/sign-out',
  '/indieauth/client.json',
]

const piece = fc.oneof(
  fc.constantFrom(
    DINNER,
    LETTER,
    INVITATION,
    '/',
    '..',
    '%2f',
    '%ff',
    '%',
    '?',
    '#',
    '__proto__',
    'menu.pdf',
    'state=',
    'code=',
    'iss=',
    'next=',
    'as=',
    '&',
    BOB,
  ),
  fc.string({ maxLength: 20 }),
)
const request = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'),
  folder: fc.constantFrom(...FOLDERS),
  rest: fc.oneof(
    fc.constant(''),
    fc.array(piece, { maxLength: 6 }).map((parts) => parts.join('')),
  ),
  who: fc.constantFrom('nobody', 'carol', 'token', 'invited'),
  headers: fc.dictionary(
    fc.constantFrom(
      'authorization',
      'cookie',
      'range',
      'if-range',
      'origin',
      'sec-fetch-site',
      'content-length',
      'x-forwarded-for',
    ),
    fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.constantFrom(
        'Bearer',
        'Bearer ey.ey.ey',
        'bytes=0-',
        '__Host-private-posts-session=a.b.c',
        'same-origin',
      ),
    ),
  ),
  type: fc.constantFrom(
    'application/x-www-form-urlencoded',
    'application/json',
    'multipart/form-data; boundary=x',
    '',
  ),
  body: fc.oneof(
    fc.string({ maxLength: 200 }),
    fc.constantFrom(
      'me=bob.example',
      'me=%00',
      'me=eve.example&next=//eve.example',
      'csrf=x',
      'me=a&me=b',
    ),
  ),
})

describe('the gate and its endpoints', () => {
  it('answer whatever comes without a 5xx, and show nobody what is not theirs (property)', async (t) => {
    const alice = createAlice({ sites: { 'https://bob.example': createBob() } })
    const tokens = {
      nobody: {},
      carol: (await alice.session(CAROL)).headers,
      token: (await alice.bearer({ me: CAROL })).headers,
      invited: (await alice.session(MUM, { by: 'invitation', invitation: hashOf('another') }))
        .headers,
    }
    const statuses = new Set<number>()
    await holds(
      t,
      fc.asyncProperty(request, async ({ method, folder, rest, who, headers, type, body }) => {
        const url = `https://alice.example${folder}${rest}`
        const all = new Headers({ 'content-type': type })
        for (const [name, value] of Object.entries({ ...headers, ...tokens[who] })) {
          try {
            all.set(name, value)
          } catch {
            // Not a header that could be sent.
          }
        }
        const hasBody = method !== 'GET' && method !== 'HEAD'
        const response = await alice.endpoint(
          new Request(url, { method, headers: all, ...(hasBody && { body }) }),
        )
        statuses.add(response.status)
        assert.ok(response.status < 500)
        assert.ok(!(await response.text()).includes(SECRET))
        const location = response.headers.get('location')
        if (location === null) return
        const { origin } = new URL(location)
        assert.ok(['https://alice.example', 'https://bob.example'].includes(origin), location)
      }),
      { numRuns: 1_500 },
    )
    for (const status of [200, 303, 307, 400, 401, 403, 405, 410, 415])
      assert.ok(statuses.has(status), `${status}`)
  })
})
