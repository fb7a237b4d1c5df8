import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { onlyAt } from '../../netlify/only-at.ts'

const gate = onlyAt(new URL('https://alice.example/'), async () => new Response('the gate'))
const OLD_DEPLOY = 'https://0123456789--alice.netlify.app'

describe('onlyAt()', () => {
  it("answers at the site's own address", async () => {
    const response = await gate(new Request('https://alice.example/private/x/'))
    assert.equal(await response.text(), 'the gate')
  })

  it('sends a visitor of an old deploy to it, where the readers of today are known', async () => {
    for (const method of ['GET', 'HEAD']) {
      const response = await gate(new Request(`${OLD_DEPLOY}/private/x/?as=y`, { method }))
      assert.equal(response.status, 307)
      assert.equal(response.headers.get('location'), 'https://alice.example/private/x/?as=y')
      assert.equal(await response.text(), '')
    }
  })

  it('takes no form at an old deploy', async () => {
    const request = (origin: string) => new Request(`${origin}/invitation/x`, { method: 'POST' })
    assert.equal((await gate(request(OLD_DEPLOY))).status, 421)
    assert.equal((await gate(request('https://alice.example'))).status, 200)
  })
})
