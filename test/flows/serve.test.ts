import assert from 'node:assert/strict'
import { once } from 'node:events'
import { after, describe, it } from 'node:test'
import { checkNothingIsLost } from '../support/killed-serve.ts'
import { createServeLab, outputOf } from '../support/serve-process.ts'

const lab = createServeLab()
const { builtSite, start, serve, dispose } = lab
after(dispose)

describe('private-posts serve', () => {
  it('serves the built site as its host would, and the functions before it', async () => {
    const site = await builtSite()
    const { url, stop } = await serve(site)

    for (const [path, status] of [
      ['/', 200],
      ['/posts/hello/', 200],
      ['/posts/hello', 301],
      ['/no-such-page/', 404],
      ['/_headers', 404],
      ['/private/', 401],
      ['/private/anything/at/all', 401],
      ['/inbox', 401],
      ['/webmention', 200],
      ['/indieauth/metadata', 200],
      ['/mentions.json', 200],
    ] as const) {
      const response = await fetch(new URL(path, url), { redirect: 'manual' })
      assert.equal(response.status, status, path)
    }
    assert.equal(await stop('SIGTERM'), 0, 'stops gracefully')
  })

  it('refuses to start without a secret, and names the variable', async () => {
    const site = await builtSite()
    const child = start(site, ['--port', '0'], {})
    const [output, [code]] = await Promise.all([outputOf(child), once(child, 'exit')])
    assert.equal(code, 1)
    assert.match(output, /PRIVATE_POSTS_SECRET is missing/)
  })

  it('loses nothing that it has accepted, whenever it is killed', (t) => checkNothingIsLost(t, lab))
})
