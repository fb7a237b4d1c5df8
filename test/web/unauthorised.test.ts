import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { watchUnauthorised } from '../../lib/web/unauthorised.ts'

describe('watchUnauthorised()', () => {
  it('remembers pages that asked who is there, and no others', async () => {
    const { fetch, asked } = watchUnauthorised(
      async ({ pathname }) => new Response('', { status: pathname === '/private' ? 401 : 200 }),
    )
    const page = new URL('https://bob.example/private')
    await fetch(page, { method: 'POST' })
    await fetch(page, { headers: { authorization: 'Bearer xxxxxxx' } })
    await fetch(new URL('https://bob.example/public'))
    assert.deepEqual(asked, [])
    await fetch(page)
    assert.deepEqual(asked.map(String), [page.href])
  })
})
