import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { sweepWebmentions } from '../../lib/webmention/sweep.ts'
import { createLab, entry, htmlResponse, NOW, POST, SITE, SOURCE, type Lab } from './receiving.ts'

const CODE = 'the-code-of-bob'
const codes = { [CODE]: SOURCE }
const PROCESSED = { status: 'processed', private: true }
const status = (code: number) => () => new Response('', { status: code })

/** Bob's gated post: 401, and to whoever has a token what `#private` says. */
function gated(page = entry('<data class="p-visibility" value="private"></data>')) {
  return createLab({ codes, pages: { [SOURCE]: status(401), [`${SOURCE}#private`]: page } })
}

async function again(lab: Lab, fields: Record<string, string> = {}) {
  lab.wait(60)
  return lab.send(fields)
}

describe('a mention', () => {
  it('looks twice at the list of pages: when it comes, and when it is kept', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const { files } = lab.options
    let looks = 0
    Object.assign(lab.options, { files: (name: string) => (looks++, files(name)) })
    assert.equal((await lab.send()).status, 'success')
    assert.equal(looks, 2)
  })
})

describe('comments on one page', () => {
  const link = `<a href="${POST}">this</a>`
  const comment = (id: string, text = `${id} says ${link}`) =>
    `<div class="h-cite" id="${id}"><b class="p-author">${id}</b><p class="e-content">${text}</p></div>`
  const send = (lab: Lab, fragment: string) => again(lab, { source: SOURCE + fragment })
  /** Whatever the fragment, it is one page that is fetched. */
  const createPage = (html: string) => {
    const lab = createLab()
    const set = (next: string) => {
      for (const id of ['', '#ann', '#ben', '#eve']) lab.pages[SOURCE + id] = next
    }
    set(html)
    return { lab, set }
  }
  const authors = (lab: Lab) => [...lab.messages.values()].map(({ author }) => author.name)

  it('are mentions of their own, sent within seconds', async () => {
    const { lab } = createPage(comment('ann') + comment('ben'))
    for (const id of ['#ann', '#ben']) {
      assert.equal((await lab.send({ source: SOURCE + id })).status, 'success')
    }
    assert.deepEqual(authors(lab), ['ann', 'ben'])
    const sources = [...lab.messages.values()].map(({ source }) => source)
    assert.deepEqual(sources, [`${SOURCE}#ann`, `${SOURCE}#ben`])
  })

  it('are updated one by one', async () => {
    const { lab, set } = createPage(comment('ann') + comment('ben'))
    await send(lab, '#ann')
    await send(lab, '#ben')
    set(comment('ann', `now ${link}`) + comment('ben'))
    await send(lab, '#ann')
    assert.deepEqual(
      [...lab.messages.values()].map(({ text }) => text),
      ['now this', 'ben says this'],
    )
  })

  it('are taken back one by one, though the page still links', async () => {
    const { lab, set } = createPage(comment('ann') + comment('ben'))
    await send(lab, '#ann')
    await send(lab, '#ben')
    set(comment('ann'))
    assert.equal((await send(lab, '#ben')).status, 'deleted')
    assert.deepEqual(authors(lab), ['ann'])
    set('<p>nothing')
    assert.equal((await send(lab, '#ann')).status, 'deleted')
    assert.equal(lab.messages.size, 0)
  })

  it('count as their page where it has no such part', async () => {
    const { lab } = createPage(comment('ann'))
    await send(lab, '')
    assert.equal((await send(lab, '#eve')).status, 'success')
    assert.deepEqual(authors(lab), ['ann'])
    lab.pages[`${SOURCE}#eve`] = comment('eve')
    await send(lab, '#eve')
    assert.deepEqual(authors(lab), ['ann', 'eve'])
  })
})

