import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findTarget } from '../../lib/webmention/receiver-target.ts'
import { parseWebmentionRequest } from '../../lib/webmention/receiver-request.ts'
import { mentionKey, normalForm } from '../../lib/webmention/equivalence.ts'
import { pathHash } from '../../lib/webmention/targets.ts'
import { createLab, POST, SITE, SOURCE } from './receiving.ts'
import { acceptedTargets, refusedRequests } from './receiver-vectors.ts'

describe('a request that breaks the rules', () => {
  assert.ok(refusedRequests.length > 40)
  for (const { id, fields, says } of refusedRequests) {
    it(`is refused with 400, and leaves no state: ${id}`, async () => {
      const lab = createLab()
      const form = new URLSearchParams()
      for (const [name, value] of fields) form.append(name, value)
      const response = await lab.post(form)
      assert.equal(response.status, 400)
      assert.match(await response.text(), says)
      assert.deepEqual(await lab.store.list(''), [])
      assert.deepEqual([lab.fetches, lab.offers], [[], []])
    })
  }

  it('may have a good twin', async () => {
    const lab = createLab()
    const fields = { source: SOURCE, target: POST, code: 'xxxxxxx', realm: 'friends' }
    assert.equal((await lab.post({ ...fields, vouch: 'https://carol.example/' })).status, 201)
  })

  it('is refused for its media type', async () => {
    const lab = createLab()
    const request = (type: string) =>
      new Request('https://alice.example/webmention', {
        method: 'POST',
        headers: { 'content-type': type },
        body: new URLSearchParams({ source: SOURCE, target: POST }).toString(),
      })
    assert.equal((await lab.endpoint(request('application/json'))).status, 415)
    const form = 'application/x-www-form-urlencoded; charset=UTF-8'
    assert.equal((await lab.endpoint(request(form))).status, 201)
  })

  it('is refused for its size', async () => {
    const lab = createLab()
    const response = await lab.post({ source: SOURCE, target: POST, x: 'x'.repeat(20_000) })
    assert.equal(response.status, 413)
    assert.equal((await lab.post({ source: SOURCE, target: POST, x: 'x' })).status, 201)
  })
})

describe('parseWebmentionRequest()', () => {
  const parse = (fields: Record<string, string>, allowLoopback = false) =>
    parseWebmentionRequest(new URLSearchParams(fields), { allowLoopback })

  it('reads what there is', () => {
    const { source, target, code, realm, vouch } = parse({
      source: ` ${SOURCE} `,
      target: POST,
      code: 'xxxxxxx',
      realm: 'friends',
      vouch: 'https://carol.example/',
    })
    assert.deepEqual(
      [source.href, target.href, code, realm, vouch?.href],
      [SOURCE, POST, 'xxxxxxx', 'friends', 'https://carol.example/'],
    )
    assert.deepEqual(Object.keys(parse({ source: SOURCE, target: POST })), ['source', 'target'])
  })

  it('refuses a source that is its own target, in whatever spelling', () => {
    for (const source of [POST, POST.replace('https', 'http'), `${POST}#x`]) {
      assert.throws(() => parse({ source, target: POST }), /same page/)
    }
  })

  it('takes sources on loopback in development only', () => {
    const fields = { source: 'http://bob.localhost:8380/x', target: POST }
    assert.equal(parse(fields, true).source.href, fields.source)
    assert.throws(() => parse(fields), /on this machine/)
  })
})

