import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { after, describe, it } from 'node:test'
import { findDomainKeys, verifyByDomain, type DomainKeyOptions } from '../../lib/fmtp/domain-key.ts'
import { formatKeyRecord } from '../../lib/fmtp/key-record.ts'
import { parseObject } from '../../lib/fmtp/object.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createDnsResolver, type DnsResolver } from '../../lib/web/dns.ts'
import type { Endpoint } from '../../lib/web/endpoint.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { Fetch } from '../../lib/web/fetch.ts'
import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { startDnsServer } from '../support/dns-server.ts'
import { signWith } from '../support/fmtp-peer.ts'
import { createWeb } from '../support/web.ts'

const server = await startDnsServer()
after(() => server.close())
const patient = createDnsResolver({ servers: [server.address], timeout: 10_000, tries: 1 })
/** For a server that never answers. */
const impatient = createDnsResolver({ servers: [server.address], timeout: 250, tries: 1 })
const resolver: DnsResolver = {
  ...patient,
  txt: (name) => (server.answers.get(`TXT ${name}`) === 'silence' ? impatient : patient).txt(name),
}

const FIRST = 'TXT fmtpkey.bob.example'
const SECOND = 'TXT _fmtp.bob.example'
const FILE = 'GET https://bob.example/fmtp/key'
const [one, two, eves] = [newKey(), newKey(), newKey()]

function newKey(): { readonly record: string; readonly privateKey: KeyObject; readonly p: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const record = formatKeyRecord(publicKey)
  return { record, privateKey, p: record.slice(record.indexOf('p=') + 2) }
}

/** A world in which Bob's domain has these records, and this key file. */
function createWorld(
  records: Parameters<typeof startDnsServer>[0] = {},
  file?: Endpoint,
  more: Partial<DomainKeyOptions> = {},
) {
  let time = Date.parse('2026-11-21T12:00:00Z')
  const now = () => new Date(time)
  server.answers.clear()
  server.spoofs.clear()
  server.log.length = 0
  for (const [name, answer] of Object.entries(records)) server.answers.set(name, answer)
  const absent: Endpoint = async () => new Response(null, { status: 404 })
  const sites = {
    'https://bob.example': file ?? absent,
    'http://bob.localhost:8380': file ?? absent,
  }
  const web = createWeb(sites)
  const store = createMemoryStore({ now })
  const options: DomainKeyOptions = { resolver, fetch: web.fetch, store, now, ...more }
  return {
    ...{ web, store, options, sites },
    /** The keys, in base64. */
    find: async (domain = 'bob.example') =>
      (await findDomainKeys(domain, options))?.keys.map(({ p }) => p),
    verify: (key: KeyObject) => {
      const object = parseObject(signWith({ TYPE: 'user', ADDRESS: 'bob@bob.example' }, key))
      if (!object) throw new TypeError('no object')
      return verifyByDomain(object, options)
    },
    wait: (seconds: number) => {
      time += seconds * 1000
    },
    asked: () => [...server.log, ...web.log].splice(0),
  }
}

const file =
  (...records: string[]): Endpoint =>
  async () =>
    new Response(`${records.join('\n')}\n`)

