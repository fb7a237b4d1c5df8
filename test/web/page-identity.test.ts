import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  isSamePage,
  pageIdentity,
  pageIdentityOf,
  partIdentityOf,
  pathIdentity,
  spellingsOf,
  staticPageIdentity,
} from '../../lib/web/page-identity.ts'
import { holds } from '../support/property.ts'

/** Addresses of one page, and of what is not that page. */
const pages: readonly {
  readonly page: string
  readonly same: readonly string[]
  readonly other: readonly string[]
}[] = [
  {
    page: 'https://alice.example/a/',
    same: [
      'https://alice.example/a',
      'https://alice.example/a//',
      'https://alice.example/a.html',
      'https://alice.example/a.htm',
      'https://alice.example/a/index.html',
      'https://alice.example/a/index.htm',
      'http://alice.example/a',
      'HTTPS://ALICE.Example/a/',
      'https://alice.example./a/',
      'https://alice.example:443/a/',
      'http://alice.example:80/a/',
      'https://alice.example/%61/',
      'https://alice.example/b/../a/',
      'https://alice.example/%2e/a/',
      'https://alice.example/a%2Ehtml',
      'https://alice.example/a/#comments',
      'https://alice.example/a/#:~:text=hello',
      'https://alice.example/a/?',
      'https://alice.example/a?utm_source=x',
      'https://alice.example/a.html?utm_source=x&utm_medium=y#z',
      'https://alice.example/a/?UTM_Source=x',
      'https://alice.example/a/?%75tm_source=x',
      'https://alice.example/a/?fbclid=x',
      'https://alice.example/a/?gclid=x&mc_cid=y&mc_eid=z',
      'https://alice.example/a/?mtm_campaign=x&_hsenc=y&hsCtaTracking=z',
      'https://alice.example/a/?fbclid',
      'https://bob:secret@alice.example/a/',
    ],
    other: [
      'https://alice.example/A/',
      'https://alice.example/a/b/',
      'https://alice.example/ab/',
      'https://alice.example/a.html/',
      'https://alice.example/a.php',
      'https://alice.example/a/.html',
      'https://alice.example/a/index',
      'https://alice.example/a/index.html/b',
      'https://alice.example/a%2F',
      'https://alice.example/a/?page=2',
      'https://alice.example/a/?ref=bob.example',
      'https://alice.example/a/?utmost=1',
      'https://www.alice.example/a/',
      'https://alice.example:8443/a/',
      'https://alice.example.eve.example/a/',
      'https://alice.example/',
    ],
  },
  {
    page: 'https://alice.example/',
    same: [
      'https://alice.example',
      'https://alice.example/index.html',
      'https://alice.example/index.htm#top',
      'http://alice.example/?fbclid=x',
    ],
    other: [
      'https://alice.example/.html',
      'https://alice.example/index/',
      'https://alice.example/?p=1',
    ],
  },
  {
    page: 'https://alice.example/grüße/',
    same: [
      'https://alice.example/gr%C3%BC%C3%9Fe',
      'https://alice.example/gr%c3%bc%c3%9fe/',
      'https://alice.example/gru\u0308ße.html',
    ],
    other: ['https://alice.example/gru%C3%9Fe/', 'https://alice.example/gr%FC%DFe/'],
  },
  {
    page: 'https://alice.example/gr%FCn/',
    same: ['https://alice.example/gr%fcn', 'https://alice.example/%67r%fc%6e.html'],
    other: ['https://alice.example/grün/', 'https://alice.example/gr%FDn/'],
  },
  {
    page: "https://alice.example/what's_new(2),~a+b/",
    same: ['https://alice.example/what%27s%5Fnew%282%29%2C%7ea%2Bb/'],
    other: ["https://alice.example/what's_new(2),~a%20b/"],
  },
  {
    page: 'https://alice.example/a%2Fb/',
    same: ['https://alice.example/a%2fb'],
    other: ['https://alice.example/a/b/'],
  },
  {
    page: 'https://alice.example/100%25/',
    same: ['https://alice.example/100%25.html'],
    other: ['https://alice.example/100%2525/', 'https://alice.example/100/'],
  },
  {
    page: 'https://bücher.example/a/',
    same: [
      'https://xn--bcher-kva.example/a',
      'https://B%C3%BCCHER.example/a.html',
      'http://XN--BCHER-KVA.example/a',
    ],
    other: ['https://bucher.example/a/'],
  },
  {
    page: 'https://alice.example/a/?b=%C3%BC&a=1',
    same: [
      'https://alice.example/a?b=%c3%bc&a=1',
      'https://alice.example/a.html?b=ü&a=1',
      'https://alice.example/a/?b=%C3%BC&utm_source=x&&%61=1&',
    ],
    other: [
      'https://alice.example/a/?a=1&b=%C3%BC',
      'https://alice.example/a/?b=%C3%BC',
      'https://alice.example/a/',
    ],
  },
]

