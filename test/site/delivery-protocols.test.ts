import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { PROTOCOLS, SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { createDeliveryProtocols } from '../../lib/site/delivery-protocols.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'

const SETTINGS: SiteRecord = {
  ...SITE_DEFAULTS,
  ...{ me: 'https://alice.example/', posts: ['private/**'], prefix: '/p/', pathPrefix: '/' },
  ...{ input: '.', output: '_site', tokens: 'random', exposure: 'refuse', auditExceptions: [] },
}

function protocolsOf(settings: Partial<SiteRecord> = {}, address = 'https://alice.example/') {
  const now = () => new Date(0)
  const site = new URL(address)
  const store = createMemoryStore({ now })
  const secrets = createSecrets({ keys: [Buffer.alloc(32, 7)], site, store, now })
  const resolver = { txt: async () => [], mx: async () => [] }
  return createDeliveryProtocols({
    ...{ site, secrets, store, resolver, now },
    settings: { ...SETTINGS, ...settings },
  })
}

const names = (...args: Parameters<typeof protocolsOf>) =>
  protocolsOf(...args).map(({ name }) => name)

describe('createDeliveryProtocols()', () => {
  it('has those of the site, in the author’s order, each once', () => {
    assert.deepEqual(names(), [...PROTOCOLS])
    assert.deepEqual(names({ protocols: ['fmtp', 'webmention', 'fmtp'] }), ['fmtp', 'webmention'])
    assert.deepEqual(names({ protocols: [] }), [])
  })

  it('leaves out what needs an address where the site is not at the root of its host', () => {
    const below = ['private-webmention', 'webmention', 'rel-pm']
    assert.deepEqual(names({}, 'https://alice.example/blog/'), below)
  })

  it('knows by what each finds its way, and what can be taken back', () => {
    assert.deepEqual(
      protocolsOf().map(({ name, reaches = 'page', takesBack = true }) => [
        ...[name, reaches, takesBack],
      ]),
      [
        ['private-webmention', 'page', true],
        ['webmention', 'page', true],
        ['rel-pm', 'profile', false],
        ['intertalk', 'address', false],
        ['fmtp', 'address', false],
      ],
    )
  })

  it('carries posts of each kind', () => {
    const carriers = (exposure: 'public' | 'capability' | 'gated') =>
      protocolsOf().flatMap(({ name, carries }) => ((carries?.(exposure) ?? true) ? [name] : []))
    assert.deepEqual(carriers('public'), ['webmention'])
    assert.deepEqual(carriers('capability'), ['webmention', 'rel-pm', 'intertalk', 'fmtp'])
    assert.deepEqual(carriers('gated'), ['private-webmention', 'rel-pm', 'intertalk', 'fmtp'])
  })

  it('can explain the route of FMTP', async () => {
    const fmtp = protocolsOf().find(({ name }) => name === 'fmtp')
    const fetch = async () => new Response('', { status: 404 })
    const steps = await fmtp?.explain?.(new URL('acct:bob@bob.example'), { fetch })
    assert.match(steps?.join('\n') ?? '', /local cache.*\n?.*domain/s)
  })
})
