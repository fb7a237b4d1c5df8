import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { parseGateRegister } from '../../lib/gate/register.ts'
import { post } from '../support/site.ts'
import { createNetlifySite, emulate, readJson, type NetlifySite } from './netlify-site.ts'
import { SECRET } from './settings.ts'

/** What Netlify's command line says of itself on the author's machine; `NETLIFY` is not set there. */
const LOCAL = { NETLIFY: '', NETLIFY_LOCAL: 'true' }
const BOB = 'https://bob.example/'
const GATED = post(`visibility: private\naccess: gate\naudience: [${BOB}]`, 'We meet in Zanzibar.')
const ADDRESS = 'http://localhost:8888'

let site: NetlifySite
before(async () => {
  site = await createNetlifySite({
    'index.md': post('title: Home', 'Welcome.'),
    'private/dinner.md': GATED,
  })
})
after(() => site?.dispose())

describe("Netlify's command line on the author's machine", () => {
  it('stops a build that has gated posts and would have no functions, and says what is missing', async () => {
    const { exitCode, output } = await site.build(LOCAL)
    assert.notEqual(exitCode, 0)
    assert.match(output, /PRIVATE_POSTS_SECRET is not set: 1 post has "access: gate"/)
    assert.ok(!existsSync(join(site.folder, '.netlify/v1/functions')))
  })

  it('brings the functions and the deploy files along', async () => {
    const { exitCode, output } = await site.build({ ...LOCAL, PRIVATE_POSTS_SECRET: SECRET })
    assert.equal(exitCode, 0, output)
    const names = readdirSync(join(site.folder, '.netlify/functions'))
    for (const name of ['gate', 'webmention', 'inbox', 'deliver', 'retry']) {
      assert.ok(names.includes(`private-posts-${name}.zip`), name)
    }
    const blobs = join(site.folder, '.netlify/v1/blobs/deploy/private-posts')
    assert.deepEqual(
      ['gate.json', 'gone.json', 'plan.json', 'targets.json'].filter(
        (name) => !existsSync(join(blobs, name, 'blob')),
      ),
      [],
    )
  })

  it('opens a gated post in the emulator, where no deploy has blobs', async () => {
    const gate = readFileSync(
      join(site.folder, '.netlify/v1/functions/private-posts-gate.mjs'),
      'utf8',
    )
    // The emulator knows functions in the folder of the user only.
    site.write({ 'netlify/functions/private-posts-gate.mjs': gate })
    const register = parseGateRegister(readJson(site.folder, '.private-posts/deploy/gate.json'))
    const [name] = Object.keys(register.posts)
    const address = `/private/${name}/`
    const variables = { PRIVATE_POSTS_SECRET: SECRET, URL: ADDRESS }
    const ask = async () =>
      emulate(site, [address, `${address} Authorization: Bearer ${await tokenFor(BOB)}`], variables)
    const [stranger, bob] = await ask()
    assert.deepEqual([stranger?.type, stranger?.status], ['function', 401])
    assert.equal(bob?.status, 200, bob?.body)
    assert.match(bob?.body ?? '', /Zanzibar/)

    // What a deploy would take along is enough.
    rmSync(join(site.folder, '.private-posts/deploy'), { recursive: true })
    const [, again] = await ask()
    assert.match(again?.body ?? '', /Zanzibar/)
  })
})

async function tokenFor(me: string): Promise<string> {
  const now = () => new Date()
  const secrets = createSecrets({
    ...{ keys: [Buffer.from(SECRET, 'base64url')], site: new URL(ADDRESS), now },
    store: createMemoryStore({ now }),
  })
  return secrets.issue('access-token', { me, scope: ['read'] })
}
