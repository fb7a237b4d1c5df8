import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { sendCommand } from '../../lib/cli/send.ts'
import { createSendProtocols } from '../../lib/cli/send-protocols.ts'
import type { DeliveryRow } from '../../lib/deploy/report.ts'
import { createFmtpEndpoint } from '../../lib/fmtp/endpoint.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { createDeployedSite, fakeLink } from '../support/deployed-site.ts'
import { secretBytes } from '../support/secrets.ts'
import { createReceiver, targetPage, type Behaviour } from '../support/receiver.ts'
import { createWeb } from '../support/web.ts'
import { execute, newFolder, SECRET, SITE } from './command-line.ts'

const KEYS: Behaviour = {
  status: 200,
  headers: { 'content-type': 'application/jwk-set+json' },
  body: JSON.stringify({ keys: [{ kty: 'EC' }] }),
}
const LISTER = 'https://webmention.io/bob.example/webmention'

async function setUp(t: TestContext) {
  const receiver = await createReceiver({
    page: ({ host, path }) => {
      if (path === '/keys') return host.startsWith('chat.') ? KEYS : 404
      return host.startsWith('listed.') ? targetPage(LISTER) : targetPage()
    },
    endpoint: ({ path }) => (path === '/messages' ? 201 : 202),
  })
  t.after(() => receiver.close())
  const site = await createDeployedSite(t)
  const chat = `erin@chat.localhost:${receiver.port}`
  await site.configure({ protocols: ['private-webmention', 'webmention', 'intertalk'] })
  const publish = (...recipients: readonly string[]) =>
    site.publishPrivately({
      path: 'private/x.md',
      links: recipients.map((recipient, number) => fakeLink(recipient, number)),
    })
  async function send(args: readonly string[] = [], environment: Record<string, string> = {}) {
    const local = ['--site', site.url.href, '--allow-loopback', '--wait', '0', ...args]
    const variables = { PRIVATE_POSTS_SECRET: SECRET, ...environment }
    const outcome = await execute(sendCommand, local, {
      ...{ cwd: site.folder, now: new Date(), environment: variables },
    })
    assert.doesNotMatch(outcome.out + outcome.error, /[0-9a-hjkmnp-tv-z]{26}/i)
    return outcome
  }
  return {
    ...{ site, receiver, chat, publish, send },
    async rows(...args: Parameters<typeof send>) {
      const [words = [], environment] = args
      const { out } = await send([...words, '--json'], environment)
      return (JSON.parse(out) as { deliveries: DeliveryRow[] }).deliveries
    },
  }
}

describe('private-posts send, to recipients of several kinds', () => {
  it('tells each by a protocol that they speak, and the author of the rest', async (t) => {
    const { receiver, chat, publish, rows } = await setUp(t)
    const bob = receiver.url('bob')
    await publish(bob, chat, 'mailto:mum@example.com')
    assert.deepEqual(
      (await rows()).map(({ recipient, protocol, outcome }) => [recipient, protocol, outcome]),
      [
        [bob, 'webmention', 'delivered'],
        [chat, 'intertalk', 'delivered'],
        ['mailto:mum@example.com', null, 'skipped'],
      ],
    )
    assert.deepEqual(
      receiver.taken.map(({ path }) => path).toSorted(),
      ['/messages', '/webmention'].toSorted(),
    )
    receiver.forget()
    assert.ok((await rows()).every(({ outcome }) => outcome === 'skipped'))
    assert.deepEqual(receiver.log, [])
  })

  it('falls back to words where a link would be published, and says why', async (t) => {
    const { site, receiver, chat, publish, send, rows } = await setUp(t)
    const listed = receiver.url('listed')
    await site.configure({ recipients: { [listed]: { address: chat } } })
    await publish(listed)
    const [row] = await rows()
    assert.deepEqual([row?.outcome, row?.protocol], ['delivered', 'intertalk'])
    assert.match(
      row?.reason ?? '',
      /^delivered by intertalk, because webmention refused: webmention\.io would publish/,
    )
    assert.deepEqual(
      row?.tried.map(({ protocol, outcome }) => [protocol, outcome]),
      [
        ['webmention', 'refused'],
        ['intertalk', 'delivered'],
      ],
    )
    assert.equal((await send(['--force'])).code, 0)
    assert.deepEqual(
      receiver.taken.map(({ path }) => path),
      ['/messages', '/messages'],
    )
  })

  it('says what to do about an address that nobody answers to', async (t) => {
    const { receiver, publish, send } = await setUp(t)
    receiver.script({ page: () => 404, endpoint: () => 404 })
    const nobody = `nobody@mail.localhost:${receiver.port}`
    await publish(nobody)
    const { code, out } = await send()
    assert.equal(code, 0)
    assert.match(out, new RegExp(`skipped +${nobody}  no intertalk endpoint: hand the link over: `))
    assert.match(
      out,
      /private-posts links private\/x\.md; if this is a mail address, write mailto:/,
    )
  })

  it('signs nothing without the secret of the site, and says what is missing', async (t) => {
    const { receiver, chat, publish, send, rows } = await setUp(t)
    const bob = receiver.url('bob')
    await publish(bob, chat)
    const without = { PRIVATE_POSTS_SECRET: '' }
    const [first, second] = await rows([], without)
    assert.deepEqual([first?.outcome, second?.outcome], ['delivered', 'refused'])
    assert.match(second?.reason ?? '', /has to be signed.*PRIVATE_POSTS_SECRET is missing\. To do/)
    assert.equal((await send([], without)).code, 1)
    assert.ok(receiver.taken.every(({ path }) => path === '/webmention'))
    assert.equal((await rows())[1]?.outcome, 'delivered', 'as soon as there is one')
  })

  it('refuses name servers that are none', async (t) => {
    const { publish, receiver, send } = await setUp(t)
    await publish(receiver.url('bob'))
    const { code, error } = await send([], { PRIVATE_POSTS_DNS: 'ns.example' })
    assert.equal(code, 1)
    assert.match(error, /PRIVATE_POSTS_DNS/)
  })
})

