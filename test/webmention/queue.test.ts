import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { FetchError } from '../../lib/web/errors.ts'
import type { PageParser } from '../../lib/web/page-parser.ts'
import { createWebmentionQueue } from '../../lib/webmention/queue.ts'
import { sweepWebmentions } from '../../lib/webmention/sweep.ts'
import { mortalStore } from '../support/mortal-store.ts'
import { createLab, entry, NOW, POST, SITE, SOURCE, type Lab } from './receiving.ts'

/** Posts, and loses the process right after the answer. */
async function postAndDie(lab: Lab, source = SOURCE, fields: Record<string, string> = {}) {
  const body = new URLSearchParams({ source, target: POST, ...fields })
  const request = new Request(`${SITE.href}webmention`, { method: 'POST', body })
  const response = await lab.endpoint(request)
  assert.equal(response.status, 201)
  return response.headers.get('location') ?? ''
}

/** A process that ends while it reads the page, and the next one. */
async function crashWhileReading(lab: Lab): Promise<void> {
  await new Promise<void>((crash) => {
    const parse: PageParser = async (_reading, _input, { before } = {}) => {
      await before?.()
      crash()
      return new Promise<never>(() => {})
    }
    void sweepWebmentions({ ...lab.options, parse })
  })
  await createWebmentionQueue(lab.options).release()
}

