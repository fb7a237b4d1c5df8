import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resolveOptions } from '../../lib/eleventy/options.ts'
import { checkOwnAddress } from '../../lib/eleventy/protocol-options.ts'
import { PROTOCOLS } from '../../lib/ledger/site-record.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { createSite, post } from '../support/site.ts'

const BOB = 'https://bob.example/'
const DAVE = 'dave@chat.example'
const resolve = (options: Record<string, unknown>) =>
  resolveOptions({ me: 'https://alice.example/', ...options })

describe('resolveOptions(): protocols', () => {
  it('speaks all of them, unless the author says which, and in which order', () => {
    const { protocols, recipients, fmtp, address, paths } = resolve({})
    assert.deepEqual(protocols, [...PROTOCOLS])
    assert.deepEqual(recipients, {})
    assert.deepEqual(fmtp, { encrypt: 'optional', children: [] })
    assert.equal(address, undefined)
    assert.equal(paths.messages, '/messages')
    assert.deepEqual(resolve({ protocols: ['fmtp', 'webmention'] }).protocols, [
      'fmtp',
      'webmention',
    ])
  })

  it('takes what may be said', () => {
    const { address, fmtp, paths } = resolve({
      address: 'al@alice.example',
      fmtp: {
        ...{ encrypt: 'required', parent: 'hub.example', children: ['kid.example'] },
        ...{ contact: 'https://fmtp.alice.example/', status: 'away' },
      },
      paths: { keys: '/intertalk/keys', pm: '/rel-pm' },
    })
    assert.equal(address, 'al@alice.example')
    assert.equal(fmtp.parent, 'hub.example')
    assert.deepEqual([paths.keys, paths.pm, paths.token], ['/intertalk/keys', '/rel-pm', '/token'])
  })

  const wrong: readonly [name: string, options: Record<string, unknown>, message: RegExp][] = [
    [
      'a slip in a protocol’s name',
      { protocols: ['intertlk'] },
      /"protocols\.0".*"intertlk".*write "intertalk"/,
    ],
    [
      'an unknown protocol',
      { protocols: ['smtp-over-pigeons'] },
      /one of private-webmention, .*fmtp/,
    ],
    ['one protocol twice', { protocols: ['fmtp', 'webmention', 'fmtp'] }, /names each once/],
    ['a protocol alone', { protocols: 'fmtp' }, /"protocols".*"fmtp".*a list such as/],
    ['a status of two lines', { fmtp: { status: 'away\nback' } }, /"fmtp\.status"[^]*one line/],
    ['an address that is none', { address: 'alice' }, /"address".*alice@alice\.example/],
    [
      'a parent that is no domain',
      { fmtp: { parent: 'https://hub.example/' } },
      /"fmtp\.parent".*a domain/,
    ],
    ['a child that is no domain', { fmtp: { children: ['x@y.example'] } }, /"fmtp\.children\.0"/],
    ['a contact that is no URL', { fmtp: { contact: 'hub.example' } }, /"fmtp\.contact".*a URL/],
    ['an unknown word of encryption', { fmtp: { encrypt: 'always' } }, /"fmtp\.encrypt".*"always"/],
    [
      'a status of several lines’ length',
      { fmtp: { status: 'x'.repeat(201) } },
      /"fmtp\.status".*200/,
    ],
    [
      'a slip in an option of FMTP',
      { fmtp: { parnt: 'hub.example' } },
      /"fmtp\.parnt".*write "parent"/,
    ],
    ['a slip in a path', { paths: { mesages: '/m' } }, /"paths\.mesages".*write "messages"/],
    ['a slip in the option', { protocol: ['fmtp'] }, /"protocol".*write "protocols"/],
    ['a path with a query', { paths: { fmtp: '/fmtp?x' } }, /"paths\.fmtp"/],
  ]
  for (const [name, options, message] of wrong) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => resolve(options),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          message.test(error.message) &&
          error.message.includes('To do: '),
      )
    })
  }

  it('gives each protocol a place of its own, if the site speaks it', () => {
    for (const options of [
      { paths: { pm: '/messages' } },
      { gatePrefix: '/keys/' },
      { paths: { inbox: '/fmtp/inbox' } },
      { prefix: '/token/' },
    ]) {
      assert.throws(() => resolve(options), /share a place/)
      assert.ok(resolve({ ...options, protocols: ['webmention'] }))
    }
  })
})