describe('findDomainKeys()', () => {
  it('asks for fmtpkey.<domain>, and nothing else if that is there', async () => {
    const { find, asked } = createWorld({ [FIRST]: { txt: [one.record] } }, file(eves.record))
    assert.deepEqual(await find(), [one.p])
    assert.deepEqual(asked(), [FIRST])
  })

  it('then for _fmtp.<domain>', async () => {
    const { find, asked } = createWorld({ [SECOND]: { txt: [one.record] } }, file(eves.record))
    assert.deepEqual(await find(), [one.p])
    assert.deepEqual(asked(), [FIRST, SECOND])
  })

  it('then for the key file, over HTTPS', async () => {
    const { find, asked } = createWorld({}, file(one.record, two.record))
    assert.deepEqual(await find(), [one.p, two.p])
    assert.deepEqual(asked(), [FIRST, SECOND, FILE])
  })

  it('takes several records for a rotation, and one in chunks for one', async () => {
    const chunks = [two.record.slice(0, 20), two.record.slice(20)]
    const { find } = createWorld({ [FIRST]: { txt: [one.record, chunks, one.record] } })
    assert.deepEqual(await find(), [one.p, two.p])
  })

  it('ignores records that are of something else, and takes them for absence', async () => {
    const { find } = createWorld({ [FIRST]: { txt: ['v=spf1 -all', one.record] } })
    assert.deepEqual(await find(), [one.p])
    const other = createWorld({ [FIRST]: { txt: ['v=spf1 -all'] } }, file(two.record))
    assert.deepEqual(await other.find(), [two.p])
  })

  it('remembers a domain that publishes nothing for minutes: anybody can make us ask for any', async () => {
    const absent = createWorld({})
    assert.equal(await absent.find(), undefined)
    assert.equal((await absent.store.list('fmtp-key/')).length, 1)
    absent.wait(5 * 60)
    assert.deepEqual(await absent.store.list('fmtp-key/'), [])
    const present = createWorld({ [FIRST]: { txt: [one.record] } })
    await present.find()
    present.wait(5 * 60)
    assert.equal((await present.store.list('fmtp-key/')).length, 1)
  })

  it('is undefined for a domain that publishes nothing', async () => {
    assert.equal(await createWorld({ [FIRST]: 'nodata', [SECOND]: 'nxdomain' }).find(), undefined)
    const home = async () => new Response('<!doctype html><p>Welcome!</p>'.repeat(10_000))
    assert.equal(await createWorld({}, home).find(), undefined)
  })

  for (const [name, records] of [
    ['a record that cannot be read', ['v=FMTP1; k=ed25519; p=xxxx']],
    ['a key that was withdrawn', ['v=FMTP1; k=ed25519; p=']],
    ['a record of a kind that we do not know', [`v=FMTP1; k=ed448; p=${one.p}`]],
  ] as const) {
    it(`has no key, and looks nowhere else, where DNS has ${name}`, async () => {
      const { find, asked } = createWorld(
        { [FIRST]: { txt: records }, [SECOND]: { txt: [two.record] } },
        file(eves.record),
      )
      assert.equal(await find(), undefined)
      assert.deepEqual(asked(), [FIRST])
    })
  }

  for (const answer of ['servfail', 'refused', 'silence', 'garbage', 'truncated'] as const) {
    it(`says "come back later", and asks nobody else, where DNS fails: ${answer}`, async () => {
      const { find, asked } = createWorld({ [FIRST]: answer }, file(eves.record))
      await assert.rejects(find(), FetchError)
      assert.equal(asked().includes(FILE), false)
      server.answers.set(FIRST, { txt: [one.record] })
      assert.deepEqual(await find(), [one.p])
    })
  }

  it('does so too where only the second name fails', async () => {
    const { find, web } = createWorld({ [SECOND]: 'servfail' }, file(eves.record))
    await assert.rejects(find(), FetchError)
    assert.deepEqual(web.log, [])
  })

  for (const status of [500, 503, 429]) {
    it(`and where the key file is not to be had at the moment (${status})`, async () => {
      const { find } = createWorld({}, async () => new Response(null, { status }))
      await assert.rejects(find(), FetchError)
    })
  }

  it('takes it for absence that the domain has no host, but not that the host does not answer', async () => {
    for (const [code, isAbsence] of [
      ['ENOTFOUND', true],
      ['EAI_AGAIN', false],
      ['ECONNREFUSED', false],
    ] as const) {
      const lookup = async () => {
        throw Object.assign(new Error('getaddrinfo'), { code })
      }
      const { fetch, close } = createGuardedFetch({ lookup })
      const { find } = createWorld({}, undefined, { fetch })
      if (isAbsence) assert.equal(await find(), undefined)
      else await assert.rejects(find(), FetchError)
      await close()
    }
  })

  it('does not follow the key file to another place', async () => {
    const asked: (string | undefined)[] = []
    const fetch: Fetch = async (url, init) => {
      asked.push(url.href, init?.redirect)
      const headers = { location: 'https://eve.example/' }
      return new Response(one.record, { status: 302, headers })
    }
    assert.equal(await createWorld({}, undefined, { fetch }).find(), undefined)
    assert.deepEqual(asked, ['https://bob.example/fmtp/key', 'manual'])
  })

  it('asks domains below localhost in development only, over HTTP, and never DNS about them', async () => {
    const { find, asked } = createWorld({}, file(one.record))
    assert.equal(await find('bob.localhost:8380'), undefined)
    assert.deepEqual(asked(), [])
    const development = createWorld({}, file(one.record), { allowLoopback: true })
    assert.deepEqual(await development.find('bob.localhost:8380'), [one.p])
    assert.deepEqual(development.asked(), ['GET http://bob.localhost:8380/fmtp/key'])
  })

  it('remembers an answer for an hour, and that there is none for five minutes', async () => {
    const { find, asked, wait } = createWorld({ [FIRST]: { txt: [one.record] } })
    await find()
    server.answers.set(FIRST, { txt: [two.record] })
    wait(3599)
    assert.deepEqual(await find(), [one.p])
    assert.equal(asked().length, 1)
    wait(1)
    assert.deepEqual(await find(), [two.p])

    const nobody = createWorld()
    assert.equal(await nobody.find(), undefined)
    server.answers.set(FIRST, { txt: [one.record] })
    assert.equal(await nobody.find(), undefined)
    nobody.wait(300)
    assert.deepEqual(await nobody.find(), [one.p])
  })

  it('does not take a failure for an answer later on, either', async () => {
    const { find, wait } = createWorld({ [FIRST]: { txt: [one.record] } })
    await find()
    wait(3600)
    server.answers.set(FIRST, 'servfail')
    await assert.rejects(find(), FetchError)
  })

  it('notes for a week that every key has changed, but not that one was added', async () => {
    const { options, wait } = createWorld({ [FIRST]: { txt: [one.record] } })
    const changed = async () => (await findDomainKeys('bob.example', options))?.changed
    assert.equal(await changed(), undefined)
    wait(3600)
    server.answers.set(FIRST, { txt: [one.record, two.record] })
    assert.equal(await changed(), undefined)
    wait(3600)
    server.answers.set(FIRST, { txt: [two.record] })
    assert.equal(await changed(), undefined)
    wait(3600)
    server.answers.set(FIRST, { txt: [eves.record] })
    assert.equal((await changed())?.toISOString(), '2026-11-21T15:00:00.000Z')
    wait(6 * 24 * 3600)
    assert.ok(await changed())
    wait(24 * 3600)
    assert.equal(await changed(), undefined)
  })

  it('notes it too where there was no key in between', async () => {
    const { options, wait } = createWorld({ [FIRST]: { txt: [one.record] } })
    const find = () => findDomainKeys('bob.example', options)
    await find()
    wait(3600)
    server.answers.set(FIRST, { txt: ['v=FMTP1; p='] })
    assert.equal(await find(), undefined)
    wait(3600)
    server.answers.set(FIRST, { txt: [eves.record] })
    assert.ok((await find())?.changed)
  })
})

