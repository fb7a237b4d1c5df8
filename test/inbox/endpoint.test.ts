import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { idOf } from '../../lib/inbox/entry.ts'
import { cookieOf, createBench, listed, ME, message, POST, publishedSources } from './messages.ts'
import { buttonsOf, createOwner, hiddenFields, PASSPHRASE } from './owner.ts'
import { holds } from '../support/property.ts'

describe('GET /inbox', () => {
  it('answers 401 with the same page to everybody but the owner, whatever is there', async () => {
    const owner = await createOwner()
    const source = await owner.accept({ privacy: 'private', text: 'Secret' })
    const stranger = await owner.ask('/inbox')
    assert.equal(stranger.status, 401)
    assert.match(stranger.headers.get('www-authenticate') ?? '', /^Bearer/)
    const page = await stranger.text()
    assert.doesNotMatch(page, /Secret|bob/)
    const cookies = [
      await cookieOf(owner, 'https://bob.example/', 'indieauth'),
      await cookieOf(owner, ME.href, 'invitation'),
      'private-posts-session=xxxxxxx',
    ]
    for (const cookie of cookies) {
      for (const path of [
        '/inbox',
        `/inbox/${idOf(source)}`,
        '/inbox/nothing',
        '/inbox?show=held',
      ]) {
        const response = await owner.ask(path, { headers: { cookie } })
        assert.deepEqual([response.status, await response.text()], [401, page])
      }
    }
    for (const by of ['passphrase', 'indieauth'] as const) {
      const cookie = await cookieOf(owner, ME.href, by)
      const response = await owner.ask('/inbox', { headers: { cookie } })
      assert.deepEqual([response.status, (await response.text()).includes('Secret')], [200, true])
    }
  })

  it('says where the owner may sign in', async () => {
    const passphrase = await (await (await createOwner()).ask('/inbox')).text()
    assert.match(passphrase, /type="password"/)
    const indieauthSignIn = new URL('https://alice.example/indieauth/sign-in')
    const bench = createBench()
    const elsewhere = await createOwner({ bench, indieauthSignIn })
    const both = await (await elsewhere.ask('/inbox')).text()
    assert.match(both, /action="https:\/\/alice\.example\/indieauth\/sign-in"/)
    assert.match(both, /name="me" value="https:\/\/alice\.example\/"/)
    assert.match(both, /name="next" value="\/inbox"/)
  })

  it('is in no cache, index or frame, and runs and loads nothing', async () => {
    const owner = await createOwner()
    for (const response of [await owner.get('/inbox'), await owner.ask('/inbox')]) {
      const { headers } = response
      assert.match(headers.get('cache-control') ?? '', /private, no-store/)
      assert.match(headers.get('x-robots-tag') ?? '', /noindex/)
      assert.equal(headers.get('referrer-policy'), 'no-referrer')
      assert.match(
        headers.get('content-security-policy') ?? '',
        /default-src 'none'.*frame-ancestors 'none'/,
      )
    }
  })

  it('changes nothing', async () => {
    const owner = await createOwner()
    const source = await owner.accept()
    const before = JSON.stringify(await owner.store.list(''))
    for (const path of ['/inbox', `/inbox/${idOf(source)}`, '/inbox?show=unread&done=read']) {
      assert.equal((await owner.get(path)).status, 200)
    }
    const approval = `?do=approve.${idOf(source)}.${idOf(source)}`
    await owner.get(`/inbox${approval}`)
    assert.equal(JSON.stringify(await owner.store.list('')), before)
  })

  it('shows threads, counts what is new, and says what is private', async () => {
    const owner = await createOwner()
    await owner.accept({ text: 'First public words' })
    await owner.accept({ text: 'Second', source: 'https://carol.example/2', host: 'carol.example' })
    await owner.accept({ privacy: 'private', text: 'Only between us', target: ME.href })
    const page = await (await owner.get('/inbox')).text()
    assert.match(page, /<title>Inbox \(3\)/)
    assert.match(page, /3 new · 2 waiting for you/)
    assert.equal(page.match(/<section class="thread">/g)?.length, 2)
    assert.equal(page.match(/only for you<\/span>/g)?.length, 1)
    assert.equal(page.match(/waiting for you<\/span>/g)?.length, 2)
    for (const words of ['First public words', 'Second', 'Only between us', 'carol.example']) {
      assert.ok(page.includes(words), words)
    }
  })

  it('shows what the view is about', async () => {
    const owner = await createOwner()
    await owner.accept({ text: 'OPEN' })
    await owner.accept({ text: 'SECRET', privacy: 'private' })
    const shown = async (view: string) => {
      const page = await (await owner.get(`/inbox?show=${view}`)).text()
      return ['OPEN', 'SECRET'].filter((word) => page.includes(word))
    }
    assert.deepEqual(await shown('held'), ['OPEN'])
    assert.deepEqual(await shown('public'), ['OPEN'])
    assert.deepEqual(await shown('private'), ['SECRET'])
    assert.deepEqual(await shown('unread'), ['OPEN', 'SECRET'])
    assert.deepEqual(await shown('nonsense'), ['OPEN', 'SECRET'])
  })

  it('turns pages, and shortens a long thread', async () => {
    const owner = await createOwner()
    for (let i = 0; i < 16; i++)
      await owner.accept({ target: `${POST}${i}/`, text: `On page ${i}.` })
    for (let i = 0; i < 5; i++) await owner.accept({ text: `Comment ${i}.` })
    const first = await (await owner.get('/inbox')).text()
    assert.ok(first.includes('Older →') && !first.includes('← Newer'))
    assert.ok(first.includes('Comment 4.') && !first.includes('Comment 0.'))
    const [, thread = ''] = /href="([^"]*thread=[^"]*)">Show 1 earlier/.exec(first) ?? []
    assert.ok((await (await owner.get(thread)).text()).includes('Comment 0.'))
    const second = await (await owner.get('/inbox?page=1')).text()
    assert.ok(second.includes('On page 0.') && second.includes('← Newer'))
    assert.equal((await owner.get('/inbox?page=999999')).status, 200)
  })

  it('calls a page by its title where it is told one, and shows no capability', async () => {
    const titleOf = async ({ pathname }: URL) =>
      pathname === '/2026/hello/' ? 'Hello & welcome' : undefined
    const owner = await createOwner({ titleOf })
    await owner.accept()
    await owner.accept({ target: 'https://alice.example/p/0123456789abcdefghjkmnpqrs/' })
    const page = await (await owner.get('/inbox')).text()
    assert.ok(page.includes('>Hello &amp; welcome</a>'))
    assert.ok(page.includes('>/p/0123…/</a>'))
  })
})

