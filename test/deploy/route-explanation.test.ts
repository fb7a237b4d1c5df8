import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { explainRoutes, type ExplanationOptions } from '../../lib/deploy/route-explanation.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { fakeToken } from '../support/deployed-site.ts'
import { scriptedMessenger, scriptedProtocol } from '../support/scripted-protocol.ts'
import { createWeb } from '../support/web.ts'

const LOST = 'lost@lenore.example'

function explain(
  options: Pick<ExplanationOptions, 'protocols'> & Partial<ExplanationOptions>,
  recipient = LOST,
) {
  const rules = { recipients: {}, routes: [], policy: '', now: new Date(0), web: createWeb({}) }
  const hold = () => undefined
  return explainRoutes(recipient, { ...rules, hold, ...options })
}

describe('explainRoutes()', () => {
  it('shows how a protocol found the way, step by step, and no secret', async () => {
    const fmtp = scriptedMessenger('fmtp', 'address', {
      explain: async ({ href }) => [`local cache: ${href}`, `domain: /p/${fakeToken(1)}/`],
    })
    const { protocols, link } = await explain({ protocols: [fmtp] })
    assert.deepEqual(protocols[0]?.trace, [`local cache: acct:${LOST}`, 'domain: /p/xxxx…/'])
    assert.equal(protocols[0]?.destination, LOST)
    assert.deepEqual([link.protocol, link.endpoint], ['fmtp', 'fmtp.example'])
  })

  it('explains the others where one cannot be explained', async () => {
    const broken = async () => {
      throw new FetchError('DNS did not answer')
    }
    const fmtp = scriptedMessenger('fmtp', 'address', { discover: broken, explain: broken })
    const chat = scriptedMessenger('chat', 'address')
    const { protocols, link } = await explain({ protocols: [chat, fmtp] })
    assert.equal(link.protocol, 'chat')
    assert.deepEqual(
      protocols.map(({ speaks, trouble, trace }) => [speaks, trouble, trace]),
      [
        [true, null, []],
        [null, 'DNS did not answer', ['DNS did not answer']],
      ],
    )
  })

  it('passes over what we would not visit, and waits for what did not answer', async () => {
    const trouble = (kind: 'refused' | 'failed') =>
      scriptedMessenger('first', 'address', {
        async discover() {
          throw new FetchError('trouble', { kind })
        },
      })
    const next = scriptedMessenger('next', 'address')
    const refused = await explain({ protocols: [trouble('refused'), next] })
    assert.deepEqual(
      [refused.link.protocol, refused.link.reason],
      ['next', 'first is refused: trouble'],
    )
    const failed = await explain({ protocols: [trouble('failed'), next] })
    assert.equal(failed.link.protocol, null)
  })

  it('uses what is remembered of the one kind of post for no other', async () => {
    const [chat, mail] = [
      scriptedMessenger('chat', 'address'),
      scriptedMessenger('mail', 'address'),
    ]
    const choice = `; chat acct:${LOST}; mail acct:${LOST}`
    const expires = new Date(60_000).toISOString()
    const route = { to: LOST, exposure: 'gated', choice, protocol: 'mail', expires } as const
    const { link, gate } = await explain({ protocols: [chat, mail], routes: [route] })
    assert.deepEqual([link.protocol, link.remembered], ['chat', null])
    assert.deepEqual([gate.protocol, gate.remembered?.protocol], ['mail', 'mail'])
  })

  it('asks nobody for somebody of whom nothing is known', async () => {
    const [page, chat] = [scriptedProtocol('page'), scriptedMessenger('chat', 'address')]
    const { link, gate } = await explain({ protocols: [page, chat] }, 'Aunt May')
    assert.deepEqual([link.protocol, gate.protocol, page.asked, chat.asked], [null, null, [], []])
    assert.match(link.reason, /chat: no address is known: option recipients\["Aunt May"\]\.address/)
  })
})