describe('a public mention', () => {
  it('arrives with all that is known of it', async () => {
    const card = '<a class="p-author h-card" href="/">Bob</a>'
    const time = '<time class="dt-published" datetime="2026-11-20T10:00:00Z"></time>'
    const link = `<a class="u-in-reply-to" href="${POST}">a post</a>`
    const lab = createLab({ pages: { [SOURCE]: entry(card + time, link) } })
    await lab.send({ target: `${POST}?utm=x#top`.replace('?utm=x', '') })
    assert.deepEqual(lab.message, {
      protocol: 'webmention',
      source: SOURCE,
      target: POST,
      privacy: 'public',
      host: 'bob.example',
      hosts: ['bob.example'],
      author: { name: 'Bob', url: 'https://bob.example/' },
      type: 'reply',
      text: 'See a post.',
      html: `See <a href="${POST}" rel="nofollow ugc noreferrer noopener">a post</a>.`,
      published: '2026-11-20T10:00:00.000Z',
      inReplyTo: POST,
    })
  })

  it('is replaced when it is sent again, not doubled', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    await lab.send()
    lab.pages[SOURCE] = entry('', `<b>now</b> <a href="${POST}">this</a>`)
    assert.equal((await again(lab)).status, 'success')
    assert.equal(lab.messages.size, 1)
    assert.equal(lab.message?.text, 'See now this.')
  })

  it('is taken away when the link is gone', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    await lab.send()
    lab.pages[SOURCE] = '<p>nothing'
    assert.deepEqual(await again(lab), { status: 'deleted', private: false })
    assert.equal(lab.messages.size, 0)
    assert.equal((await again(lab)).status, 'no_link_found')
  })

  it('is taken away when the source is 410', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    await lab.send()
    lab.pages[SOURCE] = status(410)
    assert.equal((await again(lab)).status, 'deleted')
    assert.equal(lab.messages.size, 0)
    assert.equal((await again(lab)).status, 'gone')
  })

  for (const [name, page, word] of [
    ['404', status(404), 'not_found'],
    ['500', status(500), 'pending'],
    [
      'a PDF',
      () => new Response('x', { headers: { 'content-type': 'application/pdf' } }),
      'unsupported_content_type',
    ],
    ['too much', () => htmlResponse('x'.repeat(1024 * 1024 + 1)), 'too_large'],
  ] as const) {
    it(`stays when the source is ${name}`, async () => {
      const lab = createLab({ pages: { [SOURCE]: entry() } })
      await lab.send()
      lab.pages[SOURCE] = page
      assert.equal((await again(lab)).status, word)
      assert.equal(lab.messages.size, 1)
    })
  }

  for (const code of [401, 403]) {
    it(`leaves the public shelf, and stays, when the source is ${code}`, async () => {
      const lab = createLab({ pages: { [SOURCE]: entry() } })
      await lab.send()
      const before = lab.message
      lab.pages[SOURCE] = status(code)
      assert.deepEqual(await again(lab), PROCESSED)
      const warnings = ['its page is private now']
      assert.deepEqual(lab.message, { ...before, privacy: 'private', warnings })
      assert.deepEqual(await again(lab), PROCESSED)
      assert.deepEqual(lab.message?.warnings, warnings)
    })
  }

  it('is not taken away by another spelling of the target that the source does not use', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    await lab.send()
    const other = { target: `${POST}index.html` }
    assert.equal((await again(lab, other)).status, 'success')
    assert.equal(lab.messages.size, 1)
    const unknown = createLab({ pages: { [SOURCE]: entry() } })
    assert.equal((await unknown.send(other)).status, 'no_link_found')
    assert.equal(unknown.messages.size, 0)
  })

  it('is updated, and taken away, where it was kept by the exact spelling', async () => {
    const target = POST.slice(0, -1)
    const link = `<a href="${target}">a post</a>`
    const lab = createLab({ pages: { [SOURCE]: entry('', link) } })
    await lab.send({ target })
    const kept = lab.message ?? assert.fail()
    const former = createHash('sha256')
      .update(JSON.stringify([SOURCE, target]))
      .digest('hex')
    lab.messages.clear()
    lab.messages.set(former, { ...kept, text: 'Of an earlier version.' })
    await again(lab, { target })
    assert.deepEqual([...lab.messages], [[former, kept]])
    lab.pages[SOURCE] = '<p>Nothing'
    assert.equal((await again(lab, { target })).status, 'deleted')
    assert.equal(lab.messages.size, 0)
  })

  it('follows a redirect, and tells of one to another site', async () => {
    const moved = (to: string) => () => new Response('', { status: 302, headers: { location: to } })
    const lab = createLab({
      pages: { [SOURCE]: moved('/there'), 'https://bob.example/there': entry() },
    })
    await lab.send()
    assert.deepEqual([lab.message?.source, lab.message?.warnings], [SOURCE, undefined])
    lab.pages[SOURCE] = moved('https://eve.example/x')
    lab.pages['https://eve.example/x'] = entry(
      '<a class="p-author h-card" href="https://bob.example/">Bob</a>',
    )
    await again(lab)
    assert.equal(lab.message?.host, 'eve.example')
    assert.deepEqual(lab.message?.hosts, ['bob.example', 'eve.example'])
    assert.deepEqual(lab.message?.author, { name: 'Bob', url: 'https://bob.example/' })
    assert.match(lab.message?.warnings?.[0] ?? '', /bob\.example → eve\.example/)
  })

  it('is blocked by any host on the way', async () => {
    for (const denied of ['bob.example', 'eve.example']) {
      const lab = createLab({ denied: [denied] })
      lab.pages[SOURCE] = () =>
        new Response('', { status: 301, headers: { location: 'https://eve.example/x' } })
      lab.pages['https://eve.example/x'] = entry()
      assert.equal((await lab.send()).status, 'blocked')
      assert.equal(lab.messages.size, 0)
    }
  })

  it('has nowhere to go when its target has gone meanwhile', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const response = await lab.post({ source: SOURCE, target: POST })
    Object.assign(lab.options, { files: async () => undefined })
    await lab.settle()
    const location = response.headers.get('location') ?? ''
    assert.equal((await lab.status(location)).status, 'target_not_found')
    assert.equal(lab.messages.size, 0)
  })
})

