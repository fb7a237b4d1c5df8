import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ALICE,
  BOB,
  createNeighbours,
  EVE,
  formOf,
  PM_ALICE,
  PM_BOB,
  pushOf,
  SOURCE,
  type Town,
} from './lab.ts'

const people = { from: ALICE.href, to: BOB.href }
const announcement = { message: 'm1', ...people }
const request = { message: 'm1', to: BOB.href, deliver_to: PM_BOB.href, token: 'xxxxxxx' }

async function answerOf(town: Town, url: URL, init: RequestInit) {
  const log = town.log.length
  const response = await town.fetch(url, init)
  assert.equal(town.log.length, log + 1, 'nothing is asked before the answer')
  const { status, headers } = response
  return { status, headers: [...headers], body: await response.text() }
}

describe('the endpoint, for whoever would like to know what is there', () => {
  it('answers alike to announcements for its owner, for others, from the owner, and from nobody', async () => {
    const { town, message } = createNeighbours()
    const variants = [
      { ...announcement, message },
      announcement,
      { ...announcement, to: EVE.href },
      { ...announcement, from: BOB.href },
      { ...announcement, from: 'https://nobody.example/' },
    ]
    const answers = []
    for (const fields of variants) answers.push(await answerOf(town, PM_BOB, formOf(fields)))
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(answers[0]?.status, 202)
  })

  it('answers alike to requests for what is there, what is not, and what is for others', async () => {
    const { town, message } = createNeighbours()
    const variants = [
      { ...request, message },
      request,
      { ...request, message, to: EVE.href },
      { ...request, message: message.replace(/.$/, 'A') },
      { ...request, message: message.slice(0, 32) },
    ]
    const answers = []
    for (const fields of variants) {
      answers.push(await answerOf(town, PM_ALICE, formOf(fields)))
      await town.settle()
    }
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    assert.equal(town.sentTo(PM_BOB).length, 1, 'and yet one of them is served')
  })

  it('says yes at step 3 to whoever knows the name, the sender and the recipient, and no to others', async () => {
    const { town, message } = createNeighbours()
    const yes = await answerOf(town, PM_ALICE, formOf({ check: message, ...people }))
    assert.equal(yes.status, 200)
    const no = await answerOf(town, PM_ALICE, formOf({ check: 'made-up', ...people }))
    assert.equal(no.status, 404)
    const wrong = [
      { check: message, ...people, to: EVE.href },
      { check: message, ...people, from: EVE.href },
      { check: message.replace(/^./, 'f'), ...people },
      { check: message.replace(/.$/, '_'), ...people },
    ]
    for (const fields of wrong) {
      assert.deepEqual(await answerOf(town, PM_ALICE, formOf(fields)), no)
    }
  })

  it('knows nothing of a message that its recipient may no longer read', async () => {
    const { town, alice, message } = createNeighbours()
    const check = formOf({ check: message, ...people })
    const asked = formOf({ ...request, message })
    const expires = new Date(town.now().getTime() + 60_000).toISOString()
    alice.write(SOURCE, BOB, { expires })
    assert.equal((await answerOf(town, PM_ALICE, check)).status, 200)
    assert.equal((await answerOf(town, PM_ALICE, asked)).status, 202)
    await town.settle()
    assert.equal(town.sentTo(PM_BOB).length, 1)

    town.pass(60)
    assert.equal((await answerOf(town, PM_ALICE, check)).status, 404)
    assert.equal((await answerOf(town, PM_ALICE, asked)).status, 202)
    await town.settle()
    assert.equal(town.sentTo(PM_BOB).length, 1)
  })

  it('brings nothing that has expired since it was asked for', async () => {
    const { town, alice, message } = createNeighbours()
    const expires = new Date(town.now().getTime() + 60_000).toISOString()
    alice.write(SOURCE, BOB, { expires })
    assert.equal((await answerOf(town, PM_ALICE, formOf({ ...request, message }))).status, 202)
    town.pass(60)
    await town.settle()
    assert.equal(town.sentTo(PM_BOB).length, 0)
  })

  it('answers alike to pushes without a token, and with any that is not good', async () => {
    const { town } = createNeighbours()
    const entry = { type: 'entry', uid: 'm1', content: 'x' }
    const none = await answerOf(town, PM_BOB, pushOf(entry))
    assert.equal(none.status, 401)
    assert.ok(
      none.headers.some(([name, value]) => name === 'www-authenticate' && /Bearer/.test(value)),
    )
    for (const init of [
      pushOf(entry, 'xxxxxxx'),
      pushOf('no json', 'xxxxxxx'),
      pushOf('no json'),
    ]) {
      assert.deepEqual(await answerOf(town, PM_BOB, init), none)
    }
  })

  it('tells what became of a message to its own machines alone', async () => {
    const { town, alice, message } = createNeighbours()
    const url = (name: string) => new URL(`/pm/${name}?version=1`, PM_ALICE)
    const none = await answerOf(town, url(message), {})
    assert.equal(none.status, 401)
    assert.deepEqual(await answerOf(town, url('made-up'), {}), none)
    const call = (purpose: string) => alice.secrets.issue('call', { purpose })
    const bearer = async (purpose: string) => ({
      headers: { authorization: `Bearer ${await call(purpose)}` },
    })
    assert.deepEqual(await answerOf(town, url(message), await bearer('deliver')), none)
    const told = await answerOf(town, url(message), await bearer('pm'))
    assert.deepEqual([told.status, told.body], [200, '{"state":"waiting"}'])
    assert.equal((await answerOf(town, url('not%20a%20name'), await bearer('pm'))).status, 404)
  })
})

