import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { TOMBSTONE } from '../../lib/web/tombstone.ts'
import { createSite, post, type Site } from '../support/site.ts'
import { secretText } from '../support/secrets.ts'

const SECRET = secretText()
const LETTER = { 'private/letter.md': post('audience: [Bob]', 'A long letter to a friend.') }
const PATH = 'private/letter.md'

let site: Site | undefined
afterEach(() => site?.dispose())

describe('random tokens', () => {
  it('are refused on a build server that keeps nothing, with both remedies', async () => {
    site = createSite(LETTER)
    await assert.rejects(site.build({ variables: { CI: 'true' } }), (error: Error) => {
      assert.match(error.message, /private\/letter\.md/)
      assert.match(error.message, /commit private-posts\.ledger\.json/)
      assert.match(error.message, /tokens: 'derived'/)
      assert.match(error.message, /PRIVATE_POSTS_SECRET/)
      return true
    })
  })

  it('are kept on a build server that has them in its ledger', async () => {
    site = createSite(LETTER)
    const home = await site.build()
    const server = await site.build({ variables: { CI: 'true' } })
    assert.deepEqual(server.tokens(PATH), home.tokens(PATH))
  })

  it('are minted on a build server that keeps the ledger', async () => {
    site = createSite(LETTER)
    const built = await site.build({
      variables: { CI: 'true', PRIVATE_POSTS_LEDGER_PERSISTS: 'true' },
    })
    assert.match(built.copy(PATH, 'Bob'), /A long letter/)
  })
})

describe('derived tokens', () => {
  const options = { tokens: 'derived' } as const
  const variables = { CI: 'true', PRIVATE_POSTS_SECRET: SECRET }

  it('are the same without a ledger, and others under another secret', async () => {
    site = createSite(LETTER)
    const first = (await site.build({ options, variables })).tokens(PATH)
    site.remove('private-posts.ledger.json')
    const second = (await site.build({ options, variables })).tokens(PATH)
    assert.deepEqual(second, first)
    site.remove('private-posts.ledger.json')
    const other = { ...variables, PRIVATE_POSTS_SECRET: secretText(2) }
    const third = (await site.build({ options, variables: other })).tokens(PATH)
    assert.notDeepEqual(third, first)
  })

  for (const [what, secret] of [
    ['missing', undefined],
    ['too short', Buffer.alloc(31, 7).toString('base64url')],
    ['not base64url', 'correct horse battery staple correct horse battery staple'],
  ] as const) {
    it(`need a secret that is not ${what}`, async () => {
      site = createSite(LETTER)
      const variables = secret === undefined ? {} : { PRIVATE_POSTS_SECRET: secret }
      await assert.rejects(site.build({ options, variables }), (error: Error) => {
        assert.match(error.message, /PRIVATE_POSTS_SECRET/)
        assert.ok(secret === undefined || !error.message.includes(secret))
        return true
      })
    })
  }
})