describe('a private mention', () => {
  it('is read with the token that its code was good for', async () => {
    const lab = gated()
    assert.deepEqual(await lab.send({ code: CODE }), { status: 'success', private: true })
    assert.deepEqual(
      [lab.message?.protocol, lab.message?.privacy],
      ['private-webmention', 'private'],
    )
  })

  it('is not read without one', async () => {
    const lab = gated()
    assert.deepEqual(await lab.send(), PROCESSED)
    assert.deepEqual(await again(lab, { code: 'another' }), PROCESSED)
    assert.deepEqual(
      [...lab.messages.values()].map(({ type, text }) => [type, text]),
      [['unopened', '']],
    )
  })

  for (const [name, page] of [
    ['without the link', '<p>Please sign in'],
    ['410', status(410)],
  ] as const) {
    it(`stays when somebody without its code sends it again: ${name}`, async () => {
      const lab = gated()
      await lab.send({ code: CODE })
      lab.pages[SOURCE] = page
      const stranger = await again(lab)
      assert.notEqual(stranger.status, 'deleted')
      assert.equal(lab.messages.size, 1)
      assert.notEqual((await again(lab, { code: 'made-up' })).status, 'deleted')
      assert.equal(lab.messages.size, 1)
    })

    it(`is taken away by the same authentication: ${name}`, async () => {
      const lab = gated()
      await lab.send({ code: CODE })
      lab.pages[`${SOURCE}#private`] = page
      assert.deepEqual(await again(lab, { code: CODE }), { status: 'deleted', private: true })
      assert.equal(lab.messages.size, 0)
    })
  }

  it('stays on 404, even with its code', async () => {
    const lab = gated()
    await lab.send({ code: CODE })
    lab.pages[`${SOURCE}#private`] = status(404)
    assert.equal((await again(lab, { code: CODE })).status, 'not_found')
    assert.equal(lab.messages.size, 1)
  })

  it('is not overwritten by what a stranger gets to see of it', async () => {
    const lab = gated()
    await lab.send({ code: CODE })
    const before = lab.message
    lab.pages[SOURCE] = entry('', `<b>Please sign in</b> <a href="${POST}">x</a>`)
    // What they are told is what they would be told had nothing come before.
    assert.deepEqual(await again(lab), { status: 'success', private: false })
    assert.deepEqual(lab.message, before)
  })

  it('is not moved or marked by a stranger who is shown a 401', async () => {
    const lab = gated()
    await lab.send({ code: CODE })
    const before = lab.message
    assert.ok(before)
    const stranger = createLab({ pages: { [SOURCE]: status(401) } })
    for (const [key, message] of lab.messages) stranger.messages.set(key, message)
    assert.deepEqual(await stranger.send(), PROCESSED)
    assert.deepEqual(stranger.message, before)
  })

  it('becomes public when its page says so to everybody', async () => {
    const lab = gated()
    await lab.send({ code: CODE })
    const tokens = createLab({
      pages: { [SOURCE]: entry('<data class="p-visibility" value="public"></data>') },
    })
    for (const [key, message] of lab.messages) tokens.messages.set(key, message)
    assert.deepEqual(await tokens.send(), { status: 'success', private: false })
    assert.deepEqual([tokens.message?.protocol, tokens.message?.privacy], ['webmention', 'public'])
  })

  it('stays private when the signs of it are gone', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = entry('<data class="p-visibility" value="private"></data>')
    await lab.send()
    lab.pages[SOURCE] = entry('<p class="p-summary">Changed</p>')
    assert.deepEqual(await again(lab), { status: 'success', private: true })
    assert.equal(lab.message?.privacy, 'private')
  })

  it('of a capability page is taken away by 410, which is all that such a page can say', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = entry('<data class="p-visibility" value="private"></data>')
    await lab.send()
    lab.pages[SOURCE] = status(410)
    assert.deepEqual(await again(lab), { status: 'deleted', private: true })
  })
})

