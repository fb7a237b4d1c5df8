import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readAuthorPage } from '../../lib/webmention/author-card.ts'
import { createLab, entry, htmlResponse, SOURCE, type Pages } from './receiving.ts'

const HOME = 'https://bob.example/'
const CARD = '<p class="h-card"><a class="u-url u-uid p-name" href="/">Bob Brown</a></p>'
const NAMED = entry(`<a class="u-author" href="${HOME}"></a>`)
const PRIVATE = '<data class="p-visibility" value="private"></data>'

describe('readAuthorPage()', () => {
  const read = (html: string, moved = { page: HOME, url: HOME }) =>
    readAuthorPage({ html, ...moved })?.name
  const card = (name: string, url: string, more = '') =>
    `<p class="h-card"><a class="p-name u-url ${more}" href="${url}">${name}</a></p>`

  it('takes the card whose url and uid are the page, then one by rel=me, then the only one of the page', () => {
    const plain = card('Plain', '/')
    const uid = card('Uid', '/', 'u-uid')
    const me = `${card('Me', 'https://toot.example/@bob')}<link rel="ME" href="https://toot.example/@bob">`
    assert.equal(read(plain + me + uid), 'Uid')
    assert.equal(read(plain + me), 'Me')
    assert.equal(read(plain + card('Carol', 'https://carol.example/')), 'Plain')
    assert.equal(read(plain + card('Other', '/')), undefined)
    assert.equal(read(plain + plain), 'Plain')
    assert.equal(read(card('Carol', 'https://carol.example/')), undefined)
    assert.equal(read(''), undefined)
  })

  it('knows the page by where it was asked for and where it came from', () => {
    const moved = { page: 'https://bob.example/about', url: 'https://www.bob.example/about/' }
    assert.equal(read(card('Bob', 'http://bob.example/about'), moved), 'Bob')
    assert.equal(read(card('Bob', '/contact'), moved), undefined)
  })

  it('finds the card of an entry too, and its picture', () => {
    const html = `<div class="h-feed"><div class="h-entry"><span class="p-author h-card"><img class="u-photo" src="/me.png" alt=""><a class="u-url p-name" href="/">Bob</a></span></div></div>`
    assert.deepEqual(readAuthorPage({ html, url: HOME, page: HOME }), {
      ...{ name: 'Bob', photo: 'https://bob.example/me.png' },
    })
  })

  it('takes no name that says to come from elsewhere, and none that is an address', () => {
    assert.equal(read(card('Bob (alice.example)', '/')), 'Bob')
    assert.equal(read(card('https://bob.example/', '/')), undefined)
  })
})