describe('sweepWebmentions()', () => {
  it('takes up what was cut off after the answer', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const location = await postAndDie(lab)
    assert.equal(await sweepWebmentions(lab.options), 1)
    assert.equal((await lab.status(location)).status, 'success')
    assert.equal(await sweepWebmentions(lab.options), 0)
    assert.equal(lab.messages.size, 1)
  })

  it('does nothing twice when two of them run', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    await postAndDie(lab)
    await Promise.all([sweepWebmentions(lab.options), sweepWebmentions(lab.options)])
    assert.deepEqual(lab.fetches, [SOURCE])
  })

  it('leaves alone what somebody works at, until their lease is over', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const location = await postAndDie(lab)
    const id = location.split('/').at(-1) ?? ''
    assert.ok(await createWebmentionQueue(lab.options).claim(id))
    assert.equal(await sweepWebmentions(lab.options), 0)
    lab.wait(60)
    assert.equal(await sweepWebmentions(lab.options), 0)
    lab.wait(31)
    assert.equal(await sweepWebmentions(lab.options), 1)
    assert.equal((await lab.status(location)).status, 'success')
  })

  it('tries again what did not answer, at growing distances, and then says so', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = () => {
      throw new FetchError('no answer')
    }
    const location = await postAndDie(lab)
    const attempts: number[] = []
    for (let minute = 0; minute < 48 * 60; minute++) {
      if ((await sweepWebmentions(lab.options)) > 0) attempts.push(minute)
      lab.wait(60)
      if (minute === 24 * 60) break
    }
    assert.deepEqual(attempts, [0, 1, 6, 21, 81, 321, 1401])
    assert.equal((await lab.status(location)).status, 'source_error')
    assert.match(await (await lab.get(location)).text(), /could not be fetched/)
  })

  it('is content when it comes late', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = () => new Response('', { status: 500 })
    const location = await postAndDie(lab)
    await sweepWebmentions(lab.options)
    assert.equal((await lab.status(location)).status, 'pending')
    lab.pages[SOURCE] = entry()
    assert.equal(await sweepWebmentions(lab.options), 0)
    lab.wait(30 * 24 * 3600)
    assert.equal(await sweepWebmentions(lab.options), 1)
    assert.equal((await lab.status(location)).status, 'success')
  })

  it('honours a longer wait that the source asks for', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = () => new Response('', { status: 503, headers: { 'retry-after': '3600' } })
    await postAndDie(lab)
    await sweepWebmentions(lab.options)
    lab.wait(3590)
    assert.equal(await sweepWebmentions(lab.options), 0)
    lab.wait(20)
    assert.equal(await sweepWebmentions(lab.options), 1)
  })

  it('honours no wait of days', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = () =>
      new Response('', { status: 503, headers: { 'retry-after': '259200' } })
    await postAndDie(lab)
    await sweepWebmentions(lab.options)
    lab.wait(4 * 3600 - 10)
    assert.equal(await sweepWebmentions(lab.options), 0)
    lab.wait(20)
    assert.equal(await sweepWebmentions(lab.options), 1)
  })

  for (const code of ['ENOTFOUND', 'ECONNREFUSED', 'UND_ERR_CONNECT_TIMEOUT']) {
    it(`tries a host three times that takes no connection: ${code}`, async () => {
      const lab = createLab()
      lab.pages[SOURCE] = () => {
        const cause = new TypeError('failed', { cause: Object.assign(new Error(), { code }) })
        throw new FetchError('no answer', { cause })
      }
      const location = await postAndDie(lab)
      const attempts: number[] = []
      for (let minute = 0; minute < 24 * 60; minute++) {
        if ((await sweepWebmentions(lab.options)) > 0) attempts.push(minute)
        lab.wait(60)
      }
      assert.deepEqual(attempts, [0, 5, 245])
      assert.equal((await lab.status(location)).status, 'source_error')
    })
  }

  it('keeps so many to be tried again, and gives up those that wait longest for it', async () => {
    const lab = createLab({ limits: { retrying: 2 } })
    const locations: string[] = []
    for (const wait of ['600', '7200', '900', '7100']) {
      const source = `https://bob.example/${wait}`
      lab.pages[source] = () => new Response('', { status: 503, headers: { 'retry-after': wait } })
      locations.push(await postAndDie(lab, source))
    }
    const fresh = await postAndDie(lab, 'https://carol.example/')
    const bobs = await createWebmentionQueue(lab.options).due()
    for (const { id, host } of bobs) if (host === 'bob.example') await lab.process(id)
    const statuses = await Promise.all([...locations, fresh].map((url) => lab.status(url)))
    assert.deepEqual(
      statuses.map(({ status }) => status),
      ['pending', 'source_error', 'pending', 'source_error', 'pending'],
    )
  })

  it('says nothing either of one that it gives up after it was shown to us only', async () => {
    for (const [authenticated, status] of [
      [true, 'processed'],
      [false, 'source_error'],
    ] as const) {
      const fetch = async (source: URL) => {
        const response = new Response('', { status: 503 })
        return { response, authenticated, chain: [source] }
      }
      const lab = createLab({ access: { fetch }, limits: { retrying: 0 } })
      assert.equal((await lab.send()).status, status)
    }
  })

  it('takes up as many as it may, and gives each host its turn', async () => {
    const lab = createLab()
    for (const source of ['eve.example/1', 'eve.example/2', 'eve.example/3', 'bob.example/1']) {
      lab.pages[`https://${source}`] = entry()
      await postAndDie(lab, `https://${source}`)
      lab.wait(1)
    }
    assert.equal(await sweepWebmentions(lab.options, { limit: 2 }), 2)
    assert.deepEqual(lab.fetches.toSorted(), ['https://bob.example/1', 'https://eve.example/1'])
    assert.equal(await sweepWebmentions(lab.options), 2)
  })

  it('begins none after its time', async () => {
    const lab = createLab()
    for (const i of [1, 2, 3]) {
      lab.pages[`https://bob.example/${i}`] = () => {
        lab.wait(6)
        return new Response('', { status: 404 })
      }
      await postAndDie(lab, `https://bob.example/${i}`)
    }
    assert.equal(await sweepWebmentions(lab.options, { budgetMs: 10_000 }), 2)
  })

  it('begins no other once the process is to stop', async () => {
    const lab = createLab()
    const stopping = new AbortController()
    for (const i of [1, 2, 3]) {
      lab.pages[`https://bob.example/${i}`] = () => {
        stopping.abort()
        return new Response('', { status: 404 })
      }
      await postAndDie(lab, `https://bob.example/${i}`)
    }
    assert.equal(await sweepWebmentions(lab.options, { signal: stopping.signal }), 1)
    assert.equal(await sweepWebmentions(lab.options), 2)
  })

  it('asks a host for one page at a time, and hosts at once', async () => {
    const lab = createLab()
    let [now, most] = [0, 0]
    const perHost = new Map<string, number>()
    for (const host of ['eve', 'bob', 'carol']) {
      for (const i of [1, 2]) {
        lab.pages[`https://${host}.example/${i}`] = async () => {
          most = Math.max(most, ++now)
          perHost.set(host, (perHost.get(host) ?? 0) + 1)
          assert.equal(perHost.get(host), 1)
          await new Promise((resolve) => setImmediate(resolve))
          perHost.set(host, 0)
          now -= 1
          return new Response('', { status: 404 })
        }
        await postAndDie(lab, `https://${host}.example/${i}`)
      }
    }
    assert.equal(await sweepWebmentions(lab.options), 6)
    assert.equal(most, 3)
  })

  it('lets one that fails through a fault of ours wait, serves the others, and does not hide it', async () => {
    const lab = createLab()
    lab.pages['https://bob.example/1'] = () => {
      throw new TypeError('a bug')
    }
    lab.pages['https://carol.example/1'] = entry()
    await postAndDie(lab, 'https://bob.example/1')
    const location = await postAndDie(lab, 'https://carol.example/1')
    await assert.rejects(sweepWebmentions(lab.options), /a bug/)
    assert.equal((await lab.status(location)).status, 'success')
    assert.equal((await lab.store.list('webmention-queue/')).length, 1)
  })
})