describe('resolveOptions(): recipients', () => {
  it('spells them as an audience does', () => {
    const { recipients } = resolve({
      recipients: {
        'HTTPS://Bob.example': { address: 'Bob@CHAT.example', protocol: 'intertalk' },
        'dave@Chat.Example': { profile: 'https://dave.example', protocol: 'rel-pm' },
        'Aunt  May': { profile: 'https://may.example/' },
        'mailto:mum@Example.com': { address: 'mum@chat.example' },
      },
    })
    assert.deepEqual(recipients, {
      [BOB]: { address: 'Bob@chat.example', protocol: 'intertalk' },
      [DAVE]: { profile: 'https://dave.example/', protocol: 'rel-pm' },
      'Aunt May': { profile: 'https://may.example/' },
      'mailto:mum@example.com': { address: 'mum@chat.example' },
    })
  })

  it('pins whom the protocol can reach', () => {
    for (const [key, record] of [
      [BOB, { protocol: 'webmention' }],
      [BOB, { protocol: 'rel-pm' }],
      [DAVE, { protocol: 'fmtp' }],
      ['Mum', { protocol: 'intertalk', address: 'mum@chat.example' }],
    ] as const) {
      assert.deepEqual(resolve({ recipients: { [key]: record } }).recipients, { [key]: record })
    }
  })

  const wrong: readonly [name: string, options: Record<string, unknown>, message: RegExp][] = [
    [
      'a key that is a bare domain',
      { recipients: { 'bob.example': {} } },
      /^Option "recipients", entry 1: .*write it with "https:/,
    ],
    [
      'a key that is half an address',
      { recipients: { 'dave@chat': {} } },
      /entry 1: .*not an address/,
    ],
    [
      'a key that is an unknown word',
      { recipients: { bob: {} } },
      /entry 1: .*no group of this name/,
    ],
    [
      'a group',
      { recipients: { family: {} }, groups: { family: [BOB] } },
      /entry 1: this is a group/,
    ],
    ['one recipient twice', { recipients: { [DAVE]: {}, 'dave@CHAT.example': {} } }, /named twice/],
    [
      'one in two spellings',
      { recipients: { [DAVE]: {}, 'Dave@chat.example': {} } },
      /named twice/,
    ],
    [
      'a profile that is none',
      { recipients: { [DAVE]: { profile: 'dave.example' } } },
      /entry 1: "profile": this looks like a web address/,
    ],
    [
      'a profile that is an address',
      { recipients: { [DAVE]: { profile: DAVE } } },
      /not the address of a website/,
    ],
    [
      'an address that is none',
      { recipients: { [BOB]: { address: 'bob' } } },
      /"recipients, entry 1, address".*an address such as/,
    ],
    [
      'the second entry',
      { recipients: { Mum: {}, [BOB]: { profile: 'x' } } },
      /^Option "recipients", entry 2: /,
    ],
    ['no record', { recipients: { Mum: {}, [BOB]: DAVE } }, /^Option "recipients, entry 2" /],
    ['a slip in a key', { recipients: { [BOB]: { adress: DAVE } } }, /adress.*write "address"/],
    [
      'a slip in a pin',
      { recipients: { [BOB]: { protocol: 'webmentions' } } },
      /write "webmention"/,
    ],
    [
      'a pin that the site does not speak',
      { recipients: { [BOB]: { protocol: 'rel-pm' } }, protocols: ['fmtp'] },
      /does not speak "rel-pm" \(option "protocols": fmtp\)/,
    ],
    [
      'a pin to intertalk without an address',
      { recipients: { [BOB]: { protocol: 'intertalk' } } },
      /needs to know their address/,
    ],
    [
      'a pin to rel-pm without a profile',
      { recipients: { [DAVE]: { protocol: 'rel-pm' } } },
      /needs to know their profile/,
    ],
    [
      'a pin of somebody who is only a name',
      { recipients: { Mum: { protocol: 'webmention' } } },
      /needs to know their profile/,
    ],
  ]
  for (const [name, options, message] of wrong) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => resolve(options),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          message.test(error.message) &&
          /^Option "recipients.*To do: /.test(error.message) &&
          !/bob|dave|Mum/i.test(error.message.replace(/"https:\/\/bob\.example\/"|bob@chat/g, '')),
      )
    })
  }
})

describe('an address that nobody would find', () => {
  it('stops the build where its host is known, and is told where it is not', async () => {
    const site = createSite({ 'hello.md': post('title: Hello') })
    try {
      const options = { address: 'al@blog.alice.example' }
      const { printed } = await site.build({ options })
      assert.match(printed.join('\n'), /Option "address": al@blog\.alice\.example is not at/)
      const variables = { NETLIFY: 'true', URL: 'https://alice.example' }
      await assert.rejects(site.build({ options, variables }), /is not at alice\.example/)
      await site.build({ options: { address: 'al@alice.example' }, variables })
    } finally {
      site.dispose()
    }
  })
})

describe('checkOwnAddress()', () => {
  const site = new URL('https://alice.example/')
  const [unsure, sure] = [{ isSure: false }, { isSure: true }]

  it('takes an address at the site’s own host, or none', () => {
    assert.equal(checkOwnAddress('al@alice.example', site, sure), undefined)
    assert.equal(checkOwnAddress('al@Alice.Example', site, sure), undefined)
    assert.equal(checkOwnAddress(undefined, site, sure), undefined)
  })

  it('refuses one at another host', () => {
    assert.throws(
      () => checkOwnAddress('al@eve.example', site, unsure),
      /al@eve\.example is not at alice\.example.*write "al@alice\.example"/,
    )
  })

  it('warns of one at a host nearby, where it is not sure of its own', () => {
    for (const near of ['al@blog.alice.example', 'al@alice.localhost:8380']) {
      assert.match(checkOwnAddress(near, site, unsure) ?? '', /intertalk and FMTP are off/)
      assert.throws(() => checkOwnAddress(near, site, sure), /is not at alice\.example/)
    }
  })
})