describe('a source that is shown only to whom it knows', () => {
  const linked = entry('<data class="p-visibility" value="private"></data>')
  const cases: readonly [name: string, page: () => Response, isReader: boolean, told: string][] = [
    ['linked', () => htmlResponse(linked), true, 'success'],
    ['not linked', () => htmlResponse('<p>Hello'), true, 'no_link_found'],
    ['gone', status(410), true, 'gone'],
    ['no such post', status(404), true, 'not_found'],
    ['of another kind', () => new Response('', { headers: { 'content-type': 'a/b' } }), true, ''],
    ['too large', () => htmlResponse('x'.repeat(1024 * 1024 + 1)), true, 'too_large'],
    ['not a reader', status(403), false, 'unauthorized'],
    ['not known', status(401), false, 'unauthorized'],
  ]
  const lab = (page: () => Response, authenticated: boolean, redeemed: boolean) =>
    createLab({
      access: {
        redeem: async () => (redeemed ? { redeemed } : { redeemed, reason: 'no_token_endpoint' }),
        fetch: async (source) => ({ response: page(), authenticated, chain: [source] }),
      },
    })

  for (const [name, page, isReader, told] of cases) {
    it(`tells a stranger nothing: ${name}`, async () => {
      for (const fields of [{}, { code: 'made-up' }, { code: 'made-up', realm: 'guessed' }]) {
        const alices = lab(page, isReader, false)
        const response = await alices.post({ source: SOURCE, target: POST, ...fields })
        await alices.settle()
        const location = response.headers.get('location') ?? ''
        assert.deepEqual(await alices.status(location), PROCESSED)
        assert.match(await (await alices.get(location)).text(), /between its author and the owner/)
        assert.equal(alices.messages.size, ['linked', 'not known'].includes(name) ? 1 : 0)
      }
    })

    it(`tells whoever has a code for it: ${name}`, async () => {
      const sent = await lab(page, isReader, true).send({ code: CODE })
      assert.deepEqual(sent, { status: told || 'unsupported_content_type', private: true })
    })
  }

  it('tells a stranger nothing when a mention is taken back', async () => {
    let page = () => htmlResponse(linked)
    const alices = lab(() => page(), true, false)
    await alices.send()
    page = status(410)
    assert.deepEqual(await again(alices), PROCESSED)
    assert.equal(alices.messages.size, 0)
  })

  it('tells nothing either when it was tried often enough, or the target is gone', async () => {
    const broken = lab(status(500), true, false)
    const response = await broken.post({ source: SOURCE, target: POST })
    await broken.settle()
    for (let i = 0; i < 6; i++) {
      broken.wait(24 * 3600)
      await sweepWebmentions(broken.options)
    }
    assert.deepEqual(await broken.store.list('webmention-queue/'), [])
    assert.deepEqual(await broken.status(response.headers.get('location') ?? ''), PROCESSED)

    const gone = lab(() => htmlResponse(linked), true, false)
    const posted = await gone.post({ source: SOURCE, target: POST })
    Object.assign(gone.options, { files: async () => undefined })
    await gone.settle()
    assert.deepEqual(await gone.status(posted.headers.get('location') ?? ''), PROCESSED)
  })

  it('gives a stranger no part in the status page of its author', async () => {
    const store = createMemoryStore({ now: () => NOW })
    const alices = createLab({ store, codes, pages: { [SOURCE]: status(500) } })
    const author = await alices.post({ source: SOURCE, target: POST, code: CODE })
    const stranger = await alices.post({ source: SOURCE, target: POST })
    await alices.settle()
    assert.equal(stranger.status, 201)
    assert.notEqual(author.headers.get('location'), stranger.headers.get('location'))
  })
})