describe('links in the course of time', () => {
  it('go when the recipient goes, and never come back', async () => {
    site = createSite({ [PATH]: post('audience: [Bob, Carol]') })
    const { Bob: bob, Carol: carol } = (await site.build()).tokens(PATH)
    site.write({ [PATH]: post('audience: [Bob]') })
    const second = await site.eleventy()
    assert.deepEqual(second.tokens(PATH), { Bob: bob })
    assert.equal(second.read(`p/${carol}/index.html`), TOMBSTONE)
    assert.ok(second.files.includes(`p/${bob}/index.html`))
    site.write({ [PATH]: post('audience: [Bob, Carol]') })
    const third = await site.eleventy()
    assert.notEqual(third.tokens(PATH)['Carol'], carol)
  })

  it('go when their date has passed', async () => {
    site = createSite({ [PATH]: post('audience: [Bob]\nexpires: 2026-12-24') })
    const before = await site.build({ now: new Date('2026-12-24T23:59:59Z') })
    const token = String(before.tokens(PATH)['Bob'])
    assert.ok(before.files.includes(`p/${token}/index.html`))
    const after = await site.build({ now: new Date('2026-12-25T00:00:00Z') })
    assert.deepEqual(after.tokens(PATH), {})
    assert.equal(after.read(`p/${token}/index.html`), TOMBSTONE)
    const later = await site.build({ now: new Date('2027-01-24T00:00:00Z') })
    assert.ok(!later.files.some((file) => file.startsWith('p/')))
  })

  it('survive a rename, and say so', async () => {
    site = createSite(LETTER)
    const tokens = (await site.build()).tokens(PATH)
    site.write({ 'private/note.md': LETTER[PATH] })
    site.remove(PATH)
    const after = await site.build()
    assert.deepEqual(after.tokens('private/note.md'), tokens)
    assert.match(after.printed.join('\n'), /private\/letter\.md is now private\/note\.md/)
  })

  it('survive a rename with an edit by their id, and without one say what happens', async () => {
    site = createSite({ [PATH]: post('audience: [Bob]\nid: letter', 'One.') })
    const tokens = (await site.build()).tokens(PATH)
    site.write({ 'private/note.md': post('audience: [Bob]\nid: letter', 'Two.') })
    site.remove(PATH)
    const after = await site.build()
    assert.deepEqual(after.tokens('private/note.md'), tokens)

    site.write({ 'private/other.md': post('audience: [Bob]', 'Three.') })
    site.remove('private/note.md')
    const last = await site.build()
    assert.match(
      last.printed.join('\n'),
      /private\/note\.md is gone: its link does not work until.*write "id: letter"/,
    )
    assert.notDeepEqual(last.tokens('private/other.md'), tokens)
  })

  it('lead to the public page once the post is public', async () => {
    site = createSite({ 'posts/letter.md': post('visibility: private\naudience: [Bob]', 'Hi.') })
    const before = await site.build()
    const token = before.tokens('posts/letter.md')['Bob']
    site.write({ 'posts/letter.md': post('visibility: public', 'Hi.'), _redirects: '/a /b 301\n' })
    const after = await site.eleventy()
    const redirects = after.read('_redirects')
    assert.match(redirects, new RegExp(`^/p/${token}/\\* /posts/letter/ 301$`, 'm'))
    assert.ok(!after.files.some((file) => file.startsWith('p/')))
    assert.match(after.read('posts/letter/index.html'), /Hi\./)
  })

  it('lead there without redirects on a host that would publish the file', async () => {
    site = createSite({ 'posts/letter.md': post('visibility: private\naudience: [Bob]', 'Hi.') })
    const before = await site.build({ options: { netlify: false } })
    const token = before.tokens('posts/letter.md')['Bob']
    site.write({ 'posts/letter.md': post('visibility: public', 'Hi.') })
    const after = await site.eleventy(['--pathprefix=/blog/'], { options: { netlify: false } })
    assert.ok(!after.files.includes('_redirects'))
    assert.match(after.read(`p/${token}/index.html`), /url=\/blog\/posts\/letter\//)
  })

  it('answer 410 on Netlify when revoked, and are named nowhere else', async () => {
    site = createSite({ [PATH]: post('audience: [Bob, Carol]') })
    const first = await site.build({ options: { netlify: true } })
    const { Carol: carol } = first.tokens(PATH)
    site.write({ [PATH]: post('audience: [Bob]') })
    const second = await site.eleventy([], { options: { netlify: true } })
    assert.match(second.read('_redirects'), new RegExp(`^/p/${carol}/\\* /410.html 410$`, 'm'))
    assert.match(second.read('410.html'), /no longer works/)
    const elsewhere = await site.eleventy([], { options: {} })
    assert.doesNotMatch(elsewhere.publicBytes(), new RegExp(String(carol)))
  })

  it('are not lost when two builds run at once', async () => {
    const names = Array.from({ length: 6 }, (_, n) => `private/post-${n}.md`)
    site = createSite(
      Object.fromEntries(names.map((name) => [name, post('audience: [Bob]', name)])),
    )
    const [one, two] = await Promise.all([site.eleventy(), site.eleventy()])
    assert.deepEqual([one.exitCode, two.exitCode], [0, 0])
    for (const name of names) {
      const token = one.tokens(name)['Bob']
      assert.ok(token && one.ledger.posts[name]?.links.length === 1)
      assert.match(two.copy(name, 'Bob'), new RegExp(name))
    }
  })
})
