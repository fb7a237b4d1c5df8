import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../../lib/web/node-server.ts'
import { createDeployedSite, fakeLink } from '../support/deployed-site.ts'
import { createHandlerReceiver } from '../support/handler-receiver.ts'

/** The receiver looks at each mention in a few milliseconds. */
const PATIENCE = 10_000

describe("delivery to a receiver that is none of ours: npm's webmention-handler", () => {
  it('verifies a public mention and a private copy, and drops them when they go', async (t) => {
    const page = (request: Request) =>
      request.method === 'POST'
        ? receiver.receive(request)
        : new Response('<link rel="webmention" href="/webmention"><h1>Bob</h1>', {
            headers: { 'content-type': 'text/html' },
          })
    const server = await listen(async (request) => page(request))
    t.after(() => server.close())
    const bob = new URL(`http://bob.localhost:${server.port}/`)
    const receiver = createHandlerReceiver(bob.host)

    const site = await createDeployedSite(t)
    await site.publish('notes/1', [bob.href])
    const post = { path: 'private/dinner.md', links: [fakeLink(bob.href, 1)] }
    await site.publishPrivately(post)

    const rows = await site.send()
    assert.deepEqual(
      rows.map(({ outcome }) => outcome),
      ['delivered', 'delivered'],
    )
    assert.ok(await until(() => receiver.verified().length === 2))

    await site.write('notes/1/index.html', '<article class="h-entry">No link</article>')
    await site.publishPrivately({
      ...post,
      links: [
        fakeLink(bob.href, 1, {
          revoked: { at: site.clock.now().toISOString(), reason: 'revoked' },
        }),
      ],
    })
    site.clock.advance(60_000)
    await site.send()
    assert.ok(await until(() => receiver.verified().length === 0))
  })
})

async function until(holds: () => boolean): Promise<boolean> {
  for (let waited = 0; waited < PATIENCE && !holds(); waited += 20) await sleep(20)
  return holds()
}
