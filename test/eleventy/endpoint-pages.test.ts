import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type Site } from '../support/site.ts'
import { secretText } from '../support/secrets.ts'

const SECRET = secretText()
const NETLIFY = { NETLIFY: 'true', URL: 'https://alice.example', PRIVATE_POSTS_SECRET: SECRET }

let site: Site | undefined
afterEach(() => site?.dispose())

function build(files: Record<string, string>, options: BuildOptions = {}) {
  site = createSite(files)
  return site.build({ variables: NETLIFY, ...options })
}

describe('a page where a function would answer in its place', () => {
  for (const [file, address, remedy] of [
    ['keys.md', '/keys/', /set the option "paths\.keys", or leave "intertalk" out/],
    ['intertalk-key-x.md', '/intertalk-key-x/', /another permalink/],
    ['intertalk-keys.md', undefined, undefined],
    ['messages/hello.md', undefined, undefined],
    [
      'messages/index.md',
      '/messages/',
      /set the option "paths\.messages", or leave "intertalk" out/,
    ],
    ['token.md', '/token/', /set the option "paths\.token", or leave "intertalk" out/],
    ['pm/about.md', '/pm/about/', /set the option "paths\.pm", or leave "rel-pm" out/],
    ['fmtp/a/b.md', '/fmtp/a/b/', /set the option "paths\.fmtp", or leave "fmtp" out/],
    ['inbox.md', '/inbox/', /set the option "paths\.inbox"\./],
    ['invitation/card.md', '/invitation/card/', /set the option "paths\.invitation"\./],
    ['indieauth/auth.md', '/indieauth/auth/', /set the option "paths\.indieauth"\./],
    ['webmention.md', '/webmention/', /set the option "paths\.webmention"\./],
  ] as const) {
    it(`${file} is ${address === undefined ? 'seen' : 'refused, by name and with the remedy'}`, async () => {
      const built = build({ [file]: post('title: Hello') })
      if (address === undefined) return void (await built)
      await assert.rejects(built, (error: Error) => {
        assert.ok(error.message.includes(`${file}: nobody would see this page at ${address}`))
        assert.match(error.message, remedy)
        return true
      })
    })
  }

  it('is seen when the function is elsewhere, or the site does not speak the protocol', async () => {
    const files = { 'keys.md': post('title: Hello'), 'fmtp/b.md': post('title: Hello') }
    const protocols = ['webmention', 'intertalk'] as const
    await build(files, {
      options: { protocols: [...protocols], paths: { keys: '/intertalk/keys' } },
    })
  })

  it('is seen where the function goes behind it: metadata of another server', async () => {
    const place = '.well-known/oauth-authorization-server'
    const head = `permalink: /${place}\neleventyAllowMissingExtension: true`
    await build({ 'metadata.md': post(head, '{}') })
  })

  it('is seen on a host without functions, and where it lies elsewhere', async () => {
    const files = { 'keys.md': post('title: Hello') }
    await build(files, { variables: { GITHUB_ACTIONS: 'true', PRIVATE_POSTS_SECRET: SECRET } })
    site?.dispose()
    await build(files, { variables: {} })
    site?.dispose()
    await build({ 'keyboards.md': post('title: Hello'), 'my/keys.md': post('title: Hello') })
  })

  it('is refused on a server of one’s own, which has the secret', async () => {
    const built = build(
      { 'keys.md': post('title: Hello') },
      { variables: { PRIVATE_POSTS_SECRET: SECRET } },
    )
    await assert.rejects(built, /keys\.md: nobody would see this page/)
  })

  it('is found whatever made it', async () => {
    const built = build({ '_site/pm/old.html': '<p>Old</p>', 'hello.md': post('title: Hello') })
    await assert.rejects(
      built,
      /pm\/old\.html: .*If an earlier build left the file behind, remove it/,
    )
  })
})