describe('the endpoint, for what could not be meant', () => {
  const good = {
    announcement: [PM_BOB, announcement],
    check: [PM_ALICE, { check: 'm1', ...people }],
    request: [PM_ALICE, request],
  } as const
  const bad: readonly [keyof typeof good, string, string][] = [
    ['announcement', 'message', ''],
    ['announcement', 'message', 'a b'],
    ['announcement', 'message', 'a\nb'],
    ['announcement', 'message', 'x'.repeat(513)],
    ['announcement', 'from', 'http://alice.example.org/'],
    ['announcement', 'from', 'alice'],
    ['announcement', 'from', 'https://127.0.0.1/'],
    ['announcement', 'from', 'https://[::1]/'],
    ['announcement', 'from', 'https://alice:secret@alice.example.org/'],
    ['announcement', 'from', `https://alice.example.org/${'x'.repeat(2048)}`],
    ['announcement', 'to', 'mailto:bob@example.com'],
    ['check', 'from', ''],
    ['check', 'check', 'ü'],
    ['request', 'deliver_to', 'ftp://pm.bob.example.net/'],
    ['request', 'token', ''],
    ['request', 'token', 'a b'],
    ['request', 'token', 'a\r\nx-header: b'],
    ['request', 'token', 'x'.repeat(4097)],
  ]
  for (const [step, name, value] of bad) {
    it(`answers 400 to a ${step} with ${name}=${JSON.stringify(value.slice(0, 40))}`, async () => {
      const { town } = createNeighbours()
      const [url, fields] = good[step]
      assert.notEqual((await town.fetch(url, formOf(fields))).status, 400)
      assert.equal((await town.fetch(url, formOf({ ...fields, [name]: value }))).status, 400)
    })
  }

  it('takes a message name of 128 characters, and one field of each', async () => {
    const { town } = createNeighbours()
    const longest = { ...announcement, message: 'x'.repeat(512) }
    assert.equal((await town.fetch(PM_BOB, formOf(longest))).status, 202)
    const twice = new URLSearchParams(announcement)
    twice.append('to', EVE.href)
    assert.equal((await town.fetch(PM_BOB, { method: 'POST', body: twice })).status, 400)
  })

  it('refuses other methods, types and sizes', async () => {
    const { town } = createNeighbours()
    assert.equal((await town.fetch(PM_BOB, { method: 'PUT', body: 'x' })).status, 405)
    assert.equal((await town.fetch(PM_BOB, { method: 'POST', body: 'x' })).status, 415)
    const large = formOf({ ...announcement, more: 'x'.repeat(17 * 1024) })
    assert.equal((await town.fetch(PM_BOB, large)).status, 413)
    const name = new URL('/pm/m1', PM_BOB)
    assert.equal((await town.fetch(name, { method: 'PUT', body: 'x' })).status, 405)
    assert.equal((await town.fetch(name, formOf(announcement))).status, 401)
  })

  it('reads a message of 256 kB, and none that is larger', async () => {
    const { town, bob } = createNeighbours()
    const token = await bob.secrets.issue('pm-standing-token', { ...people, family: 'f' })
    const entry = (length: number) => ({ type: 'entry', uid: 'm', content: 'x'.repeat(length) })
    assert.equal((await town.fetch(PM_BOB, pushOf(entry(250 * 1024), token))).status, 201)
    assert.equal((await town.fetch(PM_BOB, pushOf(entry(257 * 1024), token))).status, 413)
  })

  it('shows a person where they are', async () => {
    const { town } = createNeighbours()
    const page = await town.fetch(PM_BOB)
    assert.equal(page.status, 200)
    assert.match(await page.text(), /Private messages.*bob\.example\.com/s)
  })
})

