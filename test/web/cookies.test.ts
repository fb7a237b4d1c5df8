import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readCookie, setCookie } from '../../lib/web/cookies.ts'

const secure = { secure: true }
const request = (cookie?: string) =>
  new Request('https://alice.example/', { headers: cookie === undefined ? {} : { cookie } })

describe('setCookie()', () => {
  it('keeps the cookie from scripts and other sites, and over https to this host', () => {
    assert.equal(
      setCookie('session', 'xxxxxxx', { secure: true, maxAge: 60 }),
      '__Host-session=xxxxxxx; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure',
    )
  })

  it('does without what a browser refuses over http', () => {
    assert.equal(
      setCookie('session', 'xxxxxxx', { secure: false, maxAge: 0 }),
      'session=xxxxxxx; Path=/; Max-Age=0; HttpOnly; SameSite=Lax',
    )
  })
})

describe('readCookie()', () => {
  it('finds the cookie that setCookie() set', () => {
    assert.equal(
      readCookie(request('a=b; __Host-session=xxxxxxx; c=d'), 'session', secure),
      'xxxxxxx',
    )
    assert.equal(readCookie(request('session=xxxxxxx'), 'session', { secure: false }), 'xxxxxxx')
  })

  it('over https takes none that another host could have planted', () => {
    assert.equal(readCookie(request('session=xxxxxxx'), 'session', secure), undefined)
    assert.equal(readCookie(request('x__Host-session=xxxxxxx'), 'session', secure), undefined)
  })

  it('is undefined without it', () => {
    for (const cookie of [undefined, '', ';;', '=', '__Host-session', '__Host-sessions=x']) {
      assert.equal(readCookie(request(cookie), 'session', secure), undefined)
    }
    assert.equal(readCookie(request('__Host-session='), 'session', secure), '')
  })

  it('keeps what stands behind a second equals sign', () => {
    assert.equal(readCookie(request('__Host-session=a=b=='), 'session', secure), 'a=b==')
  })
})