describe('isSamePage()', () => {
  assert.ok(pages.flatMap(({ same, other }) => [...same, ...other]).length >= 60)
  for (const { page, same, other } of pages) {
    for (const address of same) {
      it(`takes ${address} for ${page}`, () => {
        assert.ok(isSamePage(new URL(address), new URL(page)))
      })
    }
    for (const address of other) {
      it(`tells ${address} from ${page}`, () => {
        assert.ok(!isSamePage(new URL(address), new URL(page)))
      })
    }
  }
})

describe('pageIdentity()', () => {
  it('is the same of what it answers, and says nothing of a user and a password (property)', async (t) => {
    const text = fc.string({ unit: fc.constantFrom(...'/.ahtmlindex%2Ffc3ü?&=#;'), maxLength: 40 })
    await holds(
      t,
      fc.property(text, (path) => {
        const url = new URL(`https://bob:secret@alice.example/${path}`)
        const identity = pageIdentity(url)
        assert.equal(pageIdentityOf(identity), identity)
        assert.ok(!identity.includes('secret'))
        assert.equal(pageIdentityOf(url.href.replace('https:', 'http:')), identity)
      }),
    )
  })

  it('leaves what is no page of the web as it is', () => {
    assert.equal(pageIdentityOf('fmtp:1.bob@bob.example'), 'fmtp:1.bob@bob.example')
    assert.equal(pageIdentityOf('pm:1#x'), 'pm:1#x')
    assert.equal(pageIdentityOf('no address'), 'no address')
  })
})

describe('partIdentityOf()', () => {
  const part = (address: string) => partIdentityOf(`https://b.example${address}`)

  it('is one of a part, in every spelling of its page and of its name', () => {
    assert.equal(part('/t/#c1'), part('/t.html?utm_source=x#c1'))
    assert.equal(part('/t#%7ec'), part('/t#~c'))
    assert.equal(part('/t#c1:~:text=x'), part('/t#c1'))
  })

  it('is that of the page where no part is named', () => {
    for (const address of ['/t', '/t#', '/t#:~:text=x'])
      assert.equal(part(address), pageIdentityOf('https://b.example/t'))
    assert.equal(partIdentityOf('fmtp:1.a@b.example'), 'fmtp:1.a@b.example')
  })

  it('tells two parts apart', () => {
    assert.notEqual(part('/t#c1'), part('/t#c2'))
    assert.notEqual(part('/t#c1'), part('/t'))
    assert.notEqual(part('/t#c1'), part('/t#C1'))
  })
})

describe('staticPageIdentity()', () => {
  it('has no query, and is otherwise the same', () => {
    const identity = (address: string) => staticPageIdentity(new URL(address))
    assert.equal(
      identity('https://alice.example/a?page=2'),
      identity('http://alice.example/a.html?x#y'),
    )
    assert.notEqual(
      identity('https://alice.example/a?page=2'),
      identity('https://alice.example/b?page=2'),
    )
  })
})

describe('spellingsOf()', () => {
  const spellings = (page: string) => spellingsOf(new URL(page)).map(({ href }) => href)

  it('are the addresses of one page, the one that is given first', () => {
    const page = new URL('https://alice.example/a?x#y')
    const paths = ['/a', '/a/', '/a.html', '/a/index.html']
    assert.deepEqual(
      spellings(page.href),
      paths.map((path) => new URL(path, page).href),
    )
    assert.equal(spellings('https://alice.example/a.html/')[0], 'https://alice.example/a.html/')
    assert.ok(!spellings('https://alice.example/a.html/').includes('https://alice.example/a.html'))
  })

  it('stay on the host', () => {
    assert.deepEqual(spellings('https://alice.example'), [
      'https://alice.example/',
      'https://alice.example/index.html',
    ])
    const odd = spellings('https://alice.example//eve.example/')
    assert.ok(odd.length > 1 && odd.every((page) => new URL(page).host === 'alice.example'))
  })
})

describe('pathIdentity()', () => {
  it('is one of a path in its URL and of the path as people write it', () => {
    assert.equal(pathIdentity('/café/'), pathIdentity('/caf%C3%A9/index.html'))
    assert.equal(pathIdentity('/'), '')
    assert.equal(pathIdentity('/index.htm'), '')
  })
})