describe('the endpoint, when there is too much', () => {
  const names = (length: number) => Array.from({ length }, (_, at) => `m${at}`)
  const statuses = async (town: Town, forms: readonly Record<string, string>[], url = PM_BOB) => {
    const all = []
    for (const fields of forms) all.push((await town.fetch(url, formOf(fields))).status)
    return all
  }

  it('counts the requests of one client, whatever they are about', async () => {
    const { town } = createNeighbours({ bob: { limits: { perClient: 3 } } })
    const forms = names(4).map((message) => ({ message, ...people, to: EVE.href }))
    assert.deepEqual(await statuses(town, forms), [202, 202, 202, 429])
    town.pass(60)
    assert.deepEqual(await statuses(town, forms.slice(0, 1)), [202])
  })

  it('counts what would make it ask the same host', async () => {
    const { town } = createNeighbours({ bob: { limits: { perHost: 2 } } })
    const forms = names(3).map((message) => ({ message, ...people, to: EVE.href }))
    assert.deepEqual(await statuses(town, forms), [202, 202, 429])
    assert.deepEqual(await statuses(town, [{ ...announcement, from: EVE.href }]), [202])
  })

  it('takes no more than it can keep, says so to everybody alike, and keeps room for other hosts', async () => {
    const limits = { waiting: 3, waitingPerHost: 2 }
    const { town, bob } = createNeighbours({ bob: { limits } })
    const { store } = bob
    const { [PM_BOB.origin]: endpoint } = town.sites
    // Nobody works off what is queued: the process has no time.
    town.sites[PM_BOB.origin] = async (request) =>
      endpoint?.(request) ?? new Response(null, { status: 404 })
    const forms = names(3).map((message) => ({ message, ...people }))
    assert.deepEqual(await statuses(town, forms), [202, 202, 503])
    assert.deepEqual(await statuses(town, [{ ...announcement, to: EVE.href }]), [503])
    assert.deepEqual(await statuses(town, [{ ...announcement, from: EVE.href }]), [202])
    const other = { ...announcement, from: 'https://another.example/' }
    assert.deepEqual(await statuses(town, [other]), [503])
    assert.equal((await store.list('pm-queue/')).length, 3)
    await bob.sweep()
    assert.deepEqual(await statuses(town, [other]), [202])
  })

  it('keeps no room occupied for what only waits for another attempt', async () => {
    const { town, alice } = createNeighbours({ bob: { limits: { waiting: 1, retrying: 2 } } })
    for (const message of names(4)) {
      const from = `https://${message}.example/`
      assert.deepEqual(await statuses(town, [{ message, from, to: BOB.href }]), [202])
      await town.settle()
    }
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.equal(town.sentTo(PM_BOB).filter((body) => body.includes('Dinner')).length, 1)
  })
})
