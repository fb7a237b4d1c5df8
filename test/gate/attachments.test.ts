import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseGatePath } from '../../lib/gate/gate-path.ts'
import { changed, BOB, createAlice, DINNER, LETTER, SECRET } from './site.ts'

async function asBob(path: string, headers: Record<string, string> = {}) {
  const alice = createAlice()
  const bob = await alice.session(BOB)
  return alice.ask(`/private/${path}`, { headers: { ...bob.headers, ...headers } })
}

describe('the attachments of a gated post', () => {
  for (const [path, type] of [
    ['menu.pdf', 'application/pdf'],
    ['Men%C3%BC%201.png', 'image/png'],
    ['%6denu.pdf', 'application/pdf'],
    ['unknown', 'application/octet-stream'],
    ['voice.mp3', 'audio/mpeg'],
  ] as const) {
    it(`are gated: ${path}`, async () => {
      const response = await asBob(`${DINNER}/${path}`)
      assert.equal(response.status, 200)
      assert.equal(response.headers.get('content-type'), type)
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff')
      assert.equal(response.headers.get('cross-origin-resource-policy'), 'same-origin')
      assert.match(response.headers.get('cache-control') ?? '', /no-store/)
      assert.equal((await createAlice().ask(`/private/${DINNER}/${path}`)).status, 401)
    })
  }

  for (const path of ['drawing.svg', 'note.html', 'feed.xml']) {
    it(`run no script when they could: ${path}`, async () => {
      const { headers } = await asBob(`${DINNER}/${path}`)
      const policy = headers.get('content-security-policy') ?? ''
      assert.match(policy, /^sandbox; default-src 'none'/)
      assert.doesNotMatch(policy, /allow-scripts/)
    })
  }

  it('leave the post itself as its author made it, but in nobody’s frame', async () => {
    const { headers } = await asBob(`${DINNER}/`)
    assert.equal(headers.get('content-security-policy'), "frame-ancestors 'none'")
  })

  it('lie in folders, whose index is their page', async () => {
    assert.equal((await asBob(`${DINNER}/plan/`)).status, 200)
    assert.equal((await asBob(`${DINNER}/plan/index.html`)).status, 200)
    assert.equal((await asBob(`${DINNER}/index.html`)).status, 200)
    for (const [path, location] of [
      [`${DINNER}?a=b`, `${DINNER}/?a=b`],
      [`${DINNER}/plan`, `${DINNER}/plan/`],
    ]) {
      const response = await asBob(path ?? '')
      assert.equal(response.status, 301)
      assert.equal(response.headers.get('location'), `https://alice.example/private/${location}`)
      assert.match(response.headers.get('cache-control') ?? '', /no-store/)
    }
  })

  for (const path of [
    `${DINNER}/nothing.pdf`,
    `${DINNER}/menu.pdf/`,
    `${DINNER}//menu.pdf`,
    `${DINNER}/..%2f${LETTER}%2f`,
    `${DINNER}/plan%2findex.html`,
    `${DINNER}%2fmenu.pdf`,
    `${DINNER}/__proto__`,
    `${DINNER}/constructor`,
    `${DINNER}/toString/`,
    `${DINNER}/menu.pdf%00`,
    `${DINNER}/%5c..%5cmenu.pdf`,
    `${DINNER}/%ff`,
    `constructor/name`,
    `__proto__/`,
  ]) {
    it(`are not to be found at ${path}`, async () => {
      const response = await asBob(path)
      assert.ok([403, 404].includes(response.status), String(response.status))
      assert.ok(!(await response.text()).includes(SECRET))
    })
  }

  it('of another post are not to be reached through one’s own', async () => {
    const response = await asBob(`${DINNER}/../${LETTER}/`)
    assert.equal(response.status, 403)
  })

  it('are not there when the deploy has lost them', async () => {
    const register = changed(({ posts }) => {
      Object.assign(posts[DINNER]?.readers[0]?.files ?? {}, { '': 'gate/missing' })
    })
    const alice = createAlice({ register })
    assert.equal((await alice.ask(`/private/${DINNER}/`, await alice.session(BOB))).status, 404)
  })

  const whole = `<!doctype html><title>Post</title>${SECRET} of gate/${DINNER}/1/6`
  for (const [range, status, part, contentRange] of [
    ['bytes=0-3', 206, whole.slice(0, 4), `bytes 0-3/${whole.length}`],
    ['bytes=10-', 206, whole.slice(10), `bytes 10-${whole.length - 1}/${whole.length}`],
    [
      'bytes=-5',
      206,
      whole.slice(-5),
      `bytes ${whole.length - 5}-${whole.length - 1}/${whole.length}`,
    ],
    ['bytes=-9999', 206, whole, `bytes 0-${whole.length - 1}/${whole.length}`],
    ['bytes=5-99999', 206, whole.slice(5), `bytes 5-${whole.length - 1}/${whole.length}`],
    ['bytes=9999-', 416, '', `bytes */${whole.length}`],
    ['bytes=-0', 416, '', `bytes */${whole.length}`],
    ['bytes=5-2', 200, whole, null],
    ['bytes=-', 200, whole, null],
    ['bytes=0-1,4-5', 200, whole, null],
    ['lines=1-2', 200, whole, null],
  ] as const) {
    it(`come in parts when a player asks for ${range}`, async () => {
      const response = await asBob(`${DINNER}/voice.mp3`, { range })
      assert.equal(response.status, status)
      assert.equal(response.headers.get('content-range'), contentRange)
      assert.equal(response.headers.get('content-length'), String(part.length))
      assert.equal(await response.text(), part)
    })
  }

  it('come whole when a player asks whether they are still the same', async () => {
    const response = await asBob(`${DINNER}/voice.mp3`, { range: 'bytes=0-3', 'if-range': '"x"' })
    assert.equal(response.status, 200)
  })
})

describe('parseGatePath()', () => {
  it('knows nothing of what lies outside the prefix', () => {
    const posts = new URL('https://alice.example/private/')
    assert.deepEqual(parseGatePath('/private/x/y', posts), { segment: 'x', file: 'y' })
    for (const path of ['/another/x/y', '/privatex/y', '/private', '/']) {
      assert.equal(parseGatePath(path, posts), undefined)
    }
  })
})
