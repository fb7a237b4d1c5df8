import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALICE, BOB, createNeighbours, PM_BOB, pushOf } from './lab.ts'
import { entries, refusals } from './vectors.ts'

async function bobWithToken(from = ALICE) {
  const neighbours = createNeighbours()
  const { bob, town } = neighbours
  const claims = { from: from.href, to: BOB.href, family: 'f' }
  const token = await bob.secrets.issue('pm-standing-token', claims)
  const push = (entry: unknown) => town.fetch(PM_BOB, pushOf(entry, token))
  return { ...neighbours, push, received: () => [...bob.messages.values()].at(-1) }
}

describe('the message of step 6', () => {
  for (const { name, entry, message } of entries) {
    it(`with ${name}`, async () => {
      const { push, received } = await bobWithToken()
      const response = await push({ type: 'entry', uid: 'm1', ...entry })
      assert.equal(response.status, 201)
      const actual: Readonly<Record<string, unknown>> = { ...received() }
      const always = { protocol: 'rel-pm', privacy: 'private', host: 'alice.example.org' }
      for (const [field, value] of Object.entries({ ...always, ...message })) {
        assert.deepEqual(actual[field], value, field)
      }
      for (const field of ['title', 'published']) {
        assert.equal(field in actual, field in message, field)
      }
    })
  }

  for (const [name, entry, status] of refusals) {
    it(`is refused with ${name}`, async () => {
      const { push, bob } = await bobWithToken()
      const body =
        typeof entry === 'object' && entry !== null && !Array.isArray(entry)
          ? { type: 'entry', uid: 'm1', ...entry }
          : entry
      assert.equal((await push(body)).status, status)
      assert.equal(bob.messages.size, 0)
    })
  }

  it('is of the person, where several share a host', async () => {
    const { push } = await bobWithToken(new URL('https://social.example/@alice'))
    const entry = { type: 'entry', uid: 'm1', content: 'x' }
    const by = async (path: string) =>
      (await push({ ...entry, author: `https://social.example${path}` })).status
    assert.equal(await by('/@alice'), 201)
    assert.equal(await by('/@alice/about'), 201)
    assert.equal(await by('/@eve'), 403)
    assert.equal(await by('/@alicia'), 403)
    assert.equal(await by('/'), 403)
  })

  it('says nothing of itself in what is answered to it', async () => {
    const { push } = await bobWithToken()
    const response = await push({ type: 'entry', uid: 'm1', content: { text: { secret: 'x' } } })
    assert.equal(response.status, 400)
    assert.doesNotMatch(await response.text(), /secret/)
  })

  it('is replaced by another of the same name, of the same sender', async () => {
    const { push, bob, town } = await bobWithToken()
    await push({ type: 'entry', uid: 'm1', content: 'One.' })
    await push({ type: 'entry', uid: 'm1', content: 'Two.' })
    const claims = { from: 'https://eve.example/', to: BOB.href, family: 'f' }
    const token = await bob.secrets.issue('pm-standing-token', claims)
    await town.fetch(PM_BOB, pushOf({ type: 'entry', uid: 'm1', content: "Eve's." }, token))
    assert.deepEqual(bob.received(), ['Two.', "Eve's."])
  })
})
