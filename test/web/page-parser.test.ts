import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { describe, it, type TestContext } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import { TEXT_OF_HTML } from '../../lib/web/markup-readings.ts'
import { createPageParser, type PageParserLimits } from '../../lib/web/page-parser-pool.ts'
import type { PageReading } from '../../lib/web/page-parser.ts'
import { RELS_IN_PAGE } from '../../lib/web/rel-discovery.ts'

/** Takes a second, and more than 100 MB. */
const LONG = { html: '<b><i><u><a>'.repeat(80_000), maxLength: 1_000_000 }
const SHORT = { html: '<p>Hello</p>', maxLength: 100 }
const PAGE = {
  html: '<link rel="hub" href="/hub">',
  url: 'https://bob.example/',
  rels: ['hub'],
  elements: ['link'],
}
const HUB = [{ rel: 'hub', href: 'https://bob.example/hub' }]
/** Every element of it counts, however little text is wanted. */
const ENDLESS = { ...PAGE, html: LONG.html }

function createPool(t: TestContext, limits: Partial<PageParserLimits>) {
  const pool = createPageParser(limits)
  t.after(() => pool.close())
  return pool
}

function refusal(words: RegExp) {
  return (error: unknown) =>
    error instanceof FetchError && error.kind === 'refused' && words.test(error.message)
}

describe('createPageParser()', () => {
  it('answers what the reading says of the text, one text after the other', async (t) => {
    const { parse } = createPool(t, {})
    assert.equal(await parse(TEXT_OF_HTML, SHORT), 'Hello')
    const texts = ['<p>a', '<p>b', '<p>c'].map((html) => parse(TEXT_OF_HTML, { ...SHORT, html }))
    assert.deepEqual(await Promise.all(texts), ['a', 'b', 'c'])
  })

  it('refuses a text that takes longer than it is given, and reads the next one', async (t) => {
    const { parse } = createPool(t, { time: 1 })
    await assert.rejects(parse(RELS_IN_PAGE, ENDLESS), refusal(/longer than 0.001 s/))
    const patient = createPool(t, {})
    assert.deepEqual(await patient.parse(RELS_IN_PAGE, PAGE), HUB)
  })

  it('refuses a text that takes more memory than it is given, and reads the next one', async (t) => {
    const { parse } = createPool(t, { memory: 24 })
    await assert.rejects(parse(RELS_IN_PAGE, ENDLESS), refusal(/more than 24 MB/))
    assert.deepEqual(await parse(RELS_IN_PAGE, PAGE), HUB)
  })

  it('keeps a worker free for texts of another kind', async (t) => {
    const { parse } = createPool(t, { time: 60_000 })
    const order: string[] = []
    const long = [1, 2, 3].map((i) =>
      parse(RELS_IN_PAGE, ENDLESS).then(() => void order.push(`long ${i}`)),
    )
    await parse(TEXT_OF_HTML, SHORT)
    order.push('short')
    await Promise.all(long)
    assert.ok(order.indexOf('short') < order.indexOf('long 2'), order.join())
  })

  it('takes no more than may wait, and says so for now only', async (t) => {
    const { parse } = createPool(t, { workers: 1, waiting: 1, time: 60_000 })
    const first = parse(TEXT_OF_HTML, SHORT)
    const second = parse(TEXT_OF_HTML, SHORT)
    await assert.rejects(
      parse(TEXT_OF_HTML, SHORT),
      (error) => error instanceof FetchError && error.kind === 'failed',
    )
    assert.deepEqual(await Promise.all([first, second]), ['Hello', 'Hello'])
    assert.equal(await parse(TEXT_OF_HTML, SHORT), 'Hello')
  })

  it('tells a reading that fails, or that there is none, from an answer', async (t) => {
    const { parse } = createPool(t, {})
    const unknown: PageReading<string, string> = { name: 'toString' }
    await assert.rejects(parse(unknown, ''), refusal(/cannot be read/))
    await assert.rejects(parse(RELS_IN_PAGE, { ...PAGE, url: 'no URL' }), refusal(/cannot be read/))
    assert.deepEqual(await parse(RELS_IN_PAGE, PAGE), HUB)
  })

  it('fails what is being read when it is closed', async () => {
    const pool = createPageParser({ time: 60_000 })
    await pool.parse(TEXT_OF_HTML, SHORT)
    const reading = pool.parse(RELS_IN_PAGE, ENDLESS)
    const outcome = reading.then(
      () => 'read',
      (error: unknown) => error,
    )
    await pool.close()
    assert.ok((await outcome) instanceof FetchError)
  })

  it('keeps no process from ending, wherever it runs, and does not cut off what it waits for', () => {
    const code = `
      const { parsePage } = await import('${import.meta.resolve('../../lib/web/page-parser.ts')}')
      const { TEXT_OF_HTML } = await import('${import.meta.resolve('../../lib/web/markup-readings.ts')}')
      console.log(await parsePage(TEXT_OF_HTML, ${JSON.stringify(SHORT)}))`
    const args = ['--import', import.meta.resolve('tsx'), '--input-type=module', '--eval', code]
    const options = { cwd: tmpdir(), encoding: 'utf8' } as const
    const { stdout, status } = spawnSync(process.execPath, args, options)
    assert.deepEqual([stdout, status], ['Hello\n', 0])
  })
})
