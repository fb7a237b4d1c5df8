import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { request as httpRequest } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { headersFor, parseHeadersFile } from '../../lib/web/headers-file.ts'
import { listen, type NodeServer } from '../../lib/web/node-server.ts'
import { applyRedirect, parseRedirectsFile } from '../../lib/web/redirects-file.ts'
import { createStaticSite } from '../../lib/web/static-site.ts'

const FILES: Record<string, string> = {
  'site/index.html': 'home',
  'site/404.html': 'nothing here',
  'site/gone.html': 'it is gone',
  'site/a/index.html': 'a',
  'site/a/photo.png': 'png',
  'site/b.html': 'b',
  'site/c.html': 'c the file',
  'site/c/index.html': 'c the folder',
  'site/ümlaut/index.html': 'ü',
  'site/app.js': 'js',
  'site/feed.xml': 'xml',
  'site/data.json': '{}',
  'site/unknown.zzz': '?',
  'site/.env': 'SECRET',
  'site/.git/config': 'SECRET',
  'site/.well-known/webfinger': 'webfinger',
  'site/_headers': [
    '# for everyone',
    '/*',
    '  X-All: yes',
    '  X-Robots-Tag: noindex',
    '/a/*',
    '  X-Robots-Tag: noindex, nofollow',
    '  Link: </wm>; rel=webmention',
    '  link: </token>; rel=token_endpoint',
    '/:name/photo.png',
    '  Content-Type: image/x-test',
  ].join('\n'),
  'site/_redirects': [
    '# from to status',
    '/old           /a/',
    '/found         /a/  302',
    '/app.js        /elsewhere 301',
    '/c/*           /gone.html 410!',
    '/b.html        /a/index.html 200!',
    '/rewritten/*   /a/:splat 200',
    '/news/:year/*  /blog/:year/x/:splat 301 # moved',
    '/ext/*         https://bob.example/:splat',
    '/hidden/*      /missing.html 404',
  ].join('\n'),
  'outside.txt': 'SECRET',
  'site-too/secret.txt': 'SECRET',
}

