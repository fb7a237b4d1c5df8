import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatReport, rowOf } from '../../lib/deploy/report.ts'
import type { DeliveryRecord } from '../../lib/ledger/ledger.ts'

const record: DeliveryRecord = {
  post: 'private/x.md',
  recipient: 'https://bob.example/',
  source: 'https://alice.example/p/x/',
  target: 'https://bob.example/',
  content: 'hash',
  outcome: 'delivered',
  reason: 'accepted',
  known: true,
  attempts: 1,
}
const lineOf = (more: Partial<DeliveryRecord>) =>
  formatReport([rowOf({ ...record, ...more })]).split('\n')[1]

describe('formatReport()', () => {
  it('names the protocol that delivered, where the reason does not', () => {
    const line = '  delivered  https://bob.example/  '
    assert.equal(lineOf({ protocol: 'rel-pm' }), `${line}by rel-pm: accepted`)
    assert.equal(lineOf({}), `${line}accepted`, 'of a record from before there was a choice')
    const refused = { protocol: 'webmention', outcome: 'refused', reason: 'no' } as const
    const taken = { protocol: 'rel-pm', outcome: 'delivered', reason: 'accepted' } as const
    assert.equal(
      lineOf({ protocol: 'rel-pm', tried: [refused, taken] }),
      `${line}delivered by rel-pm, because webmention refused: no; rel-pm: accepted`,
    )
  })

  it('names none for what did not arrive', () => {
    assert.equal(
      lineOf({ protocol: 'rel-pm', outcome: 'failed', reason: 'no' }),
      '  failed     https://bob.example/  no',
    )
  })
})
