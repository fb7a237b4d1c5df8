import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseLinkHeader } from '../../lib/web/link-header.ts'
import { BOB, createAlice, DINNER, form, LETTER, MUM, NOWHERE, SECRET, seen } from './site.ts'
import { holds } from '../support/property.ts'

/** Of readers, posts and files: nothing of it may be seen by those who may not read. */
const TELLING = [SECRET, 'bob.example', 'mum', 'menu', 'dinner', DINNER, LETTER]

describe('the gate to a stranger', () => {
  it('answers GET with 401, both challenges and Link rels in the header', async () => {
    const { status, headers } = await createAlice().ask(`/private/${DINNER}/`)
    assert.equal(status, 401)
    assert.equal(headers.get('www-authenticate'), 'IndieAuth, Bearer realm="private", scope="read"')
    const links = parseLinkHeader(headers.get('link') ?? '')
    const rels = links.flatMap(({ uri, rel }) => rel.map((name) => [name, uri]))
    assert.deepEqual(rels, [
      ['token_endpoint', 'https://alice.example/indieauth/token'],
      ['oauth2-token', 'https://alice.example/indieauth/token'],
      ['indieauth-metadata', 'https://alice.example/indieauth/metadata'],
      ['webmention', 'https://alice.example/webmention'],
    ])
    assert.equal(headers.get('cache-control'), 'private, no-store')
    assert.equal(headers.get('vary'), 'Authorization, Cookie')
    assert.match(headers.get('x-robots-tag') ?? '', /noindex/)
    assert.equal(headers.get('referrer-policy'), 'no-referrer')
    assert.match(headers.get('content-type') ?? '', /^text\/html\b/)
  })

  it('answers HEAD like GET, without the body', async () => {
    const alice = createAlice()
    const get = await seen(await alice.ask(`/private/${DINNER}/`))
    const head = await seen(await alice.ask(`/private/${DINNER}/`, { method: 'HEAD' }))
    assert.deepEqual([head.status, head.headers, head.body], [401, get.headers, ''])
    const length = get.headers.find(([name]) => name === 'content-length')?.[1]
    assert.equal(Number(length), get.body.length)
  })

  it('answers the same bytes for every path, existing or not (property)', async (t) => {
    const alice = createAlice()
    const expected = await seen(await alice.ask(`/private/${DINNER}/`))
    const paths = fc.oneof(
      fc.webPath(),
      fc.constantFrom(
        '',
        `/${DINNER}`,
        `/${DINNER}/menu.pdf`,
        `/${LETTER}/`,
        `/${NOWHERE}/`,
        `/${DINNER}/?as=${BOB}`,
        '/%ff',
        '//',
        '/__proto__/',
      ),
    )
    await holds(
      t,
      fc.asyncProperty(paths, fc.constantFrom('GET', 'HEAD'), async (path, method) => {
        const response = await alice.ask(`/private${path.replace(/^(?!\/)/, '/')}`, { method })
        const { status, headers, body } = await seen(response)
        assert.deepEqual([status, headers], [401, expected.headers])
        assert.equal(body, method === 'GET' ? expected.body : '')
      }),
      { numRuns: 100 },
    )
  })

  it('reads no file for them: nothing takes longer where there is something', async () => {
    const alice = createAlice()
    await alice.ask(`/private/${DINNER}/`)
    await alice.ask('/private/', form({ me: 'not an address' }))
    assert.deepEqual(alice.reads, [])
    await alice.ask(`/private/${DINNER}/`, await alice.session(BOB))
    assert.equal(alice.reads.length, 2)
  })

  it('takes an expired or foreign session for none at all', async () => {
    const alice = createAlice()
    const expected = await seen(await alice.ask('/private/'))
    const session = await alice.session(BOB)
    assert.equal((await alice.ask(`/private/${DINNER}/`, session)).status, 200)
    alice.wait(31)
    assert.deepEqual(await seen(await alice.ask(`/private/${DINNER}/`, session)), expected)
    const foreign = await createAlice({ site: 'https://eve.example/' }).session(BOB)
    assert.deepEqual(await seen(await alice.ask(`/private/${DINNER}/`, foreign)), expected)
  })

  it('takes another scheme of Authorization for no credentials', async () => {
    const alice = createAlice()
    const expected = await seen(await alice.ask('/private/'))
    const basic = { headers: { authorization: 'Basic Ym9iOmJvYg==' } }
    assert.deepEqual(await seen(await alice.ask('/private/', basic)), expected)
  })

  it('answers other methods with 405 and the same bytes everywhere', async () => {
    const alice = createAlice()
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH', 'PROPFIND']) {
      const answers = []
      for (const path of [DINNER, NOWHERE]) {
        answers.push(await seen(await alice.ask(`/private/${path}/`, { method })))
      }
      assert.equal(answers[0]?.status, 405)
      assert.deepEqual(answers[0], answers[1])
      assert.ok(!answers[0]?.headers.some(([name]) => name.startsWith('access-control')))
    }
  })

  it('keeps to the path prefix of a site below its host', async () => {
    const alice = createAlice({ site: 'https://pages.example/alice/' })
    const { status, headers } = await alice.ask(`/alice/private/${DINNER}/`)
    assert.equal(status, 401)
    assert.match(headers.get('link') ?? '', /<https:\/\/pages\.example\/alice\/indieauth\/token>/)
    const read = await alice.ask(`/alice/private/${DINNER}/`, await alice.session(BOB))
    assert.equal(read.status, 200)
  })
})

describe('what those who may not read can see', () => {
  const refused: Record<string, (alice: ReturnType<typeof createAlice>) => Promise<Response>> = {
    'without credentials': (alice) => alice.ask(`/private/${DINNER}/`),
    'with a bad token': (alice) =>
      alice.ask(`/private/${DINNER}/`, { headers: { authorization: 'Bearer xxxxxxx' } }),
    'with too small a scope': async (alice) =>
      alice.ask(`/private/${DINNER}/`, await alice.bearer({ scope: ['create'] })),
    'as somebody else': async (alice) =>
      alice.ask(`/private/${DINNER}/`, await alice.session('https://eve.example/')),
    'with a bad form': (alice) => alice.ask('/indieauth/sign-in', form({ me: 'x y' })),
    'on the sign-in page': (alice) => alice.ask('/indieauth/sign-in'),
    'with a wrong invitation': (alice) => alice.ask('/invitation/zzzzzzzzzzzzzzzzzzzzzzzzzz'),
  }
  for (const [name, ask] of Object.entries(refused)) {
    it(`is nothing of the post, its readers or their number: ${name}`, async () => {
      const alice = createAlice()
      const { body, headers } = await seen(await ask(alice))
      const all = (body + JSON.stringify(headers)).toLowerCase()
      for (const word of TELLING) assert.ok(!all.includes(word.toLowerCase()), word)
    })
  }

  it('is the same however many posts and readers there are', async () => {
    const few = createAlice({ register: { version: 1, posts: {} } })
    const many = createAlice()
    for (const as of ['https://eve.example/', CAROL_NOT]) {
      assert.deepEqual(
        await seen(await few.ask('/private/x/', await few.session(as))),
        await seen(await many.ask(`/private/${DINNER}/`, await many.session(as))),
      )
    }
    const mum = await many.ask(
      `/private/${DINNER}/`,
      await many.session(MUM, { by: 'invitation', invitation: 'xx' }),
    )
    assert.equal(mum.status, 401)
  })
})

const CAROL_NOT = 'https://carol.example/'