describe('GET /inbox/{id}', () => {
  it('shows all of one message, and how to answer it', async () => {
    const owner = await createOwner()
    const text = 'x'.repeat(5000)
    const source = await owner.accept({
      privacy: 'private',
      target: ME.href,
      text,
      title: 'Dinner',
    })
    const page = await (await owner.get(`/inbox/${idOf(source)}`)).text()
    assert.ok(page.includes(text) && page.includes('Dinner'))
    assert.ok(page.includes(`visibility: private\ninReplyTo: &quot;${source}&quot;`))
    const open = await owner.accept()
    const other = await (await owner.get(`/inbox/${idOf(open)}`)).text()
    assert.ok(other.includes(`---\ninReplyTo: &quot;${open}&quot;`))
    const like = await owner.accept({ type: 'like', text: '' })
    assert.ok(!(await (await owner.get(`/inbox/${idOf(like)}`)).text()).includes('inReplyTo'))
  })

  it('says that there is none', async () => {
    const owner = await createOwner()
    for (const path of [`/inbox/${idOf('none')}`, '/inbox/x', '/inbox/a/b']) {
      assert.equal((await owner.get(path)).status, 404)
    }
  })
})

describe('what strangers wrote', () => {
  const SCRIPT = '"><script>alert(1)</script><img src=x onerror=alert(1)>'

  it('is text in every field, and never markup', async () => {
    const owner = await createOwner()
    const source = `https://eve.example/${SCRIPT}`
    await owner.inbox.accept(
      'k',
      message({
        ...{ source, host: `eve.example${SCRIPT}`, text: SCRIPT, title: SCRIPT, rsvp: SCRIPT },
        ...{ author: { name: SCRIPT, url: `https://eve.example/${SCRIPT}` }, warnings: [SCRIPT] },
        ...{ target: `${POST}${SCRIPT}`, inReplyTo: SCRIPT, protocol: SCRIPT, published: SCRIPT },
        html: `<p onclick="alert(1)">Hi ${SCRIPT}<style>*{display:none}</style><a href="javascript:alert(1)">x</a></p>`,
      }),
    )
    await owner.inbox.decisions.block(SCRIPT)
    const list = await (await owner.get('/inbox')).text()
    const one = await (await owner.get(`/inbox/${idOf('k')}`)).text()
    for (const page of [list, one]) {
      assert.ok(
        !/<(script|img)|onerror=alert\(1\)>[^&]|javascript:/.test(page.replace(/&lt;.*?&gt;/g, '')),
      )
      assert.equal(page.match(/<style>/g)?.length, 1)
      assert.ok(page.includes('&lt;script&gt;'))
    }
    assert.ok(one.includes('<p>Hi'))
  })

  it('has no sign in its HTML that turns text round or hides some of it', async () => {
    const owner = await createOwner()
    const signs = '\u{202e}\u{2066}\u{200f}\u{7}&#x202e;&#x1b;'
    const html = `<p>pay${signs}pal\u{200d}\té&amp;<a href="https://bob.example/${signs}1">x</a></p><a href="java${signs}script:alert(1)">y</a><b>&${signs}lt;</b>`
    await owner.inbox.accept('k', message({ html, privacy: 'private' }))
    const page = await (await owner.get(`/inbox/${idOf('k')}`)).text()
    assert.ok(page.includes('<p>paypal\u{200d}\té&amp;<a href="https://bob.example/1"'), page)
    assert.ok(page.includes('<b>&amp;lt;</b>'))
    assert.ok(!/[^\P{Cc}\n\t]|\p{Bidi_Control}|javascript:/u.test(page))
  })

  it('leads to where it came from and to whom it names as its author, and tells nobody where from', async () => {
    const owner = await createOwner()
    await owner.accept({
      ...{
        source: 'https://bob.example/1',
        host: 'bob.example',
        inReplyTo: 'https://eve.example/',
      },
      author: { name: 'Bob', url: 'https://eve.example/me' },
    })
    await owner.accept({ source: 'javascript:alert(1)', author: { name: 'X', url: 'data:,x' } })
    const page = await (await owner.get('/inbox')).text()
    const links = [...page.matchAll(/<a [^>]*href="(\w+:[^"]*)"[^>]*>/g)]
    assert.deepEqual(links.map(([, href]) => href).toSorted(), [
      'https://alice.example/2026/hello/',
      'https://bob.example/1',
      'https://eve.example/me',
    ])
    for (const [link] of links) assert.match(link, /rel="[^"]*noreferrer/)
  })

  it('shows whose page it is, as theirs on their own site and as a claim of every other', async () => {
    const shown = async (url: string) => {
      const owner = await createOwner()
      const photo = 'https://pictures.example/face.png'
      const source = await owner.accept({ author: { name: 'Bob', url, photo } })
      const pages = await Promise.all(
        ['/inbox', `/inbox/${idOf(source)}`].map(async (path) => (await owner.get(path)).text()),
      )
      for (const page of pages) {
        assert.match(page, new RegExp(`href="${url}" rel="[^"]*noreferrer[^"]*">Bob</a>`))
        assert.doesNotMatch(page, /face\.png|<img/)
      }
      return pages.map((page) => page.includes('>, via bob.example<'))
    }
    assert.deepEqual(await shown('https://bob.example/me'), [false, false])
    assert.deepEqual(await shown('http://www.bob.example/me'), [false, false])
    assert.deepEqual(await shown('https://toot.example/@bob'), [true, true])
  })

  it('leads to the original that a page names, and says where that is', async () => {
    const owner = await createOwner()
    await owner.accept({ url: 'https://toot.example/@nora/5' })
    const page = await (await owner.get('/inbox')).text()
    assert.match(
      page,
      /names <a href="https:\/\/toot\.example\/@nora\/5" rel="[^"]*noreferrer[^"]*">the original at toot\.example<\/a>/,
    )
  })
})

