import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { createPageParser } from '../../lib/web/page-parser-pool.ts'
import { sweepWebmentions } from '../../lib/webmention/sweep.ts'
import { HOSTILE_PAGES } from './hostile-table.ts'
import { createLab, entry, SOURCE, type LabOptions } from './receiving.ts'

const ORDINARY = 'https://carol.example/reply'
const NESTED = `${entry()}${'<b><i><u><a>'.repeat(10_000)}`

/** A receiver that gives each page a millisecond, of which the way to the worker takes more. */
function createHurriedLab(t: TestContext, options: LabOptions) {
  const { parse, close } = createPageParser({ time: 1 })
  t.after(close)
  return createLab({ ...options, parse })
}

describe('a source that is slow to read', () => {
  assert.ok(HOSTILE_PAGES.length >= 15)
  for (const { name, type, body } of HOSTILE_PAGES) {
    it(`is settled at once, and the next one is read: ${name}`, async () => {
      const page = () => new Response(body, { headers: { 'content-type': type } })
      const lab = createLab({ pages: { [SOURCE]: page, [ORDINARY]: entry() } })
      const { status } = await lab.send()
      // Which of them depends on how fast the machine is. What matters is that it is an end.
      assert.ok(['success', 'too_large', 'no_link_found'].includes(status), status)
      assert.deepEqual(lab.troubles, [])
      assert.equal(await sweepWebmentions(lab.options), 0)
      assert.equal((await lab.send({ source: ORDINARY })).status, 'success')
    })
  }

  it('is refused for good where it takes longer than a page is given', async (t) => {
    const lab = createHurriedLab(t, { pages: { [SOURCE]: NESTED } })
    assert.equal((await lab.send()).status, 'too_large')
    assert.equal(await sweepWebmentions(lab.options), 0)
    assert.deepEqual(lab.fetches, [SOURCE])
    assert.equal(lab.messages.size, 0)
  })

  it('vouches for nobody where it takes longer, and the mention is kept', async (t) => {
    const { parse, close } = createPageParser()
    t.after(close)
    const vouch = 'https://dave.example/friends'
    const lab = createLab({
      pages: { [SOURCE]: entry(), [vouch]: `<a href="${SOURCE}">Bob</a>${NESTED}` },
      parse: (reading, input) =>
        reading.name === 'vouch' ? hurried.parse(reading, input) : parse(reading, input),
    })
    const hurried = createPageParser({ time: 1 })
    t.after(hurried.close)
    assert.equal((await lab.send({ vouch })).status, 'success')
    assert.equal(lab.message?.vouchedBy, undefined)
    assert.match(lab.message?.warnings?.join() ?? '', /does not link to bob\.example/)
  })

  it('waits for its turn where too much is being read', async (t) => {
    const { parse, close } = createPageParser({ waiting: 0 })
    t.after(close)
    const lab = createLab({ pages: { [SOURCE]: entry() }, parse })
    assert.equal((await lab.send()).status, 'pending')
    assert.equal(lab.messages.size, 0)
  })
})