describe('a vouch', () => {
  const VOUCH = 'https://carol.example/friends'
  const pages = { [SOURCE]: entry() }

  it('is a page of somebody else that links to the site of the source', async () => {
    const lab = createLab({
      pages: { ...pages, [VOUCH]: '<a href="https://bob.example/">Bob</a>' },
    })
    await lab.send({ vouch: VOUCH })
    assert.deepEqual([lab.message?.vouchedBy, lab.message?.warnings], ['carol.example', undefined])
  })

  for (const [name, vouch, page] of [
    ['does not link there', VOUCH, '<a href="https://dave.example/">Dave</a>'],
    ['is not there', VOUCH, status(404)],
    ['is on the same site', 'https://bob.example/friends', '<a href="https://bob.example/">x</a>'],
    ['is no HTML', VOUCH, () => new Response('https://bob.example/')],
    ['cannot be had', 'https://nobody.example/', undefined],
  ] as const) {
    it(`that ${name} makes the mention wait, and is no reason to refuse it`, async () => {
      const lab = createLab({ pages: { ...pages, ...(page && { [vouch]: page }) } })
      assert.equal((await lab.send({ vouch })).status, 'success')
      assert.equal(lab.message?.vouchedBy, undefined)
      assert.match(lab.message?.warnings?.[0] ?? '', /vouch/)
      assert.equal(lab.fetches.includes(vouch), !vouch.startsWith('https://bob.example/'))
    })
  }

  it('is not asked for', async () => {
    const lab = createLab({ pages })
    assert.equal((await lab.send()).status, 'success')
    assert.equal(lab.message?.warnings, undefined)
  })
})

