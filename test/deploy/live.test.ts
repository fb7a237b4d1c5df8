import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentHash } from '../../lib/deploy/content.ts'
import { waitUntilLive, type Expectation } from '../../lib/deploy/live.ts'
import { FetchError } from '../../lib/web/errors.ts'
import { postPage, START } from '../support/deployed-site.ts'

const source = new URL('https://alice.example/posts/a/')
const target = new URL('https://bob.example/1')
const built = postPage([target.href])
const content = contentHash(built, source)
const posted: Expectation = { content, mustExist: true, lost: [] }
const removed: Expectation = { content: undefined, mustExist: false, lost: [target] }

const html = (body: string, status = 200) =>
  new Response(body, { status, headers: { 'content-type': 'text/html' } })

/** Waits on a site that gives these answers, the last one for ever, on a clock that only waiting moves. */
async function wait(
  expected: Expectation,
  answers: readonly (() => Response)[],
  { seconds = 300, signal }: { seconds?: number; signal?: AbortSignal } = {},
) {
  let time = START.getTime()
  let looks = 0
  const pauses: number[] = []
  const liveness = await waitUntilLive(source, expected, {
    async fetch() {
      const answer = answers[Math.min(looks++, answers.length - 1)]
      assert.ok(answer)
      return answer()
    },
    async sleep(milliseconds) {
      pauses.push(milliseconds / 1000)
      time += milliseconds
    },
    now: () => new Date(time),
    deadline: new Date(time + seconds * 1000),
    ...(signal && { signal }),
  })
  return { liveness, looks, pauses }
}

describe('waitUntilLive()', () => {
  it('is content with the page that was built', async () => {
    const { liveness, looks } = await wait(posted, [() => html(built)])
    assert.deepEqual([liveness.live, looks], [true, 1])
  })

  it('looks again, ever less often, until the deploy is there', async () => {
    const answers = [
      () => html('Not Found', 404),
      () => html(postPage([])),
      () => {
        throw new FetchError('did not answer')
      },
      () => html('', 503),
      () => html('', 500),
      () => html(built),
    ]
    const { liveness, pauses } = await wait(posted, answers)
    assert.equal(liveness.live, true)
    assert.deepEqual(pauses, [1, 2, 4, 8, 10])
  })

  it('stops waiting in time', async () => {
    const old = [() => html(postPage([], 'old'))]
    const { liveness, pauses } = await wait(posted, old, { seconds: 20 })
    const reason = 'not live yet: its content is not the one just built'
    assert.deepEqual(liveness, { live: false, outcome: 'pending', reason })
    assert.equal(
      pauses.reduce((sum, pause) => sum + pause),
      20,
    )
  })

  it('looks once when it may not wait', async () => {
    const { liveness, looks } = await wait(posted, [() => html('', 404)], { seconds: 0 })
    assert.deepEqual([liveness.live, looks], [false, 1])
  })

  it('stops at once when interrupted', async () => {
    const signal = AbortSignal.abort()
    const { liveness, looks } = await wait(posted, [() => html('', 404)], { signal })
    assert.deepEqual([liveness.live, looks], [false, 1])
  })

  it('does not wait for an address that may not be visited', async () => {
    const refuse = () => {
      throw new FetchError('is on this machine', { kind: 'refused' })
    }
    const { liveness, looks } = await wait(posted, [refuse])
    assert.deepEqual(liveness, { live: false, outcome: 'refused', reason: 'is on this machine' })
    assert.equal(looks, 1)
  })

  const elsewhere = () =>
    Object.defineProperty(html(built), 'url', { value: 'https://alice.example/posts/b/' })
  const gone: Readonly<Record<string, () => Response>> = {
    'answers 404': () => html(built, 404),
    'answers 410': () => html(built, 410),
    'redirects to another page': elsewhere,
    'says in its head that it is gone': () =>
      html(`<meta http-equiv="status" content="410 Gone">${built}`),
    'no longer links to the target': () => html(postPage(['https://carol.example/'])),
  }
  for (const [name, answer] of Object.entries(gone)) {
    it(`takes a source for gone that ${name}`, async () => {
      assert.equal((await wait(removed, [answer], { seconds: 0 })).liveness.live, true)
    })
  }

  const moved = (url: string, body = built) =>
    Object.defineProperty(html(body), 'url', { value: url })
  const sameElsewhere = [
    'https://www.alice.example/posts/a/',
    'http://alice.example/posts/a',
    'https://user.example/blog/posts/a/',
  ]
  for (const url of sameElsewhere) {
    it(`does not take a source for gone that the whole site’s move sends to ${url}`, async () => {
      assert.equal((await wait(removed, [() => moved(url)], { seconds: 0 })).liveness.live, false)
      const lost = () => moved(url, postPage([]))
      assert.equal((await wait(removed, [lost], { seconds: 0 })).liveness.live, true)
    })
  }

  it('takes a source for gone that another site’s other page has replaced', async () => {
    for (const url of ['https://www.alice.example/posts/b/', 'https://www.alice.example/']) {
      assert.equal((await wait(removed, [() => moved(url)], { seconds: 0 })).liveness.live, true)
    }
  })

  it('says what it saw instead', async () => {
    const seen: readonly (readonly [() => Response, string])[] = [
      [() => html('', 404), 'not live yet: it answered 404'],
      [() => html(postPage([], 'old')), 'not live yet: its content is not the one just built'],
      [
        () => {
          throw new FetchError('https://alice.example/posts/a/ did not answer (ECONNREFUSED)')
        },
        'not live yet: https://alice.example/posts/a/ did not answer (ECONNREFUSED)',
      ],
    ]
    for (const [answer, reason] of seen) {
      const { liveness } = await wait(posted, [answer], { seconds: 0 })
      assert.deepEqual(liveness, { live: false, outcome: 'pending', reason })
    }
    const { liveness } = await wait(removed, [() => html(built)], { seconds: 0 })
    const reason = 'not live yet: what was removed is still there'
    assert.deepEqual(liveness, { live: false, outcome: 'pending', reason })
  })

  it('does not take a source for gone that is there as ever, or in trouble', async () => {
    for (const answer of [() => html(built), () => html('', 500), () => html('', 401)]) {
      assert.equal((await wait(removed, [answer], { seconds: 0 })).liveness.live, false)
    }
  })

  it('waits for a removed link until the page is the one built', async () => {
    const without = contentHash(postPage([]), source)
    const expected = { content: without, mustExist: false, lost: [target] }
    const { liveness, looks } = await wait(expected, [() => html(built), () => html(postPage([]))])
    assert.deepEqual([liveness.live, looks], [true, 2])
  })

  it('does not take 404 for the page that was built', async () => {
    assert.equal(
      (await wait(posted, [() => html(built, 404)], { seconds: 0 })).liveness.live,
      false,
    )
  })
})