describe('createStaticSite()', () => {
  let folder = ''
  let server: NodeServer

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'static-site-'))
    for (const [path, content] of Object.entries(FILES)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), content)
    }
    await symlink(join(folder, 'outside.txt'), join(folder, 'site', 'link.txt'))
    await symlink(join(folder, 'site-too'), join(folder, 'site', 'folder'))
    await symlink(join(folder, 'site', 'b.html'), join(folder, 'site', 'inside.html'))
    server = await listen(createStaticSite({ folder: join(folder, 'site') }))
  })
  after(async () => {
    await server.close()
    await rm(folder, { recursive: true })
  })

  /** With `node:http`, because `fetch` would tidy up the path. */
  function get(path: string, method = 'GET') {
    type Answer = { status: number; headers: Record<string, unknown>; body: string }
    return new Promise<Answer>((resolve, reject) => {
      const options = { port: server.port, path, method, agent: false }
      const request = httpRequest(options, async (response) => {
        let body = ''
        for await (const chunk of response) body += chunk
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body })
      })
      request.once('error', reject).end()
    })
  }

  for (const [path, body] of [
    ['/', 'home'],
    ['/index.html', 'home'],
    ['/a/', 'a'],
    ['/a/index.html', 'a'],
    ['/b', 'b'],
    ['/%C3%BCmlaut/', 'ü'],
    ['/a/?query=1', 'a'],
    ['/.well-known/webfinger', 'webfinger'],
    ['/inside.html', 'b'],
  ] as const) {
    it(`serves ${path}`, async () => {
      const answer = await get(path)
      assert.deepEqual([answer.status, answer.body], [200, body])
      assert.equal(answer.headers['content-length'], String(Buffer.byteLength(body)))
    })
  }

  for (const [path, type] of [
    ['/', 'text/html; charset=utf-8'],
    ['/app.js', 'text/javascript; charset=utf-8'],
    ['/feed.xml', 'text/xml; charset=utf-8'],
    ['/data.json', 'application/json; charset=utf-8'],
    ['/a/photo.png', 'image/x-test'],
    ['/unknown.zzz', 'application/octet-stream'],
  ] as const) {
    it(`says that ${path} is ${type}`, async () => {
      assert.equal((await get(path)).headers['content-type'], type)
    })
  }

  it('redirects a folder without its slash, and keeps the query', async () => {
    const answer = await get('/a?x=1')
    assert.deepEqual([answer.status, answer.headers['location']], [301, '/a/?x=1'])
  })

  for (const path of [
    '/missing',
    '/missing/',
    '/a/b/c',
    '/b/',
    `/${'x'.repeat(300)}`,
    '/b.html/x',
    '/.well-known/', // a folder without a page is not listed
  ]) {
    it(`answers ${path.slice(0, 20)} with 404 and the site's own page`, async () => {
      const answer = await get(path)
      assert.deepEqual([answer.status, answer.body], [404, 'nothing here'])
      assert.equal(answer.headers['x-all'], 'yes')
    })
  }

  for (const path of [
    '/../outside.txt',
    '/a/../../outside.txt',
    '/%2e%2e/outside.txt',
    '/..%2foutside.txt',
    '/..%5coutside.txt',
    '/a/..%2f..%2foutside.txt',
    '/%2e%2e%2f%2e%2e%2fetc/passwd',
    '/../site-too/secret.txt',
    '/..%2fsite-too%2fsecret.txt',
    '//outside.txt',
    '/link.txt',
    '/folder/secret.txt',
    '/index.html%00.png',
    '/%ff',
    '/%',
    '/.env',
    '/%2eenv',
    '/.git/config',
    '/.well-known/.env',
    '/_headers',
    '/_redirects',
    '/%5fheaders',
    '/_HEADERS',
    '/_headers/',
    '/a/%2e%2e/_headers',
  ]) {
    it(`does not serve ${path}`, async () => {
      const answer = await get(path)
      assert.equal(answer.status, 404)
      assert.doesNotMatch(answer.body, /SECRET|X-All|rewritten|root:/)
    })
  }

  it('gives the redirect of a folder the headers of its path', async () => {
    const { status, headers } = await get('/a')
    assert.deepEqual([status, headers['x-all'], headers['location']], [301, 'yes', '/a/'])
  })

  it('does not redirect to another host by a double slash', async () => {
    const answer = await get('//a')
    assert.deepEqual([answer.status, answer.headers['location']], [404, undefined])
  })

  it('answers HEAD like GET, without the body', async () => {
    const { status, headers, body } = await get('/a/', 'HEAD')
    const same = await get('/a/')
    assert.deepEqual([status, body, headers['link']], [200, '', same.headers['link']])
    assert.equal(headers['content-length'], '1')
  })

  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    it(`answers ${method} with 405`, async () => {
      const answer = await get('/a/', method)
      assert.deepEqual([answer.status, answer.headers['allow']], [405, 'GET, HEAD'])
    })
  }

  it('sets what _headers says, later rules last and repeated names joined', async () => {
    const { headers } = await get('/a/')
    assert.equal(headers['x-all'], 'yes')
    assert.equal(headers['x-robots-tag'], 'noindex, nofollow')
    assert.equal(headers['link'], '</wm>; rel=webmention, </token>; rel=token_endpoint')
    assert.equal((await get('/')).headers['x-robots-tag'], 'noindex')
    assert.equal((await get('/')).headers['link'], undefined)
  })

  it('sets the headers of a path for each spelling that opens the same file', async () => {
    for (const path of ['/a/', '/%61/', '/%61/photo.png', '/a%2fphoto.png/']) {
      const answer = await get(path)
      const isFile = !path.includes('%2f')
      assert.equal(answer.status, isFile ? 200 : 404, path)
      assert.equal(answer.headers['x-robots-tag'], isFile ? 'noindex, nofollow' : 'noindex', path)
    }
  })

  for (const [path, status, location] of [
    ['/old', 301, '/a/'],
    ['/old/', 301, '/a/'],
    ['/old?x=1', 301, '/a/?x=1'],
    ['/found', 302, '/a/'],
    ['/news/2026/11/21', 301, '/blog/2026/x/11/21'],
    ['/ext/a/b', 301, 'https://bob.example/a/b'],
    ['/ext', 301, 'https://bob.example/'],
  ] as const) {
    it(`redirects ${path} to ${location}`, async () => {
      const answer = await get(path)
      assert.deepEqual([answer.status, answer.headers['location']], [status, location])
    })
  }

  for (const [path, status, body] of [
    ['/app.js', 200, 'js'],
    ['/c/', 410, 'it is gone'],
    ['/c', 410, 'it is gone'],
    ['/c/anything', 410, 'it is gone'],
    ['/%63/anything', 410, 'it is gone'],
    ['/b.html', 200, 'a'],
    ['/rewritten/', 200, 'a'],
    ['/rewritten/index.html', 200, 'a'],
    ['/rewritten/missing', 404, 'nothing here'],
    ['/hidden/x', 404, 'nothing here'],
  ] as const) {
    it(`answers ${path} with ${status} by _redirects`, async () => {
      const answer = await get(path)
      assert.deepEqual([answer.status, answer.body], [status, body])
    })
  }

  it('serves a folder that is not there yet as an empty site', async () => {
    const site = createStaticSite({ folder: join(folder, 'not-built') })
    const response = await site(new Request('http://alice.localhost/'))
    assert.deepEqual([response.status, await response.text()], [404, 'Not Found'])
  })
})

