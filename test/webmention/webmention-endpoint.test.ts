import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import { createLab, entry, POST, SECRET_POST, SITE, SOURCE, type Lab } from './receiving.ts'

const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8'
const WELL = { source: SOURCE, target: POST }
const request = (method: string, path = '/webmention', headers: Record<string, string> = {}) =>
  new Request(new URL(path, SITE), { method, headers })

describe('POST /webmention', () => {
  it('answers 201 with an unguessable status page (webmention.rocks receiver 1)', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const response = await lab.post(WELL)
    assert.equal(response.status, 201)
    const location = response.headers.get('location') ?? ''
    assert.match(location, /^https:\/\/alice\.example\/webmention\/[\w-]{22}$/)
    assert.equal((await lab.status(location)).status, 'pending')
    await lab.settle()
    assert.deepEqual(await lab.status(location), { status: 'success', private: false })
  })

  it('fetches nothing before it has answered', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const { endpoint } = lab
    const body = new URLSearchParams(WELL)
    const response = await endpoint(new Request(`${SITE.href}webmention`, { method: 'POST', body }))
    assert.equal(response.status, 201)
    assert.deepEqual(lab.fetches, [])
  })

  it('speaks as the sender likes: JSON, plain text, or a page', async () => {
    const types = async (accept: string) => {
      const headers = { accept }
      const lab = createLab()
      const good = await lab.post(WELL, { headers })
      const bad = await lab.post({ source: SOURCE }, { headers })
      assert.deepEqual([good.status, bad.status], [201, 400])
      assert.ok(good.headers.get('location'))
      assert.deepEqual([good.headers.get('vary'), bad.headers.get('vary')], ['accept', 'accept'])
      const texts = [await good.text(), await bad.text()]
      assert.match(texts[1] ?? '', /missing/)
      return [good.headers.get('content-type'), bad.headers.get('content-type')]
    }
    const [json, text, page] = [
      'application/json',
      'text/plain; charset=utf-8',
      'text/html; charset=utf-8',
    ]
    assert.deepEqual(await types('application/json, text/plain;q=0.8, */*;q=0.1'), [json, json])
    assert.deepEqual(await types('*/*'), [text, text])
    assert.deepEqual(await types(BROWSER), [page, page])
    assert.deepEqual(await types('application/json;q=0.5, text/html;q=0.9'), [page, page])
  })

  it('gives JSON the words of OAuth', async () => {
    const headers = { accept: 'application/json' }
    const response = await createLab().post({ source: SOURCE }, { headers })
    assert.deepEqual(await response.json(), {
      error: 'invalid_request',
      error_description: '"target" is missing',
    })
  })

  it('lives below a path prefix', async () => {
    const site = new URL('https://alice.example/blog/')
    const lab = createLab({ site, me: site })
    const response = await lab.post({ source: SOURCE, target: `${site.href}post/` })
    const location = response.headers.get('location') ?? ''
    assert.match(location, /^https:\/\/alice\.example\/blog\/webmention\/[\w-]{22}$/)
    assert.equal((await lab.status(location)).status, 'pending')
  })
})

