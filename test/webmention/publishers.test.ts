import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  publicListings,
  recognisePublisher,
  type Receiver,
} from '../../lib/webmention/publishers.ts'

const PAGE = new URL('https://bob.example/')
const OWN = 'https://bob.example/webmention'

describe('recognisePublisher(), by the host and the address of the endpoint', () => {
  for (const [endpoint, name] of [
    ['https://webmention.io/bob.example/webmention', 'webmention.io'],
    ['http://webmention.io/bob/webmention', 'webmention.io'],
    ['https://www.webmention.io/bob/webmention', 'webmention.io'],
    ['https://WebMention.IO/bob/webmention', 'webmention.io'],
    ['https://webmention.io./bob/webmention', 'webmention.io'],
    ['https://webmention.io:8443/bob/webmention', 'webmention.io'],
    ['https://webmention.herokuapp.com/api/webmention', 'webmention.herokuapp.com'],
    ['https://micro.blog/webmention', 'micro.blog'],
    ['https://brid.gy/publish/webmention', 'brid.gy'],
    ['https://fed.brid.gy/webmention', 'brid.gy'],
    ['https://news.indieweb.org/en/webmention', 'news.indieweb.org'],
    ['https://indieweb.xyz/webmention', 'indieweb.xyz'],
    ['https://webmention.rocks/test/1/webmention', 'webmention.rocks'],
    ['https://bob.example/wp-json/webmention/1.0/endpoint', 'WordPress'],
    ['https://bob.example/blog/wp-json/webmention/1.0/endpoint/', 'WordPress'],
    ['https://bob.example/index.php/wp-json/webmention/1.0/endpoint', 'WordPress'],
    ['https://bob.example/wp-json/indieblocks/v1/webmention', 'WordPress'],
    ['https://bob.example/api/webmention/1.0/endpoint', 'WordPress'],
    ['https://bob.example/?rest_route=/webmention/1.0/endpoint', 'WordPress'],
    ['https://bob.example/index.php?rest_route=%2Fwebmention%2F1.0%2Fendpoint', 'WordPress'],
    ['https://bob.example/?webmention=endpoint', 'WordPress'],
    ['https://bob.example/blog/?lang=en&webmention=endpoint', 'WordPress'],
    ['https://wm.example/bob.example/webmention', "webmention.io's software"],
    ['https://wm.example/xn--bb-eka.xn--p1ai/webmention', "webmention.io's software"],
    ['https://wm.example/blog.bob.org.uk/webmention', "webmention.io's software"],
    ['https://jam.example/webmention/bob.example/miauwkes', 'go-jamming'],
    ['https://jam.bob.example/webmention', 'go-jamming'],
    ['https://mentions.example/receive', 'webmentiond'],
    ['https://bob.example/webmentions/receive', 'webmentiond'],
    ['https://bob.example/webmention/receive', 'Drupal'],
  ] as const) {
    it(`knows ${endpoint}`, () => {
      const recognised = recognisePublisher({ endpoint: new URL(endpoint) })
      assert.equal(recognised?.publisher.name, name)
      assert.match(recognised.publisher.see, /^https:\/\//)
      assert.match(recognised.evidence, /^its host|^the address of its endpoint/)
    })
  }

  for (const endpoint of [
    OWN,
    'https://webmention.io.bob.example/webmention',
    'https://notwebmention.io/webmention',
    'https://bob.example/webmention.io',
    'https://bob.example/?forward=https://webmention.io/',
    'https://herokuapp.com/webmention',
    'https://indieweb.org/webmention',
    // Our own status pages, Ghost, and addresses that many write by hand.
    'https://bob.example/webmention/0123456789abcdef',
    'https://bob.example/webmentions/receive/',
    'https://bob.example/webmention-endpoint',
    'https://bob.example/webmention.php',
    'https://bob.example/api/webmention',
    'https://bob.example/bob/webmention',
    'https://bob.example/?webmention=1',
    // Names of programs and versions are no domains.
    'https://bob.example/index.php/webmention',
    'https://bob.example/api.php/webmention/',
    'https://bob.example/v1.0/webmention',
    'https://bob.example/webmention/v1.0/receive',
    'https://bob.example/webmention/index.php/receive',
    'https://jam.bob.example/',
    'https://wp-json.example/webmention',
  ]) {
    it(`has nothing against ${endpoint}`, () => {
      assert.equal(recognisePublisher({ endpoint: new URL(endpoint) }), undefined)
    })
  }
})

describe('recognisePublisher(), by what its own server answers', () => {
  const receiver = (more: Partial<Receiver>): Receiver => ({
    ...{ endpoint: new URL(OWN), page: PAGE, rels: new Map() },
    ...more,
  })
  const api = new Map([['https://api.w.org/', new URL('https://bob.example/wp-json/')]])
  const cases: [Partial<Receiver>, string, RegExp][] = [
    [{ rels: api }, 'WordPress', /rel="https:\/\/api\.w\.org\/"/],
    [header('x-pingback', 'https://bob.example/xmlrpc.php'), 'WordPress', /x-pingback/],
    [
      { rels: new Map([['pingback', new URL('https://bob.example/blog/xmlrpc.php')]]) },
      'WordPress',
      /rel="pingback"/,
    ],
    [header('x-redirect-by', 'WordPress'), 'WordPress', /x-redirect-by/],
    [header('x-powered-by', 'WP Engine'), 'WordPress', /x-powered-by/],
    [header('x-powered-by', 'https://withknown.com'), 'Known', /x-powered-by/],
    [header('x-powered-by', 'Craft CMS'), 'Craft CMS', /x-powered-by/],
    [header('x-powered-by', 'ProcessWire CMS'), 'ProcessWire', /x-powered-by/],
    [header('x-generator', 'Drupal 11 (https://www.drupal.org)'), 'Drupal', /x-generator/],
  ]
  for (const [more, name, evidence] of cases) {
    it(`${name}: ${evidence.source}`, () => {
      const recognised = recognisePublisher(receiver(more))
      assert.equal(recognised?.publisher.name, name)
      assert.match(recognised.evidence, evidence)
      const www = { ...more, page: new URL('https://www.bob.example/') }
      assert.equal(recognisePublisher(receiver(www))?.publisher.name, name)
    })

    it(`not where the endpoint is at another host than such a page: ${evidence.source}`, () => {
      const endpoint = new URL('https://carol.example/webmention')
      assert.equal(recognisePublisher(receiver({ ...more, endpoint })), undefined)
    })
  }

  for (const [name, value] of [
    ['x-powered-by', 'Express'],
    ['x-powered-by', 'PHP/8.3'],
    ['server', 'nginx'],
    ['x-pingback', 'https://webmention.io/bob/xmlrpc'],
    ['x-generator', 'Hugo'],
  ] as const) {
    it(`has nothing against ${name}: ${value}`, () => {
      assert.equal(recognisePublisher(receiver(header(name, value))), undefined)
    })
  }

  for (const pingback of ['https://bob.example/pingback', 'https://webmention.io/bob/xmlrpc']) {
    it(`has nothing against a page that names ${pingback}`, () => {
      const rels = new Map([['pingback', new URL(pingback)]])
      assert.equal(recognisePublisher(receiver({ rels })), undefined)
    })
  }

  it('knows the pair of endpoints that the guide of go-jamming has, at another host only', () => {
    const endpoint = new URL('https://mentions.example/webmention')
    const rels = (pingback: string) => new Map([['pingback', new URL(pingback)]])
    const pair = { endpoint, rels: rels('https://mentions.example/pingback') }
    assert.equal(recognisePublisher(receiver(pair))?.publisher.name, 'go-jamming')
    const other = { endpoint, rels: rels('https://pings.example/pingback') }
    assert.equal(recognisePublisher(receiver(other)), undefined)
    const own = { rels: rels('https://bob.example/pingback') }
    assert.equal(recognisePublisher(receiver(own)), undefined)
  })

  function header(name: string, value: string): Partial<Receiver> {
    return { headers: new Headers({ [name]: value }) }
  }
})

describe('publicListings()', () => {
  const target = new URL('https://bob.example/notes/1')
  const at = encodeURIComponent(target.href)
  for (const [endpoint, ...listings] of [
    [
      'https://webmention.io/bob.example/webmention',
      `https://webmention.io/api/mentions.jf2?target=${at}&per-page=100`,
    ],
    [
      'https://wm.example/bob.example/webmention',
      `https://wm.example/api/mentions.jf2?target=${at}&per-page=100`,
      `https://wm.example/api/links?target=${at}&per-page=100`,
    ],
    [
      'https://wm.example/bob/webmention',
      `https://wm.example/api/mentions.jf2?target=${at}&per-page=100`,
      `https://wm.example/api/links?target=${at}&per-page=100`,
    ],
    ['https://wm.example/api/webmention', `https://wm.example/api/mentions?url=${at}`],
    ['https://wm.example/webmentions/receive', `https://wm.example/webmentions/get?target=${at}`],
    [
      'https://jam.example/webmention/bob.example/miauwkes',
      'https://jam.example/webmention/bob.example/miauwkes',
    ],
    ['https://jam.example/webmention'],
    [
      'https://bob.example/blog/wp-json/webmention/1.0/endpoint',
      'https://bob.example/blog/comments/feed/',
      'https://bob.example/blog/wp-json/wp/v2/comments?per_page=100',
    ],
    [
      'https://bob.example/?rest_route=/webmention/1.0/endpoint',
      'https://bob.example/?feed=comments-rss2',
      'https://bob.example/?rest_route=/wp/v2/comments&per_page=100',
    ],
    ['https://bob.example/webmention'],
  ] as const) {
    it(`of ${endpoint}`, () => {
      const found = publicListings(new URL(endpoint), target)
      assert.deepEqual(
        found.map(({ href }) => href),
        listings,
      )
    })
  }
})
