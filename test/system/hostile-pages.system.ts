import assert from 'node:assert/strict'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, it, type TestContext } from 'node:test'
import { HOSTILE_PAGES, type HostilePage } from '../webmention/hostile-table.ts'
import { createLab, entry, SOURCE } from '../webmention/receiving.ts'

/** Milliseconds for which no page may hold up the thread that answers requests. */
const LONGEST_DELAY = 50
/** Other processes only ever add to a delay: the shortest of so many is that of the page. */
const MEASUREMENTS = 3

/** The longest that this thread was held up while a receiver took in a page. */
async function delayOf({ type, body }: HostilePage): Promise<number> {
  const page = () => new Response(body, { headers: { 'content-type': type } })
  const lab = createLab({ pages: { [SOURCE]: page } })
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  await lab.send()
  delay.disable()
  return delay.max / 1e6
}

async function report(t: TestContext, page: HostilePage): Promise<number> {
  const delays: number[] = []
  for (let i = 0; i < MEASUREMENTS; i++) delays.push(await delayOf(page))
  const least = Math.min(...delays)
  t.diagnostic(`${page.name}: ${page.body.length} characters, ${least.toFixed(1)} ms`)
  return least
}

describe('the event loop of a receiver', () => {
  it('is measured: reading a page in it is noticed', async () => {
    const { parseHtml } = await import('../../lib/web/html.ts')
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    await new Promise((resolve) => setTimeout(resolve, 20))
    parseHtml('<b><i><u><a>'.repeat(80_000), { maxElements: 400_000 })
    await new Promise((resolve) => setTimeout(resolve, 20))
    delay.disable()
    assert.ok(delay.max / 1e6 > LONGEST_DELAY)
  })

  it('is held up by no ordinary page, once the worker has started', async (t) => {
    const page: HostilePage = { name: 'an ordinary page', type: 'text/html', body: entry() }
    assert.ok((await report(t, page)) < LONGEST_DELAY)
  })

  for (const page of HOSTILE_PAGES) {
    it(`is held up for less than ${LONGEST_DELAY} ms: ${page.name}`, async (t) => {
      assert.ok((await report(t, page)) < LONGEST_DELAY)
    })
  }
})