describe("an author's page", () => {
  async function authorOf(pages: Pages, fields: Record<string, string> = {}) {
    const lab = createLab({ pages, codes: { xxxxxxx: SOURCE } })
    await lab.send(fields)
    return { author: lab.message?.author, fetches: lab.fetches, lab }
  }

  it('says who wrote an entry that only links to it', async () => {
    const { author, fetches } = await authorOf({ [SOURCE]: NAMED, [HOME]: CARD })
    assert.deepEqual(author, { name: 'Bob Brown', url: HOME })
    assert.deepEqual(fetches, [SOURCE, HOME])
    const link = `<link rel="author" href="/">${entry()}`
    const byRel = await authorOf({ [SOURCE]: link, [HOME]: CARD })
    assert.deepEqual(byRel.author, { name: 'Bob Brown', url: HOME })
  })

  it('is not asked where the entry has a card or a name', async () => {
    for (const inside of [
      CARD.replace('h-card', 'p-author h-card'),
      '<b class="p-author">Bob</b>',
    ]) {
      const { fetches } = await authorOf({ [SOURCE]: entry(inside), [HOME]: CARD })
      assert.deepEqual(fetches, [SOURCE])
    }
  })

  it('that cannot be had is no failure of the mention', async () => {
    for (const page of [
      undefined,
      () => new Response('', { status: 500 }),
      () => new Response('{}', { headers: { 'content-type': 'application/json' } }),
      () => htmlResponse('x'.repeat(1024 * 1024 + 1)),
      () => htmlResponse('<p>Nobody'),
    ]) {
      const { author } = await authorOf({ [SOURCE]: NAMED, ...(page && { [HOME]: page }) })
      assert.deepEqual(author, { name: 'bob.example', url: HOME })
    }
  })

  it('is fetched once a day, and after an hour where it said nothing', async () => {
    const { lab } = await authorOf({ [SOURCE]: NAMED, [HOME]: CARD })
    const count = () => lab.fetches.filter((url) => url === HOME).length
    lab.wait(23 * 3600)
    await lab.send()
    assert.equal(count(), 1)
    lab.wait(2 * 3600)
    lab.pages[HOME] = '<p>Nobody'
    await lab.send()
    assert.equal(count(), 2)
    assert.deepEqual(lab.message?.author, { name: 'Bob Brown', url: HOME }, 'known from before')
    lab.wait(1800)
    await lab.send()
    assert.equal(count(), 2)
    lab.wait(3600)
    lab.pages[HOME] = CARD.replace('Brown', 'Black')
    await lab.send()
    assert.equal(count(), 3)
    assert.deepEqual(lab.message?.author, { name: 'Bob Black', url: HOME })
  })

  for (const [addresses, addressOf, limit] of [
    ['one host', (i: number) => `https://victim.example/?${i}`, 20],
    ['hosts of one site', (i: number) => `https://h${i}.victim.example/`, 20],
    ['spellings of one host', (i: number) => `https://victim.example${'.'.repeat(i % 2)}/${i}`, 20],
    ['many sites', (i: number) => `https://victim${i}.example/`, 100],
  ] as const) {
    it(`is no way to make this site call without end on ${addresses}`, async () => {
      const lab = createLab({ limits: { perHost: 10_000, perClient: 10_000 } })
      for (let i = 0; i < limit + 10; i++) {
        const source = `https://s${i}.com/`
        lab.pages[source] = entry(`<a class="u-author" href="${addressOf(i)}"></a>`)
        await lab.send({ source })
      }
      assert.equal(lab.messages.size, limit + 10)
      assert.equal(lab.fetches.filter((url) => url.includes('victim')).length, limit)
    })
  }

  it('is not fetched from a host that is denied', async () => {
    const lab = createLab({
      denied: ['toot.example'],
      pages: {
        [SOURCE]: entry('<a class="u-author" href="https://toot.example/@bob"></a>'),
        'https://toot.example/@bob': CARD,
      },
    })
    await lab.send()
    assert.deepEqual(lab.fetches, [SOURCE])
  })

  it('of a private mention is fetched on the same site only, without redirects and tokens', async () => {
    const other = 'https://toot.example/@bob'
    const told = async (page: string, secret: boolean) => {
      const lab = createLab({
        pages: {
          [SOURCE]: entry(`${secret ? PRIVATE : ''}<a class="u-author" href="${page}"></a>`),
          [HOME]: CARD,
          [other]: CARD.replace('href="/"', `href="${other}"`),
        },
      })
      const inits: unknown[] = []
      const { fetch } = lab.options
      Object.assign(lab.options, {
        fetch: (url: URL, init: RequestInit = {}) => {
          inits.push([url.href, init.redirect, new Headers(init.headers).has('authorization')])
          return fetch(url, init)
        },
      })
      await lab.send()
      return [inits, lab.message?.author.name]
    }
    assert.deepEqual(await told(HOME, true), [[[HOME, 'error', false]], 'Bob Brown'])
    assert.deepEqual(await told(HOME, false), [[[HOME, 'follow', false]], 'Bob Brown'])
    assert.deepEqual(await told(other, true), [[], 'toot.example/@bob'])
    assert.deepEqual(await told(other, false), [[[other, 'follow', false]], 'Bob Brown'])
  })
})