describe('findTarget()', () => {
  const { options } = createLab()
  for (const { target, page, kind } of acceptedTargets) {
    it(`knows ${target}`, async () => {
      const found = await findTarget(new URL(target), options)
      assert.deepEqual([found?.page.href, found?.kind], [page, kind])
    })
  }

  it('takes the profile URL for the home page, wherever it is', async () => {
    const me = new URL('https://alice.example/about/me/')
    const found = await findTarget(new URL('https://alice.example/about/me'), { ...options, me })
    assert.deepEqual([found?.kind, found?.page.href], ['home', me.href])
    assert.equal(await findTarget(new URL('https://alice.example/about/'), options), undefined)
  })

  it('keeps to the path prefix of the site', async () => {
    const site = new URL('https://alice.example/blog/')
    const find = (target: string) => findTarget(new URL(target), { ...options, site, me: site })
    assert.equal((await find('https://alice.example/blog/post/'))?.kind, 'public')
    assert.equal((await find('https://alice.example/blog/'))?.kind, 'home')
    assert.equal(await find('https://alice.example/post/'), undefined)
  })

  it('takes two pages for private that are one page by their spelling, if one of them is', async () => {
    const path = '/dinner'
    for (const [kind, lists] of [
      ['private', { public: [`${path}.html`], private: [`${path}/`] }],
      ['private', { public: [`${path}/`], private: [`${path}.html`] }],
      ['public', { public: [`${path}/`, `${path}.html`], private: [] }],
    ] as const) {
      const hashed = { public: lists.public.map(pathHash), private: lists.private.map(pathHash) }
      const json = new TextEncoder().encode(JSON.stringify({ version: 1, ...hashed }))
      for (const end of ['', '/', '.html', '/index.htm', '/?x']) {
        const target = new URL(path + end, SITE)
        const found = await findTarget(target, { ...options, files: async () => json })
        assert.equal(found?.kind, kind, target.href)
      }
    }
  })

  it('parses the list once, until there is another', async (t) => {
    const parse = t.mock.method(JSON, 'parse')
    const list = (...paths: string[]) =>
      new TextEncoder().encode(
        JSON.stringify({ version: 1, public: paths.map(pathHash), private: [] }),
      )
    let bytes = list('/dinner/')
    const find = async () =>
      (await findTarget(new URL('/dinner/', SITE), { ...options, files: async () => bytes }))?.kind
    assert.deepEqual([await find(), await find()], ['public', 'public'])
    assert.equal(parse.mock.callCount(), 1)
    bytes = list()
    assert.equal(await find(), undefined)
    assert.equal(parse.mock.callCount(), 2)
  })

  it('knows no page but home without a build', async () => {
    const files = async () => undefined
    assert.equal(await findTarget(new URL(POST), { ...options, files }), undefined)
    assert.equal((await findTarget(SITE, { ...options, files }))?.kind, 'home')
  })
})

describe('normalForm()', () => {
  it('folds what RFC 3986 calls equivalent, and nothing else', () => {
    const form = (url: string) => normalForm(new URL(url))
    assert.equal(form('HTTPS://Bob.Example:443/%7Ex/%c3%a9#y'), 'https://bob.example/~x/%C3%A9')
    assert.equal(form('https://bob.example/é'), form('https://bob.example/%c3%A9'))
    assert.notEqual(form('https://bob.example/a%2Fb'), form('https://bob.example/a/b'))
    assert.notEqual(form('https://bob.example/a'), form('https://bob.example/a/'))
    assert.notEqual(form('https://bob.example/'), form('http://bob.example/'))
  })
})

describe('mentionKey()', () => {
  const key = (source: string, target: string) => mentionKey(new URL(source), new URL(target))

  it('is the same for the same source and page, however they are spelt', () => {
    assert.equal(key(SOURCE, POST), key(SOURCE, 'http://alice.example/post.html?utm_source=x'))
    assert.notEqual(key(SOURCE, POST), key(SOURCE, `${POST}?page=2`))
    assert.notEqual(key(SOURCE, POST), key(`${SOURCE}/`, POST))
  })

  it('is the same for the same source and target, however they are spelt', () => {
    assert.equal(key(SOURCE, POST), key('https://BOB.example:443/reply', `${POST}#y`))
    assert.notEqual(key(SOURCE, POST), key(POST, SOURCE))
    assert.match(key(SOURCE, POST), /^[\da-f]{64}$/)
  })

  it('is another one for another part of the same source', () => {
    assert.notEqual(key(`${SOURCE}#c1`, POST), key(`${SOURCE}#c2`, POST))
    assert.notEqual(key(`${SOURCE}#c1`, POST), key(SOURCE, POST))
    assert.equal(key(`${SOURCE}#:~:text=hello`, POST), key(SOURCE, POST))
  })
})
