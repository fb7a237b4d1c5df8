import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { createDnsResolver } from '../../lib/web/dns.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { startDnsServer, type DnsAnswer, type Spoof } from '../support/dns-server.ts'

const server = await startDnsServer()
after(() => server.close())
const resolver = createDnsResolver({ servers: [server.address], timeout: 10_000, tries: 1 })
/** For a server that never answers. */
const impatient = createDnsResolver({ servers: [server.address], timeout: 250, tries: 1 })

describe('createDnsResolver() asks a real name server', () => {
  for (const [name, answer, expected] of [
    ['one record', { txt: ['v=FMTP1'] }, ['v=FMTP1']],
    ['several records', { txt: ['one', 'two', 'three'] }, ['one', 'two', 'three']],
    ['a record in chunks as one text', { txt: [['v=FM', 'TP1; ', 'k=x']] }, ['v=FMTP1; k=x']],
    ['a record of more than 255 bytes', { txt: [['x'.repeat(255), 'y']] }, [`${'x'.repeat(255)}y`]],
    ['an empty record', { txt: [''] }, ['']],
    ['no name (NXDOMAIN) as none', 'nxdomain', []],
    ['no record of that type (NODATA) as none', 'nodata', []],
  ] as const satisfies readonly (readonly [string, DnsAnswer, readonly string[]])[]) {
    it(`reads ${name}`, async () => {
      server.answers.set('TXT good.example', answer)
      assert.deepEqual(await resolver.txt('good.example'), expected)
    })
  }

  it('takes no more than twenty records', async () => {
    const txt = Array.from({ length: 25 }, (_, at) => `record ${at}`)
    server.answers.set('TXT many.example', { txt })
    assert.deepEqual(await resolver.txt('many.example'), txt.slice(0, 20))
  })

  for (const [answer, code] of [
    ['servfail', 'ESERVFAIL'],
    ['refused', 'EREFUSED'],
    ['silence', 'ETIMEOUT'],
    ['garbage', 'EBADRESP'],
    ['headless', 'EBADRESP'],
    ['truncated', 'ECONNREFUSED'],
  ] as const) {
    it(`says that nobody could tell, which is no absence: ${answer}`, async () => {
      server.answers.set('TXT bad.example', answer)
      server.answers.set('MX bad.example', answer)
      const isFailure = (error: unknown) =>
        error instanceof FetchError && error.kind === 'failed' && error.message.includes(code)
      const asking = answer === 'silence' ? impatient : resolver
      await assert.rejects(asking.txt('bad.example'), isFailure)
      await assert.rejects(asking.mx('bad.example'), isFailure)
      server.answers.set('TXT bad.example', { txt: ['well again'] })
      assert.deepEqual(await resolver.txt('bad.example'), ['well again'])
    })
  }

  it('waits for all servers together no longer than it may', async () => {
    const slow = { servers: [server.address, server.address], timeout: 400, tries: 1 }
    const limited = createDnsResolver({ ...slow, deadline: 50 })
    const patient = createDnsResolver(slow)
    server.answers.set('TXT slow.example', 'silence')
    const isFirst = Promise.race([
      patient.txt('slow.example').catch(() => 'patient'),
      limited.txt('slow.example').catch(() => 'limited'),
    ])
    await assert.rejects(limited.txt('slow.example'), /slow\.example \(ETIMEOUT\)/)
    assert.equal(await isFirst, 'limited')
    server.answers.set('TXT slow.example', { txt: ['well again'] })
    assert.deepEqual(await limited.txt('slow.example'), ['well again'])
  })

  for (const [name, spoof] of [
    ['with another transaction id', { answer: { txt: ['forged'] }, id: 'wrong' }],
    ['for another question', { answer: { txt: ['forged'] }, question: 'other.example' }],
    ['that there is nothing, with another id', { answer: 'nxdomain', id: 'wrong' }],
  ] as const satisfies readonly (readonly [string, Spoof])[]) {
    it(`does not believe an answer ${name}, and waits for the right one`, async () => {
      server.answers.set('TXT spoofed.example', { txt: ['real'] })
      server.spoofs.set('TXT spoofed.example', spoof)
      assert.deepEqual(await resolver.txt('spoofed.example'), ['real'])
    })
  }

  it('cannot tell a forged answer that has everything right: signatures have to', async () => {
    server.answers.set('TXT forged.example', { txt: ['real'] })
    server.spoofs.set('TXT forged.example', { answer: { txt: ['forged'] } })
    assert.deepEqual(await resolver.txt('forged.example'), ['forged'])
  })

  it('names the mail exchangers, the preferred one first, in small letters and without the root', async () => {
    server.answers.set('MX lenore.example', {
      mx: [
        [20, 'backup.lenore.example'],
        [5, 'Mail.Lenore.example.'],
        [10, 'mail2.lenore.example'],
      ],
    })
    assert.deepEqual(await resolver.mx('lenore.example'), [
      'mail.lenore.example',
      'mail2.lenore.example',
      'backup.lenore.example',
    ])
    assert.deepEqual(await resolver.mx('nobody.example'), [])
  })

  it('takes the null exchanger for none', async () => {
    server.answers.set('MX silent.example', { mx: [[0, '']] })
    assert.deepEqual(await resolver.mx('silent.example'), [])
  })
})