describe('POST /inbox', () => {
  it('signs the owner in, and leads to where they wanted to go', async () => {
    const owner = await createOwner()
    const post = (path: string, passphrase: string, headers: Record<string, string> = {}) =>
      owner.ask(path, {
        ...{ method: 'POST', headers },
        body: new URLSearchParams({ do: 'sign-in', passphrase }),
      })
    const done = await post('/inbox?show=held', PASSPHRASE)
    assert.deepEqual([done.status, done.headers.get('location')], [303, '/inbox?show=held'])
    const [cookie = ''] = (done.headers.get('set-cookie') ?? '').split(';')
    assert.equal((await owner.ask('/inbox', { headers: { cookie } })).status, 200)
    assert.deepEqual(done.headers.getSetCookie().slice(1), ['device=ddddd; Path=/'])
    const wrong = await post('/inbox', 'wrong')
    assert.deepEqual([wrong.status, wrong.headers.get('set-cookie')], [401, null])
    assert.match(await wrong.text(), /not the passphrase/)
    const often = await post('/inbox', 'too often')
    assert.deepEqual([often.status, often.headers.get('retry-after')], [429, '60'])
    for (const [fetchSite, status] of [
      ['cross-site', 403],
      ['same-site', 403],
      ['same-origin', 303],
    ] as const) {
      const response = await post('/inbox', PASSPHRASE, { 'sec-fetch-site': fetchSite })
      assert.equal(response.status, status)
    }
  })

  it('does what the buttons of the page say', async () => {
    const owner = await createOwner()
    const source = await owner.accept()
    const id = idOf(source)
    const page = await (await owner.get('/inbox')).text()
    const approve = buttonsOf(page).find((value) => value.startsWith(`approve.${id}.`)) ?? ''
    const done = await owner.press(approve)
    assert.equal(done.status, 303)
    assert.equal(done.headers.get('location'), `/inbox?done=approved#m-${id}`)
    assert.deepEqual(await publishedSources(owner), [source])
    const version = approve.split('.').at(-1) ?? ''
    for (const [button, check] of [
      ['unread', async () => (await listed(owner))[0]?.isRead === false],
      ['read', async () => (await listed(owner))[0]?.isRead === true],
      ['keep', async () => (await listed(owner))[0]?.isPrivate === true],
      ['allow', async () => (await owner.inbox.decisions.read()).allow[0] === 'bob.example'],
      ['block', async () => (await owner.inbox.decisions.read()).deny[0] === 'bob.example'],
    ] as const) {
      const current = (await listed(owner))[0]?.version ?? version
      assert.equal((await owner.press(`${button}.${id}.${current}`)).status, 303)
      assert.ok(await check(), button)
    }
    assert.deepEqual(await listed(owner), [])
    const gone = await owner.press(`delete.${id}.${version}`)
    assert.equal(gone.headers.get('location'), '/inbox?done=gone')
    await owner.press('forget.bob.example')
    assert.deepEqual(await owner.inbox.decisions.read(), { allow: [], deny: [] })
  })

  it('asks to look again where the message has changed', async () => {
    const owner = await createOwner()
    const first = message()
    await owner.inbox.accept('k', first)
    const page = await (await owner.get('/inbox')).text()
    const approve = buttonsOf(page).find((value) => value.startsWith('approve.')) ?? ''
    await owner.inbox.accept('k', { ...first, text: 'Buy watches!' })
    const response = await owner.press(approve)
    assert.match(response.headers.get('location') ?? '', /done=changed/)
    assert.deepEqual(await publishedSources(owner), [])
  })

  it('marks as read what the page shows, at once', async () => {
    const owner = await createOwner()
    for (let i = 0; i < 3; i++) await owner.accept({ privacy: 'private', target: `${POST}${i}` })
    const later = idOf(await owner.accept())
    await owner.press('read-shown')
    const unread = (await listed(owner)).filter(({ isRead }) => !isRead)
    assert.deepEqual(
      unread.map(({ id }) => id),
      [later],
    )
  })

  it('goes back to where the button was', async () => {
    const owner = await createOwner()
    const source = await owner.accept({ privacy: 'private' })
    const version = (await listed(owner))[0]?.version
    const go = async (action: string, path: string) => {
      const response = await owner.press(`${action}.${idOf(source)}.${version}`, {}, path)
      return response.headers.get('location')
    }
    assert.equal(
      await go('unread', '/inbox?show=private'),
      `/inbox?show=private&done=unread#m-${idOf(source)}`,
    )
    assert.equal(await go('allow', `/inbox/${idOf(source)}`), `/inbox/${idOf(source)}?done=allowed`)
    assert.equal(await go('read', `/inbox/${idOf(source)}`), '/inbox?done=read')
    for (const at of [
      'https://eve.example/inbox',
      '//eve.example/inbox',
      '/\\eve.example',
      'x:y',
      '/other',
    ]) {
      const response = await owner.press(`unread.${idOf(source)}.${version}`, { at })
      assert.match(response.headers.get('location') ?? '', /^\/inbox\?/)
    }
  })

  it('rejects a form that was not made for this session', async () => {
    const owner = await createOwner()
    const source = await owner.accept()
    const version = (await listed(owner))[0]?.version
    const button = `approve.${idOf(source)}.${version}`
    const other = await createOwner({ bench: owner })
    const foreign = hiddenFields(await (await other.get('/inbox')).text())['csrf'] ?? ''
    assert.notEqual(foreign, '')
    for (const csrf of ['', 'xxxxxxx', foreign]) {
      assert.equal((await owner.press(button, { csrf })).status, 403)
      assert.deepEqual(await publishedSources(owner), [])
    }
    const strangers = hiddenFields(await (await owner.get('/inbox')).text())
    const body = new URLSearchParams({ ...strangers, do: button })
    assert.equal((await owner.ask('/inbox', { method: 'POST', body })).status, 401)
    assert.deepEqual(await publishedSources(owner), [])
    assert.equal((await owner.press(button)).status, 303)
    assert.deepEqual(await publishedSources(owner), [source])
  })

  it('refuses what is no form, or too much of it', async () => {
    const owner = await createOwner()
    const post = (body: string | URLSearchParams) =>
      owner.ask('/inbox', { method: 'POST', headers: { cookie: owner.cookie }, body })
    assert.equal((await post('{}')).status, 415)
    assert.equal((await post(new URLSearchParams({ do: 'x'.repeat(70_000) }))).status, 413)
    assert.equal((await owner.press('dance')).status, 400)
    assert.equal((await owner.press('approve.x.y')).status, 400)
    assert.equal((await owner.ask('/inbox', { method: 'PUT' })).status, 405)
  })

  it('ends a session for good', async () => {
    const owner = await createOwner()
    const response = await owner.press('sign-out')
    assert.equal(response.status, 303)
    assert.match(response.headers.get('set-cookie') ?? '', /Max-Age=0/)
    assert.equal((await owner.get('/inbox')).status, 401)
  })
})

