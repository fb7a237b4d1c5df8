import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inboxMessageOf } from '../../lib/intertalk/inbox-message.ts'
import { parseMessage } from '../../lib/intertalk/message.ts'
import { toDate } from '../../lib/web/date-text.ts'

const site = new URL('https://alice.example/')

describe('inboxMessageOf()', () => {
  for (const sentAt of ['2026-11-20T10:00:00Z', '2026-11-20T11:00:00+01:00']) {
    it(`hands over when it was sent: ${sentAt}`, async () => {
      const message = parseMessage({
        ...{ to: ['alice@alice.example', 'bob@chat.example'], from: 'bob@chat.example' },
        ...{ sentAt, message: 'Hello' },
      })
      const options = { domain: 'chat.example', warnings: [], me: site, site }
      const { published } = await inboxMessageOf(message, options)
      assert.equal(toDate(published, new Date('2026-11-21')), '2026-11-20T10:00:00.000Z')
    })
  }
})