describe('taking back', () => {
  const HALF_A_DAY = 12 * 60 * 60

  async function sent(page: string | (() => Response) = entry(), fields = {}) {
    const lab = createLab({ codes, pages: { [SOURCE]: page, [`${SOURCE}#private`]: entry() } })
    await lab.send(fields)
    assert.equal(lab.messages.size, 1)
    return lab
  }

  for (const [name, page] of [
    ['410', status(410)],
    ['a page that says 410', () => htmlResponse(TOMBSTONE)],
    ['a page without the link', () => htmlResponse('<p>nothing')],
  ] as const) {
    it(`is not held back by the limit for new mentions: ${name}`, async () => {
      const lab = await sent()
      lab.pages[SOURCE] = page
      assert.equal((await lab.send()).status, 'deleted')
      assert.equal(lab.messages.size, 0)
    })
  }

  it('is not held back by a flood from the same host, nor by a full queue', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() }, limits: { perHost: 3, waiting: 2 } })
    await lab.send()
    const flood = async (path: string) => {
      const body = new URLSearchParams({ source: SOURCE + path, target: POST })
      const request = new Request(`${SITE.href}webmention`, { method: 'POST', body })
      return (await lab.endpoint(request)).status
    }
    assert.deepEqual([await flood('/1'), await flood('/2'), await flood('/3')], [201, 201, 429])
    assert.equal((await lab.send()).status, 'success')
    lab.wait(60)
    assert.equal(await flood('/4'), 503)
    lab.pages[SOURCE] = status(410)
    assert.equal((await lab.send()).status, 'deleted')
  })

  it('is verified at once a few times a minute, and a little later beyond that', async () => {
    const lab = await sent()
    for (let i = 0; i < 20; i++) await lab.send()
    assert.equal(lab.fetches.length, 1 + 6)
    lab.pages[SOURCE] = status(410)
    assert.equal((await lab.send()).status, 'pending')
    lab.wait(60)
    await sweepWebmentions(lab.options)
    assert.equal(lab.messages.size, 0)
  })

  it('reaches a mention whose target is gone meanwhile, which no new one does', async () => {
    const lab = await sent()
    Object.assign(lab.options, { files: async () => undefined })
    const fresh = await lab.post({ source: `${SOURCE}/other`, target: POST })
    assert.equal(fresh.status, 400)
    lab.pages[SOURCE] = status(410)
    assert.equal((await lab.send()).status, 'deleted')
    assert.equal(lab.messages.size, 0)
  })

  it('happens by itself when 404 was seen at three looks over a day', async () => {
    const lab = await sent()
    lab.pages[SOURCE] = status(404)
    assert.equal((await lab.send()).status, 'not_found')
    const left: number[] = []
    for (let hour = 1; hour <= 25; hour++) {
      lab.wait(3600)
      await sweepWebmentions(lab.options)
      left.push(lab.messages.size)
    }
    assert.equal(left.indexOf(0), 23, 'after a day')
    assert.equal(lab.fetches.length, 4)
    lab.wait(30 * HALF_A_DAY)
    assert.equal(await sweepWebmentions(lab.options), 0, 'nothing is left to be looked at')
  })

  it('cannot be hurried by whoever sends a mention often', async () => {
    const lab = await sent()
    lab.pages[SOURCE] = status(404)
    for (let i = 0; i < 6; i++) {
      assert.equal((await lab.send()).status, 'not_found')
      lab.wait(3600)
    }
    assert.equal(lab.messages.size, 1)
  })

  it('does not happen to a page that is back before the day is over', async () => {
    const lab = await sent()
    lab.pages[SOURCE] = status(404)
    await lab.send()
    lab.wait(HALF_A_DAY)
    lab.pages[SOURCE] = entry()
    await sweepWebmentions(lab.options)
    lab.pages[SOURCE] = status(404)
    lab.wait(HALF_A_DAY)
    assert.equal((await lab.send()).status, 'not_found')
    assert.equal(lab.messages.size, 1)
  })

  it('survives the end of the process between two looks', async () => {
    const store = createMemoryStore({ now: () => lab.now() })
    const lab = createLab({ store, pages: { [SOURCE]: entry() } })
    await lab.send()
    const lost = { ...lab.options }
    lab.pages[SOURCE] = status(404)
    await lab.send()
    for (const _ of [1, 2]) {
      lab.wait(HALF_A_DAY)
      await sweepWebmentions({ ...lost })
    }
    assert.equal(lab.messages.size, 0)
  })

  it('is never done for 401, 403 or 500, however often it is seen', async () => {
    for (const code of [401, 403, 500]) {
      const lab = await sent()
      lab.pages[SOURCE] = status(code)
      for (let look = 0; look < 5; look++) {
        await lab.send()
        lab.wait(HALF_A_DAY)
        await sweepWebmentions(lab.options)
      }
      assert.equal(lab.messages.size, 1, String(code))
    }
  })

  it('of a private mention needs its code at the first 404, and none at those that follow', async () => {
    const lab = await sent(status(401) as never, { code: CODE })
    lab.pages[SOURCE] = status(404)
    await lab.send()
    lab.wait(2 * HALF_A_DAY)
    assert.equal(await sweepWebmentions(lab.options), 0, 'a stranger begins nothing')
    lab.pages[SOURCE] = status(401)
    lab.pages[`${SOURCE}#private`] = status(404)
    await lab.send({ code: CODE })
    for (const _ of [1, 2]) {
      lab.wait(HALF_A_DAY)
      await sweepWebmentions(lab.options)
    }
    assert.equal(lab.messages.size, 0)
  })

  it('forgets what its owner has removed meanwhile', async () => {
    const lab = await sent()
    lab.pages[SOURCE] = status(404)
    await lab.send()
    lab.messages.clear()
    lab.wait(HALF_A_DAY)
    assert.equal(await sweepWebmentions(lab.options), 1)
    lab.wait(HALF_A_DAY)
    assert.equal(await sweepWebmentions(lab.options), 0)
  })
})

/** What a host without status codes of one's own shows in the place of a post. */
const TOMBSTONE =
  '<!doctype html><html><head><meta http-equiv="status" content="410 Gone"></head><body></body></html>'