describe('the inbox under fire', () => {
  it('never answers with a fault of its own (property)', async (t) => {
    const owner = await createOwner()
    await owner.accept({ privacy: 'private', text: 'Secret' })
    await owner.accept()
    const [known] = await listed(owner)
    const { csrf = '' } = hiddenFields(await (await owner.get('/inbox')).text())
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        'feed/x.xml',
        `approve.${known?.id}.${known?.version}`,
        'forget.',
        'read-shown',
      ),
      fc.constantFrom('sign-in', `block.${known?.id}.${known?.version}`, known?.id ?? ''),
    )
    const name = fc.constantFrom(
      'do',
      'at',
      'csrf',
      'shown',
      'passphrase',
      'show',
      'page',
      'thread',
    )
    await holds(
      t,
      fc.asyncProperty(
        fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE'),
        text,
        fc.array(fc.tuple(name, text), { maxLength: 5 }),
        fc.constantFrom('text/html', 'application/json', '*/*'),
        fc.boolean(),
        fc.boolean(),
        async (method, path, pairs, accept, isOwner, hasToken) => {
          const query = new URLSearchParams(pairs)
          const isPost = method === 'POST'
          if (hasToken) query.set('csrf', csrf)
          const address = `/inbox/${encodeURI(path.replace(/\p{Surrogate}/gu, ''))}${isPost ? '' : `?${query}`}`
          const url = URL.canParse(address, ME.href) ? address : '/inbox'
          const headers = { accept, ...(isOwner && { cookie: owner.cookie }) }
          const response = await owner.ask(url, { method, headers, ...(isPost && { body: query }) })
          assert.ok(response.status < 500, String(response.status))
          if (!isOwner) assert.ok(!(await response.text()).includes('Secret'))
        },
      ),
      { numRuns: 300 },
    )
  })
})