describe('the endpoint for browsers', () => {
  it('GET is a page with a form', async () => {
    const lab = createLab()
    const response = await lab.get('/webmention', { accept: BROWSER })
    assert.equal(response.status, 200)
    const page = await response.text()
    assert.match(page, /<form method="post" action="\/webmention">/)
    assert.match(page, /name="source"[^>]*required/)
    assert.match(page, /name="target"/)
  })

  it('is prefilled by a link, and escapes what the link says', async () => {
    const page = await (
      await createLab().get('/webmention?source=%22%3E%3Cscript%3E&target=https://alice.example/x')
    ).text()
    assert.match(page, /value="&quot;&gt;&lt;script&gt;"/)
    assert.match(page, /value="https:\/\/alice\.example\/x"/)
    assert.doesNotMatch(page, /<script/)
  })

  it('HEAD is answered like GET, without a body', async () => {
    const response = await createLab().endpoint(request('HEAD'))
    assert.deepEqual([response.status, await response.text()], [200, ''])
  })

  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    it(`${method} is 405`, async () => {
      const lab = createLab()
      for (const path of ['/webmention', `/webmention/${'x'.repeat(22)}`]) {
        const response = await lab.endpoint(request(method, path))
        assert.equal(response.status, 405)
        assert.match(response.headers.get('allow') ?? '', /GET/)
      }
    })
  }

  it('POST to a status page is 405', async () => {
    const response = await createLab().endpoint(request('POST', `/webmention/${'x'.repeat(22)}`))
    assert.equal(response.status, 405)
  })

  it('lets other sites send from browsers, without credentials', async () => {
    const lab = createLab()
    const preflight = await lab.endpoint(
      request('OPTIONS', '/webmention', { origin: 'https://bob.example' }),
    )
    assert.equal(preflight.status, 204)
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/)
    const good = await lab.post(WELL)
    const bad = await lab.post({})
    const status = await lab.get(good.headers.get('location') ?? '')
    for (const { headers } of [preflight, good, bad, status]) {
      assert.equal(headers.get('access-control-allow-origin'), '*')
      assert.equal(headers.get('access-control-allow-credentials'), null)
    }
    assert.match(good.headers.get('access-control-expose-headers') ?? '', /location/)
  })

  it('neither reads nor sets cookies', async () => {
    const cookie = 'private-posts-session=xxxxxxx; __Host-private-posts-session=xxxxxxx'
    const answers = []
    for (const headers of [{ cookie }, {}]) {
      const lab = createLab()
      const responses = [await lab.post(WELL, { headers }), await lab.get('/webmention', headers)]
      assert.ok(responses.every((response) => !response.headers.has('set-cookie')))
      answers.push(responses.map(({ status }) => status))
    }
    assert.deepEqual(answers[0], answers[1])
  })
})

describe('GET /webmention/{id}', () => {
  const sent = async (lab: Lab) => (await lab.post(WELL)).headers.get('location') ?? ''

  it('is a page by default, and JSON where that is asked for', async () => {
    const lab = createLab()
    const location = await sent(lab)
    const page = await lab.get(location, { accept: '*/*' })
    assert.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
    assert.equal(page.headers.get('refresh'), '5')
    assert.match(await page.text(), /in the queue/)
    const json = await lab.get(location, { accept: 'application/json' })
    assert.deepEqual(await json.json(), {
      status: 'pending',
      private: false,
      summary: 'It is in the queue. The page that you named will be fetched shortly.',
    })
  })

  it('is 404 for an id that never was, in either form', async () => {
    const lab = createLab()
    for (const id of ['A'.repeat(22), 'short', '..%2F..%2Fwebmention-queue', 'x/y', '%00']) {
      for (const accept of ['application/json', 'text/html']) {
        const response = await lab.get(`/webmention/${id}`, { accept })
        assert.equal(response.status, 404, id)
      }
    }
  })

  it('is kept for three days', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const location = await sent(lab)
    await lab.settle()
    lab.wait(3 * 24 * 3600 - 60)
    assert.equal((await lab.get(location)).status, 200)
    lab.wait(120)
    assert.equal((await lab.get(location)).status, 404)
  })

  it('repeats neither URLs nor words of the mention', async () => {
    const secret = 'https://bob.example/p/0123456789abcdefghjkmnpqrs/'
    const lab = createLab({ pages: { [secret]: entry('<p class="p-summary">Hello you') } })
    const response = await lab.post({ source: secret, target: POST })
    await lab.settle()
    for (const accept of ['application/json', 'text/html']) {
      const answer = await lab.get(response.headers.get('location') ?? '', { accept })
      assert.doesNotMatch(await answer.text(), /0123456|bob\.example|Hello/)
    }
  })

  it('says that it is private, before and after', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const response = await lab.post({ ...WELL, code: 'xxxxxxx' })
    const location = response.headers.get('location') ?? ''
    assert.deepEqual(await lab.status(location), { status: 'pending', private: true })
    await lab.settle()
    assert.deepEqual(await lab.status(location), { status: 'success', private: true })
    assert.match(await (await lab.get(location)).text(), /Nobody but the owner/)
  })
})