describe('createSendProtocols()', () => {
  const ALICE = new URL('http://alice.localhost:8370/')
  const BOB = new URL('http://bob.localhost:8380/')
  const now = () => new Date('2026-12-01T12:00:00Z')
  const settings: SiteRecord = { ...SITE, ...SITE_DEFAULTS, protocols: ['webmention', 'fmtp'] }

  /** Alice's site as it is deployed, and Bob's. */
  function fmtpSite(site: URL, key: number): Endpoint {
    const store = createMemoryStore({ now })
    const [local = ''] = site.hostname.split('.')
    return createFmtpEndpoint({
      ...{ site, me: site, address: { local, domain: site.host }, settings, now, store },
      paths: settings.paths,
      secrets: createSecrets({ keys: [secretBytes(key)], site, store, now }),
      files: async () => undefined,
      fetch: (url, init) => web.fetch(url, init),
      resolver: { txt: async () => [], mx: async () => [] },
      sink: { accept: async () => {}, withdraw: async () => {}, find: async () => undefined },
      isDenied: async () => false,
      allowLoopback: true,
    })
  }
  const web = createWeb({ [ALICE.origin]: fmtpSite(ALICE, 1), [BOB.origin]: fmtpSite(BOB, 2) })

  it('keeps beside the ledger, encrypted, what peers gave it', async () => {
    const ledgerFile = join(newFolder(), 'private-posts.ledger.json')
    const open = (environment: Record<string, string>) => {
      const where = { site: ALICE, settings, ledgerFile, allowLoopback: true }
      return createSendProtocols(where, { environment, now })
    }
    const discover = async (environment: Record<string, string>) => {
      const fmtp = open(environment).protocols.find(({ name }) => name === 'fmtp')
      return fmtp?.discover(new URL('acct:bob@bob.localhost:8380'), web)
    }
    const kept = () => readFile(join(ledgerFile, '../.private-posts/sender.json'), 'utf8')

    await assert.rejects(discover({}), /PRIVATE_POSTS_SECRET is missing/)
    await assert.rejects(kept(), 'nothing is kept without a key to encrypt it')
    const environment = { PRIVATE_POSTS_SECRET: SECRET }
    assert.equal((await discover(environment))?.host, BOB.host)
    assert.match(await kept(), /"peer-token\//)
    web.log.length = 0
    await discover(environment)
    assert.deepEqual(web.log, [], 'another run need not ask again')
  })

  it('names what it allows, so that what was refused is looked at again', () => {
    const policyOf = (environment: Record<string, string>, allowLoopback: boolean) => {
      const where = { site: ALICE, settings, ledgerFile: 'x', allowLoopback }
      return createSendProtocols(where, { environment, now }).policy
    }
    const policies = [
      policyOf({}, false),
      policyOf({}, true),
      policyOf({ PRIVATE_POSTS_SECRET: SECRET }, false),
    ]
    assert.equal(new Set(policies).size, 3)
    assert.ok(policies.every((policy) => policy.startsWith('exposure refuse')))
  })
})
