import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { acceptMessage } from '../../lib/intertalk/outbox.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { messageLogOf, messageOptions } from '../../lib/site/intertalk.ts'
import { createSite } from '../../lib/site/site.ts'
import type { SiteOptions } from '../../lib/site/site-options.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { SETTINGS } from '../netlify/settings.ts'
import { NO_DNS } from '../support/no-dns.ts'

const NOON = Date.parse('2026-11-21T12:00:00Z')
const ALICE = 'alice@alice.example'

/** A site whose process died when it had taken a message on. */
async function cutOff() {
  const now = () => new Date(NOON)
  const site = new URL('https://alice.example/')
  const store = createMemoryStore({ now })
  const requests: string[] = []
  const options: SiteOptions = {
    ...{ site, settings: SETTINGS, store, now, resolver: NO_DNS },
    owner: undefined,
    files: async () => undefined,
    secrets: createSecrets({ keys: [new Uint8Array(32).fill(7)], site, store, now }),
    fetch: async ({ href }) => {
      requests.push(href)
      throw new FetchError('nobody answers')
    },
  }
  const message = {
    ...{ to: [ALICE, 'bob@bob.example'], from: ALICE },
    ...{ sentAt: now().toISOString(), message: 'Hello' },
  }
  await acceptMessage(message, messageOptions(options, messageLogOf(options)))
  const running = createSite(options, { folder: '.' })
  return { running, requests }
}

describe('a message of a local user that was cut off', () => {
  it('goes out as soon as the site is up again', async () => {
    const { running, requests } = await cutOff()
    await running.sweep()
    assert.deepEqual(requests, [], 'somebody may still be at it')
    await running.recover()
    await running.sweep()
    assert.deepEqual(requests, ['https://bob.example/messages'])
  })

  it('does not go out from a process that is to stop', async () => {
    const { running, requests } = await cutOff()
    await running.recover()
    await running.sweep({ signal: AbortSignal.abort() })
    assert.deepEqual(requests, [])
  })
})