describe('a code', () => {
  const codes = { 'the-code-of-bob': SOURCE }
  const FIELDS = { ...WELL, code: 'the-code-of-bob', realm: 'friends' }

  it('is made use of at once, before the answer, with its realm', async () => {
    const lab = createLab({ codes })
    await lab.post(FIELDS)
    assert.deepEqual(
      lab.offers.map(({ source, code, realm }) => [source.href, code, realm]),
      [[SOURCE, 'the-code-of-bob', 'friends']],
    )
  })

  it('is kept nowhere and repeated nowhere', async () => {
    for (const failing of [false, true]) {
      const reason = 'access_token_error: the-code-of-bob'
      const redeem = async () => ({ redeemed: false, reason }) as const
      const lab = createLab({ codes, ...(failing && { access: { redeem } }) })
      lab.pages[SOURCE] = () => new Response('no', { status: 401 })
      const response = await lab.post(FIELDS)
      const location = response.headers.get('location') ?? ''
      await lab.settle()
      const page = await (await lab.get(location)).text()
      const everything = JSON.stringify([
        await lab.store.list(''),
        [...lab.messages.values()],
        [...response.headers],
        await response.text(),
        page,
      ])
      assert.doesNotMatch(everything, /the-code-of-bob/)
    }
  })

  it('is not made use of where the request is refused', async () => {
    const lab = createLab({ codes, limits: { waiting: 0 } })
    assert.equal((await lab.post({ ...FIELDS, target: 'https://alice.example/no/' })).status, 400)
    assert.equal((await lab.post(FIELDS)).status, 503)
    assert.deepEqual(lab.offers, [])
  })

  it('holds nobody up for longer than its limit', async () => {
    const redeem = () => new Promise<never>(() => {})
    const lab = createLab({ access: { redeem }, limits: { redeeming: 20 } })
    lab.pages[SOURCE] = () => new Response('no', { status: 401 })
    assert.deepEqual(await lab.send({ code: 'xxxxxxx' }), {
      status: 'processed',
      private: true,
    })
  })

  it('that fails is told to nobody, however it fails', async () => {
    for (const redeem of [
      async () => ({ redeemed: false, reason: 'no_token_endpoint' }) as const,
      async () => {
        throw new FetchError('nobody there')
      },
    ]) {
      const lab = createLab({ access: { redeem } })
      lab.pages[SOURCE] = () => new Response('no', { status: 401 })
      assert.deepEqual(await lab.send({ code: 'xxxxxxx' }), { status: 'processed', private: true })
      lab.wait(60)
      lab.pages[SOURCE] = entry()
      assert.equal((await lab.send({ code: 'xxxxxxx' })).status, 'success')
    }
  })
})