describe('verifyByDomain()', () => {
  it('verifies by any key of the domain, and by no other', async () => {
    const { verify } = createWorld({ [FIRST]: { txt: [one.record, two.record] } })
    assert.equal((await verify(one.privateKey)).verified, true)
    assert.equal((await verify(two.privateKey)).verified, true)
    const outcome = await verify(eves.privateKey)
    assert.ok(!outcome.verified && outcome.reason === 'signature')
  })

  it('asks once more where a signature does not verify, because the key may be new', async () => {
    const { verify, asked } = createWorld({ [FIRST]: { txt: [one.record] } })
    assert.equal((await verify(one.privateKey)).verified, true)
    server.answers.set(FIRST, { txt: [two.record] })
    assert.equal((await verify(two.privateKey)).verified, true)
    assert.deepEqual(asked(), [FIRST, FIRST])
    assert.equal((await verify(one.privateKey)).verified, false)
  })

  it('but not more than twice a minute, however many forged ones come', async () => {
    const { verify, asked, wait } = createWorld({ [FIRST]: { txt: [one.record] } })
    await verify(one.privateKey)
    for (let at = 0; at < 5; at++) await verify(eves.privateKey)
    assert.equal(asked().length, 3)
    wait(60)
    await verify(eves.privateKey)
    assert.equal(asked().length, 4)
  })

  it('does not ask again about what has only just been asked, or was changed on the way', async () => {
    const { verify, asked, options } = createWorld({ [FIRST]: { txt: [one.record] } })
    await verify(eves.privateKey)
    assert.equal(asked().length, 1)
    const signed = signWith({ TYPE: 'user', ADDRESS: 'bob@bob.example' }, one.privateKey)
    const changed = parseObject({ ...signed, STATUS: 'away' })
    const outcome = changed && (await verifyByDomain(changed, options))
    assert.ok(outcome && !outcome.verified && outcome.reason === 'hash')
    assert.equal(asked().length, 1)
  })

  it('does not verify by a key that somebody else slips in with a wrong transaction id', async () => {
    const { verify } = createWorld({ [FIRST]: { txt: [one.record] } })
    server.spoofs.set(FIRST, { answer: { txt: [eves.record] }, id: 'wrong' })
    assert.equal((await verify(eves.privateKey)).verified, false)
    assert.equal((await verify(one.privateKey)).verified, true)
  })

  it("does not verify by another name's answer", async () => {
    const { verify } = createWorld({ [FIRST]: { txt: [one.record] } })
    server.spoofs.set(FIRST, { answer: { txt: [eves.record] }, question: 'fmtpkey.eve.example' })
    assert.equal((await verify(eves.privateKey)).verified, false)
    assert.equal((await verify(one.privateKey)).verified, true)
  })

  it('does not verify the real one where a forged answer had everything right: fails, and does not open', async () => {
    const { verify } = createWorld({ [FIRST]: { txt: [one.record] } })
    server.spoofs.set(FIRST, { answer: { txt: [eves.record] } })
    assert.equal((await verify(one.privateKey)).verified, false)
    server.spoofs.clear()
    assert.equal((await verify(one.privateKey)).verified, true)
  })
})