describe('the same pair again while it is pending', () => {
  it('is the same entry, tried at once', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = () => new Response('', { status: 500 })
    const first = await lab.post({ source: SOURCE, target: POST })
    await lab.settle()
    lab.pages[SOURCE] = entry()
    lab.wait(31)
    const second = await lab.post({ source: SOURCE, target: POST })
    assert.equal(second.headers.get('location'), first.headers.get('location'))
    await lab.settle()
    assert.equal((await lab.status(first.headers.get('location') ?? '')).status, 'success')
    lab.wait(31)
    const third = await lab.post({ source: SOURCE, target: POST })
    assert.notEqual(third.headers.get('location'), first.headers.get('location'))
  })

  it('does not forget that a code came along', async () => {
    const lab = createLab()
    lab.pages[SOURCE] = () => new Response('', { status: 500 })
    await postAndDie(lab, SOURCE, { code: 'xxxxxxx' })
    lab.wait(31)
    const location = await postAndDie(lab)
    lab.pages[SOURCE] = entry()
    await sweepWebmentions(lab.options)
    assert.deepEqual(await lab.status(location), { status: 'success', private: true })
  })

  it('is fetched once more where it came while the source was being read', async () => {
    const lab = createLab()
    let reads = 0
    lab.pages[SOURCE] = async () => {
      reads += 1
      if (reads > 1) return new Response('', { status: 410 })
      lab.wait(31)
      await postAndDie(lab)
      return new Response(entry(), { headers: { 'content-type': 'text/html' } })
    }
    const status = await lab.send()
    assert.equal(reads, 2)
    assert.equal(status.status, 'deleted')
    assert.deepEqual(await lab.store.list('webmention-queue/'), [])
  })
})