describe('limits', () => {
  const from = (source: string, target = POST) => ({ source, target })

  it('30 seconds between two of the same source and target', async () => {
    const lab = createLab()
    assert.equal((await lab.post(WELL)).status, 201)
    lab.wait(10)
    const again = await lab.post({
      source: `${SOURCE}#:~:text=x`,
      target: 'https://ALICE.example/post/',
    })
    assert.deepEqual([again.status, again.headers.get('retry-after')], [429, '20'])
    assert.equal((await lab.post(from(SOURCE, SITE.href))).status, 201)
    lab.wait(20)
    assert.equal((await lab.post(WELL)).status, 201)
  })

  it('no seconds for a sender with a code, whoever was here before', async () => {
    const lab = createLab()
    assert.equal((await lab.post(WELL)).status, 201)
    assert.equal((await lab.post({ ...WELL, code: 'xxxxxxx' })).status, 201)
    assert.equal((await lab.post(WELL)).status, 429)
  })

  it('counts an IPv6 network as one client', async () => {
    const lab = createLab({ limits: { perClient: 1 } })
    const post = async (i: number, clientAddress: string) =>
      (await lab.post(from(`https://bob${i}.example/`), { clientAddress })).status
    assert.equal(await post(1, '2001:db8:0:1::1'), 201)
    assert.equal(await post(2, '2001:db8:0:1:ffff::2'), 429)
    assert.equal(await post(3, '2001:db8:0:2::1'), 201)
  })

  it('counts per client, whatever it sends', async () => {
    const lab = createLab({ limits: { perClient: 3 } })
    const clientAddress = '192.0.2.1'
    for (let i = 0; i < 3; i++) {
      const response = await lab.post(from(`https://bob${i}.example/`), { clientAddress })
      assert.equal(response.status, 201)
    }
    const more = await lab.post(from('https://carol.example/'), { clientAddress })
    assert.equal(more.status, 429)
    assert.match(more.headers.get('retry-after') ?? '', /^\d+$/)
    const other = await lab.post(from('https://carol.example/'), { clientAddress: '192.0.2.2' })
    assert.equal(other.status, 201)
    lab.wait(60)
    const later = await lab.post(from('https://dave.example/'), { clientAddress })
    assert.equal(later.status, 201)
  })

  it('thousands of mentions from one host become a few', async () => {
    const lab = createLab()
    const statuses = new Map<number, number>()
    for (let i = 0; i < 3000; i++) {
      const clientAddress = `2001:db8:${i.toString(16)}::1`
      const { status } = await lab.post(from(`https://eve.example/${i}`), { clientAddress })
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
    }
    assert.deepEqual(
      [...statuses],
      [
        [201, 60],
        [429, 2940],
      ],
    )
    assert.equal((await lab.post(WELL)).status, 201)
  })

  it('counts no mention as waiting that was tried and is to be tried again', async () => {
    const lab = createLab({ limits: { waiting: 1 } })
    for (const i of [0, 1, 2]) {
      const source = `https://bob.example/${i}`
      lab.pages[source] = () =>
        new Response('', { status: 503, headers: { 'retry-after': '259200' } })
      assert.equal((await lab.post(from(source))).status, 201)
      await lab.settle()
    }
    assert.equal((await lab.store.list('webmention-queue/')).length, 3)
    lab.wait(5 * 3600)
    assert.equal((await lab.post(from(SOURCE))).status, 503)
  })

  it('answers 503 with Retry-After while too many are waiting', async () => {
    const lab = createLab({ limits: { waiting: 2 }, pages: { 'https://bob.example/0': entry() } })
    const send = (i: number) => lab.post(from(`https://bob.example/${i}`))
    const waitUntil = () => {}
    for (const i of [0, 1]) {
      const body = new URLSearchParams(from(`https://bob.example/${i}`))
      const post = new Request(`${SITE.href}webmention`, { method: 'POST', body })
      assert.equal((await lab.endpoint(post, { waitUntil })).status, 201)
    }
    const full = await send(2)
    assert.deepEqual([full.status, full.headers.get('retry-after')], [503, '60'])
    for (const { key } of await lab.store.list('webmention-queue/')) {
      await lab.process(key.slice('webmention-queue/'.length))
    }
    assert.equal((await send(3)).status, 201)
  })
})

describe('targets of every kind', () => {
  for (const [target, isPrivate] of [
    [POST, false],
    [SECRET_POST, true],
    [SITE.href, true],
  ] as const) {
    it(`${target} ${isPrivate ? 'makes it private' : 'does not'}`, async () => {
      const lab = createLab({ pages: { [SOURCE]: entry('', `<a href="${target}">x</a>`) } })
      assert.deepEqual(await lab.send({ target }), { status: 'success', private: isPrivate })
      assert.equal(lab.message?.privacy, isPrivate ? 'private' : 'public')
      assert.equal(lab.message?.target, target)
    })
  }
})
