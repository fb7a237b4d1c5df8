import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { parseKeyRecords } from '../../lib/fmtp/key-record.ts'
import { ownKeyRecords } from '../../lib/fmtp/signature.ts'
import { providerKeys } from '../../lib/intertalk/keys.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createSite, EMPTY_LEDGER, post, type BuildOptions, type Site } from '../support/site.ts'
import { secretBytes } from '../support/secrets.ts'

const [NEW, OLD] = [secretBytes(1), secretBytes(2)]
const PAGES = {
  GITHUB_ACTIONS: 'true',
  PRIVATE_POSTS_SECRET: NEW.toString('base64url'),
  PRIVATE_POSTS_SECRET_PREVIOUS: OLD.toString('base64url'),
}
const now = () => new Date('2026-11-21T12:00:00Z')
const secrets = createSecrets({
  ...{ keys: [NEW, OLD] as [Uint8Array, Uint8Array], site: new URL('https://alice.example/'), now },
  store: createMemoryStore({ now }),
})

let site: Site | undefined
afterEach(disposeSite)

function disposeSite(): void {
  site?.dispose()
  site = undefined
}

async function build(options: BuildOptions = {}, files: Record<string, string> = {}) {
  site ??= createSite({ ...EMPTY_LEDGER, 'hello.md': post('title: Hello'), ...files })
  const built = await site.build({ variables: PAGES, ...options })
  return {
    ...built,
    keys: built.files.filter((file) => /^(keys\/|fmtp\/|intertalk-key-)/.test(file)),
  }
}

describe('public keys on a host without functions', () => {
  it('are files: each of intertalk by its kid, those of FMTP in one', async () => {
    const { keys, read } = await build()
    const pairs = await providerKeys(secrets)
    assert.equal(pairs.length, 2)
    const kids = pairs.map(({ kid }) => kid).sort()
    assert.deepEqual(keys, ['fmtp/key', ...kids, ...kids.map((kid) => `keys/${kid}`)])
    for (const { kid, publicJwk } of pairs) {
      const text = read(`keys/${kid}`)
      assert.equal(read(kid), text)
      assert.deepEqual(JSON.parse(text), publicJwk)
      assert.ok(!('d' in JSON.parse(text)))
    }
    const lines = read('fmtp/key').trim().split('\n')
    assert.deepEqual(lines, await ownKeyRecords(secrets))
    assert.equal(parseKeyRecords(lines).keys.length, 2)
  })

  it('are none of a protocol that the site does not speak', async () => {
    assert.deepEqual((await build({ options: { protocols: ['fmtp'] } })).keys, ['fmtp/key'])
    disposeSite()
    const { keys } = await build({ options: { protocols: ['intertalk'] } })
    assert.ok(keys.length === 4 && keys.every((file) => /^(keys\/)?intertalk-key-/.test(file)))
  })

  it('are none without the secret, or where functions give them out', async () => {
    for (const options of [
      { variables: { GITHUB_ACTIONS: 'true' } },
      { variables: { ...PAGES, PRIVATE_POSTS_SECRET: 'weak' } },
      { variables: { ...PAGES, GITHUB_ACTIONS: '' } },
      { options: { netlify: true } },
    ]) {
      assert.deepEqual((await build(options)).keys, [], JSON.stringify(options))
      disposeSite()
    }
  })

  it('are none of a site below a path, which neither protocol knows', async () => {
    site = createSite({ 'hello.md': post('title: Hello') })
    const options = { options: { address: 'al@alice.example' }, variables: PAGES }
    const below = await site.eleventy(['--pathprefix=/blog/'], options)
    assert.equal(below.exitCode, 0, below.console)
    assert.ok(!below.files.some((file) => /^(keys\/|fmtp\/|intertalk-key-)/.test(file)))
    assert.match(below.console, /Option "address": the site lies at \/blog\/.*they are off/)
    const atRoot = await site.eleventy([], options)
    assert.ok(atRoot.files.includes('fmtp/key'))
    assert.doesNotMatch(atRoot.console, /Option "address"/)
  })

  it('go when they are keys no more', async () => {
    await build()
    const { PRIVATE_POSTS_SECRET_PREVIOUS: _, ...variables } = PAGES
    const [current] = await providerKeys(secrets)
    const { keys, read } = await build({ variables })
    assert.deepEqual(keys, ['fmtp/key', current.kid, `keys/${current.kid}`])
    assert.equal(parseKeyRecords(read('fmtp/key').trim().split('\n')).keys.length, 1)
    assert.deepEqual((await build({ options: { netlify: true } })).keys, [])
  })

  it('write over nothing of the author’s', async () => {
    const theirs = { '_site/fmtp/key': 'mine', '_site/keys': 'a list of keyboards' }
    const { read, keys } = await build({}, theirs)
    assert.equal(keys[0], 'fmtp/key')
    assert.ok(keys.length === 3 && keys.slice(1).every((file) => file.startsWith('intertalk-key-')))
    assert.equal(read('fmtp/key'), 'mine')
    assert.equal(read('keys'), 'a list of keyboards')
  })
})