describe('kill -9 at any step', () => {
  it('loses nothing that was accepted, and doubles nothing', async () => {
    let [died, survived] = [0, 0]
    for (let step = 1; step <= 30; step++) {
      for (const after of [false, true]) {
        let time = NOW
        const store = createMemoryStore({ now: () => time })
        const dying = createLab({
          store: mortalStore(store, step, after),
          pages: { [SOURCE]: entry() },
        })
        const response = await dying.post({ source: SOURCE, target: POST }).catch(() => undefined)
        await dying.settle()
        if (dying.troubles.length > 0 || !response) died += 1
        else survived += 1

        time = new Date(NOW.getTime() + 120_000)
        const heir = createLab({ store, pages: { [SOURCE]: entry() } })
        heir.wait(120)
        for (const [key, message] of dying.messages) heir.messages.set(key, message)
        await sweepWebmentions(heir.options)
        assert.deepEqual(await store.list('webmention-queue/'), [], `step ${step}`)
        if (!response) continue
        assert.equal(heir.messages.size, 1, `step ${step}`)
        const location = response.headers.get('location') ?? ''
        assert.equal((await heir.status(location)).status, 'success', `step ${step}`)
      }
    }
    assert.ok(died > 20 && survived > 5, `${died} died, ${survived} survived`)
  })

  it('loses nothing when the inbox fails', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const { accept } = lab.options.sink
    let failures = 1
    lab.options.sink.accept = async (key, message) => {
      if (failures-- > 0) throw new Error('killed')
      await accept(key, message)
    }
    const location = await lab.post({ source: SOURCE, target: POST })
    await lab.settle()
    assert.equal(lab.troubles.length, 1)
    assert.equal((await lab.status(location.headers.get('location') ?? '')).status, 'pending')
    lab.wait(91)
    await sweepWebmentions(lab.options)
    assert.equal((await lab.status(location.headers.get('location') ?? '')).status, 'success')
  })

  it('counts that a page is read before it is: one that ends the process is given up after three times', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const location = await postAndDie(lab)
    for (let crash = 1; crash <= 3; crash++) {
      assert.equal((await lab.status(location)).status, 'pending')
      await crashWhileReading(lab)
    }
    assert.equal(await sweepWebmentions(lab.options), 1)
    assert.equal((await lab.status(location)).status, 'too_large')
    assert.equal(lab.fetches.length, 3)
    assert.equal(await sweepWebmentions(lab.options), 0)
  })

  it('gives nothing up that was cut off while it was fetched, or failed through a fault of ours', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const location = await postAndDie(lab)
    const id = location.split('/').at(-1) ?? ''
    for (let crash = 1; crash <= 4; crash++) {
      assert.ok(await createWebmentionQueue(lab.options).claim(id))
      await createWebmentionQueue(lab.options).release()
    }
    for (let crash = 1; crash <= 2; crash++) await crashWhileReading(lab)
    const { sink } = lab.options
    const broken = async () => {
      throw new Error('the inbox is broken')
    }
    for (let fault = 1; fault <= 4; fault++) {
      const options = { ...lab.options, sink: { ...sink, accept: broken } }
      await assert.rejects(sweepWebmentions(options), /the inbox is broken/)
      lab.wait(91)
    }
    assert.equal(await sweepWebmentions(lab.options), 1)
    assert.equal((await lab.status(location)).status, 'success')
  })

  it('need not wait for the dead where it is known that nobody else works', async () => {
    const lab = createLab({ pages: { [SOURCE]: entry() } })
    const { accept } = lab.options.sink
    let failures = 1
    lab.options.sink.accept = async (key, message) => {
      if (failures-- > 0) throw new Error('killed')
      await accept(key, message)
    }
    const response = await lab.post({ source: SOURCE, target: POST })
    await lab.settle()
    assert.equal(await sweepWebmentions(lab.options), 0)
    await createWebmentionQueue(lab.options).release()
    assert.equal(await sweepWebmentions(lab.options), 1)
    const location = response.headers.get('location') ?? ''
    assert.equal((await lab.status(location)).status, 'success')
  })

  it('who was taken for dead and comes back does nothing more', async () => {
    const lab = createLab()
    let isFirst = true
    lab.pages[SOURCE] = async () => {
      if (!isFirst) return new Response('', { status: 404 })
      isFirst = false
      lab.wait(91)
      await sweepWebmentions(lab.options)
      return new Response(entry(), { headers: { 'content-type': 'text/html' } })
    }
    assert.equal((await lab.send()).status, 'not_found')
    assert.equal(lab.messages.size, 0)
  })
})
