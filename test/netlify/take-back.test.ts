import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { parseLedger } from '../../lib/ledger/ledger-text.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { listen } from '../../lib/web/node-server.ts'
import { createStaticSite } from '../../lib/web/static-site.ts'
import { post } from '../support/site.ts'
import { createWholeSite } from '../support/whole-site.ts'
import { startBlobs } from './blobs-server.ts'
import { callFunctions, createNetlifySite, emulate, type FunctionAnswer } from './netlify-site.ts'
import { SECRET } from './settings.ts'

const now = () => new Date()

/** Alice's site as Netlify builds it, with her functions as they are bundled, and Bob's, which runs in this process. */
async function openSites() {
  const hosts = new Map<string, Endpoint>()
  const server = await listen(async (request, context) => {
    const answer = hosts.get(new URL(request.url).hostname)
    return answer ? answer(request, context) : new Response('nobody', { status: 404 })
  })
  const { fetch, close } = createGuardedFetch({ allowLoopback: true })
  const urlOf = (name: string) => `http://${name}.localhost:${server.port}`
  const bob = createWholeSite(`${urlOf('bob')}/`, { fetch, now, allowLoopback: true })
  hosts.set('bob.localhost', (request) => bob.endpoint(request))

  const audience = (who: string, access: string) =>
    `visibility: private\naccess: ${access}\naudience: [${who}]`
  const to = (text: string) => `${text}, [Bob](${urlOf('bob')}/).`
  const posts = (who: string) => ({
    'private/dinner.md': post(audience(who, 'link'), to('We meet in Rome')),
    'private/party.md': post(audience(who, 'gate'), to('We dance in Oslo')),
  })
  const site = await createNetlifySite({
    'index.md': post('title: Home', 'Welcome.'),
    'posts/hello.md': post('title: Hello', to('Hello')),
    ...posts(`${urlOf('bob')}/`),
  })
  const blobs = await startBlobs()
  const variables = { URL: urlOf('alice'), PRIVATE_POSTS_SECRET: SECRET, NETLIFY_DEV: 'true' }
  const call = async (name: string, request: Request): Promise<FunctionAnswer> => {
    const { answers, log } = await callFunctions(
      [
        {
          file: join(site.folder, `.netlify/v1/functions/private-posts-${name}.mjs`),
          context: blobs.context,
          url: request.url,
          method: request.method,
          headers: Object.fromEntries(request.headers),
          ...(request.method === 'POST' && { body: await request.text() }),
        },
      ],
      variables,
    )
    return answers[0] ?? assert.fail(log)
  }
  const pages = createStaticSite({ folder: join(site.folder, '_site') })
  hosts.set('alice.localhost', async (request) => {
    const { pathname } = new URL(request.url)
    const isGate = pathname.startsWith('/private/')
    if (!isGate && pathname !== '/indieauth/token') return pages(request)
    const { status, headers, body } = await call(isGate ? 'gate' : 'token', request)
    return new Response(request.method === 'HEAD' ? null : body, { status, headers })
  })

  return {
    site,
    posts,
    inbox: async () => (await bob.received()).map((source) => new URL(source).pathname).toSorted(),
    fetch: (path: string) => fetch(new URL(path, urlOf('alice')), { redirect: 'manual' }),
    emulate: (paths: readonly string[]) => emulate(site, paths, { PRIVATE_POSTS_SECRET: SECRET }),
    get ledger() {
      return parseLedger(readFileSync(join(site.folder, 'private-posts.ledger.json'), 'utf8'), '')
    },
    get redirects() {
      return readFileSync(join(site.folder, '_site/_redirects'), 'utf8').split('\n')
    },
    /** Builds and deploys. */
    async deploy() {
      const { NETLIFY_DEV: _, ...atBuild } = variables
      const built = await site.build({ ...atBuild, NETLIFY_BLOBS_CONTEXT: blobs.context })
      assert.equal(built.exitCode, 0, built.output)
      await blobs.upload(join(site.folder, '.netlify/v1/blobs/deploy'))
    },
    async deliver() {
      const address = new URL('/.netlify/functions/private-posts-deliver', urlOf('alice'))
      const secrets = createSecrets({
        ...{ keys: [Buffer.from(SECRET, 'base64url')], site: new URL(`${urlOf('alice')}/`), now },
        store: createMemoryStore({ now }),
      })
      const authorization = `Bearer ${await secrets.issue('call', { purpose: 'deliver' })}`
      const request = new Request(address, { method: 'POST', headers: { authorization } })
      assert.equal((await call('deliver', request)).status, 204)
      await bob.settle()
    },
    async close() {
      await close()
      await server.close()
      await blobs.stop()
      site.dispose()
    },
  }
}

describe('taking back, in a build by Netlify', () => {
  let sites: Awaited<ReturnType<typeof openSites>>
  let told: string[]
  before(async () => {
    sites = await openSites()
    await sites.deploy()
    await sites.deliver()
    told = await sites.inbox()
    assert.equal(told.length, 3, told.join())
  })
  after(() => sites?.close())

  it('answers 410 for what the functions have told others of, though no build keeps a ledger', async () => {
    const { folder, remove, write } = sites.site
    remove('posts/hello.md')
    write(sites.posts('Carol'))
    for (const lost of ['private-posts.ledger.json', '_site', '.private-posts']) {
      rmSync(join(folder, lost), { recursive: true })
    }
    await sites.deploy()
    const [link = '', page = ''] = told
    assert.ok(sites.redirects.includes(`${page} /410.html 410`), sites.redirects.join('\n'))
    assert.ok(sites.redirects.includes(`${link} /410.html 410`))
    for (const path of [link, page]) assert.equal((await sites.fetch(path)).status, 410)
    // The emulator knows no status but its own: what it shows says 410 by itself.
    const answers = await sites.emulate([link, page, '/'])
    assert.deepEqual(
      answers.map(({ body }) => body.includes('content="410 Gone"')),
      [true, true, false],
    )
  })

  it('tells of it, and the inbox is without it', async () => {
    await sites.deliver()
    assert.deepEqual(await sites.inbox(), [])
  })
})
