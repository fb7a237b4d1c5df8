import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseHtml } from '../../lib/web/html.ts'
import { pageSigns } from '../../lib/webmention/page-signs.ts'
import { classify, type PrivacySigns } from '../../lib/webmention/privacy.ts'
import { privacyVectors } from './receiver-vectors.ts'
import { entry, SOURCE } from './receiving.ts'

interface Signs {
  readonly html?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly code?: boolean
  readonly redeemed?: boolean
  readonly authenticated?: boolean
  readonly target?: PrivacySigns['target']
  readonly chain?: readonly string[]
  readonly before?: 'public' | 'private' | 'unsure'
  readonly json?: unknown
}

function judge({
  html = '',
  headers = {},
  code = false,
  redeemed = false,
  authenticated = false,
  target = 'public',
  chain = [SOURCE],
  before,
  json,
}: Signs) {
  const document = parseHtml(entry(html), { scripting: false })
  return classify({
    source: {
      authenticated,
      chain: chain.map((url) => new URL(url)),
      headers: new Headers(headers),
      signs: pageSigns(json === undefined ? { type: 'html', document } : { type: 'json', json }),
    },
    target,
    code,
    redeemed,
    before: before && { privacy: before },
  })
}

describe('classify()', () => {
  assert.ok(privacyVectors.length > 30)
  for (const { id, privacy, source, ...signs } of privacyVectors) {
    it(`${id}: ${privacy}`, () => {
      assert.equal(judge({ ...signs, ...(source !== undefined && { chain: [source] }) }), privacy)
    })
  }

  it('looks at every URL on the way', () => {
    const secret = 'https://bob.example/p/0123456789abcdefghjkmnpqrs/'
    assert.equal(judge({ chain: [SOURCE, secret] }), 'unsure')
    assert.equal(judge({ chain: [SOURCE, `${SOURCE}/2`] }), 'public')
  })

  it('reads the word, whatever is around it; a text is none', () => {
    const html = (words: string) => `<p class="p-visibility">${words}</p>`
    assert.equal(judge({ html: html(' <i><b>Public</b></i>\n') }), 'public')
    assert.equal(judge({ html: html('unlisted') }), 'private')
    assert.equal(judge({ html: html(`public${' '.repeat(1_000)}`) }), 'private')
    assert.equal(judge({ html: html(`public${'<i></i>'.repeat(100)}`) }), 'private')
  })

  it('reads the visibility of JSON, of microformats and of plain keys', () => {
    const json = (visibility: unknown) => judge({ json: { properties: { visibility } } })
    assert.equal(json(['private']), 'private')
    assert.equal(json('unlisted'), 'private')
    assert.equal(json({ odd: true }), 'private')
    assert.equal(json(['public']), 'public')
    assert.equal(judge({ json: { a: ['private'] } }), 'public')
  })
})

describe('classify(): what was known before', () => {
  const isPublic = '<data class="p-visibility" value="public"></data>'

  it('keeps private what was private, unless the page says that it is public', () => {
    assert.equal(judge({ before: 'private' }), 'private')
    assert.equal(judge({ before: 'private', html: isPublic }), 'public')
    assert.equal(judge({ before: 'private', html: isPublic, authenticated: true }), 'private')
    assert.equal(judge({ before: 'private', html: isPublic, code: true }), 'private')
    assert.equal(judge({ before: 'private', html: isPublic, target: 'home' }), 'private')
  })

  it('takes back what was public', () => {
    const html = '<data class="p-visibility" value="private"></data>'
    assert.equal(judge({ before: 'public', html }), 'private')
    assert.equal(judge({ before: 'public' }), 'public')
  })

  it('lets nobody hide a public mention by a code that is good for nothing', () => {
    assert.equal(judge({ before: 'public', code: true }), 'public')
    assert.equal(judge({ before: 'public', code: true, redeemed: true }), 'private')
    assert.equal(judge({ before: 'unsure', code: true }), 'private')
  })
})
