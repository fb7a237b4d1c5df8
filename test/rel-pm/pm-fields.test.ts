import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALICE, BOB, createNeighbours, formOf, jsonOf, PM_BOB } from './lab.ts'

describe('the name of a message', () => {
  const names = [
    ...[`${ALICE}m/1`, 'https://pm.alice.example.uk/1', '/m/1', '<1@alice.example>', '#1', '17'],
    ...['{3f25}', 'q/8aa==', 'tag:alice,2015:1', 'x'.repeat(512), '"><script>', '../x'],
  ]
  for (const name of names) {
    it(`is whatever its sender calls it: ${name.slice(0, 40)}`, async () => {
      const { bob, town } = createNeighbours()
      const fields = { message_id: name, sender: ALICE.href }
      assert.equal((await town.fetch(PM_BOB, formOf(fields))).status, 202)
      const claims = { message: name, from: ALICE.href, to: BOB.href }
      const token = await bob.secrets.issue('pm-token', claims)
      const push = { message_id: name, message: 'Dinner?', token }
      assert.equal((await town.fetch(PM_BOB, formOf(push))).status, 201)
      await town.settle()
      assert.deepEqual([...bob.messages.keys()], [`rel-pm ${ALICE} ${name}`])
    })
  }

  it('is a number, with a standing token too', async () => {
    const { bob, town } = createNeighbours()
    const claims = { from: ALICE.href, to: BOB.href, family: 'f' }
    const token = await bob.secrets.issue('pm-standing-token', claims)
    const say = { type: 'entry', content: 'Dinner?' }
    const pushes = [{ ...say, id: 17, token }, { message_id: 18, message: say, token }, say]
    const statuses = []
    for (const push of pushes) statuses.push((await town.fetch(PM_BOB, jsonOf(push))).status)
    assert.deepEqual(statuses, [201, 201, 401])
    assert.deepEqual([...bob.messages.keys()], [`rel-pm ${ALICE} 17`, `rel-pm ${ALICE} 18`])
  })
})