describe('parseHeadersFile(), headersFor()', () => {
  it('passes over comments, empty lines and what is no header', () => {
    const rules = parseHeadersFile(
      '  X-Before: no\r\n\r\n/a\r\n\tX-A: b: c\r\n  # X-B: c\r\n  no colon\r\n',
    )
    assert.deepEqual(
      rules.map(({ path, headers }) => [path, [...headers]]),
      [['/a', [['x-a', 'b: c']]]],
    )
  })

  for (const [path, pathname, matches] of [
    ['/a', '/a', true],
    ['/a', '/a/', false],
    ['/a/*', '/a/', true],
    ['/a/*', '/a/b/c', true],
    ['/a/*', '/b', false],
    ['/*.js', '/x/y.js', true],
    ['/*.js', '/x/yjs', false],
    ['/:a/b', '/x/b', true],
    ['/:a/b', '/x/y/b', false],
    ['/a+b', '/a+b', true],
    ['/a+b', '/aab', false],
    ['/a/*', '/%61/b', true],
    ['/%61/*', '/%61/b', true],
    ['/a/*', '/%62/b', false],
    ['/a/b', '/a%2fb', false],
    ['/a/*', '/a/%0A', true],
  ] as const) {
    it(`${path} ${matches ? 'is' : 'is not'} a rule for ${pathname}`, () => {
      const headers = headersFor(parseHeadersFile(`${path}\n  X: y`), pathname)
      assert.equal(headers.get('x'), matches ? 'y' : undefined)
    })
  }
})

describe('parseRedirectsFile(), applyRedirect()', () => {
  it('passes over what a static server cannot decide', () => {
    const rules = parseRedirectsFile(
      [
        '/a',
        '/b /c 999',
        '/d /e 301 Country=de',
        '/f id=:id /g/:id 301',
        'https://bob.example/* /h 301',
        '# /i /j',
        '/k /l#m 302!',
      ].join('\n'),
    )
    assert.deepEqual(rules, [{ from: '/k', to: '/l#m', status: 302, force: true }])
  })

  it('leaves a placeholder that it does not know', () => {
    const [rule] = parseRedirectsFile('/a/:b /c/:b/:d')
    assert.ok(rule)
    assert.equal(applyRedirect(rule, '/a/x'), '/c/x/:d')
    assert.equal(applyRedirect(rule, '/a/x/y'), undefined)
    assert.equal(applyRedirect(rule, '/a'), undefined)
  })
})
