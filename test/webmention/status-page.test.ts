import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FetchError } from '../../lib/web/errors.ts'
import { followStatus, processStatusResponse } from '../../lib/webmention/status-page.ts'
import { createWeb } from '../support/web.ts'

const now = new Date('2026-11-21T12:00:00Z')
const judge = (body: string, status = 200, headers: Record<string, string> = {}) =>
  processStatusResponse(new Response(body, { status, headers }), now)

describe('processStatusResponse()', () => {
  for (const word of ['pending', 'queued', 'processing', 'Queued']) {
    it(`waits while the status is ${word}`, async () => {
      assert.equal(await judge(JSON.stringify({ status: word })), 'processing')
    })
  }

  it('waits while the page answers 202', async () => {
    assert.equal(await judge('', 202), 'processing')
    assert.equal(await judge('{"status":"success"}', 202), 'processing')
  })

  for (const word of ['success', 'accepted', 'deleted', 'verified']) {
    it(`is content with ${word}`, async () => {
      assert.equal(await judge(JSON.stringify({ status: word, error: null })), 'accepted')
    })
  }

  for (const body of [
    '',
    'thank you',
    '<p>thank you',
    '{}',
    '[]',
    'null',
    '{"status":1}',
    '{"status":"fine"}',
  ]) {
    it(`is content with what it does not understand: ${body}`, async () => {
      assert.equal(await judge(body), 'accepted')
    })
  }

  for (const word of [
    'no_link_found',
    'invalid_source',
    'invalid_target',
    'target_not_found',
    'not_found',
    'gone',
    'blocked',
    'access_token_error',
    'no_token_endpoint',
    'dns_error',
    'timeout',
    'too_many_redirects',
    'error',
    'failed',
  ]) {
    it(`reports ${word}`, async () => {
      assert.deepEqual(await judge(JSON.stringify({ status: word })), { rejected: word })
      assert.deepEqual(await judge(JSON.stringify({ error: word })), { rejected: word })
    })
  }

  for (const status of [400, 401, 403]) {
    it(`reports a page that answers ${status}`, async () => {
      assert.deepEqual(await judge('no', status), {
        rejected: `the status page answered ${status}`,
      })
      const told = await judge('{"status":"no_link_found"}', status)
      assert.deepEqual(told, { rejected: 'no_link_found' })
    })
  }

  for (const status of [404, 410]) {
    it(`is content with a page that is gone: ${status}`, async () => {
      assert.equal(await judge('{"status":"error"}', status), 'accepted')
    })
  }

  for (const status of [429, 500, 503]) {
    it(`throws on ${status}, with the time that it names`, async () => {
      await assert.rejects(judge('', status, { 'retry-after': '60' }), (error) => {
        assert.ok(error instanceof FetchError)
        assert.equal(error.notBefore?.toISOString(), '2026-11-21T12:01:00.000Z')
        return true
      })
    })
  }

  it('repeats no capability token', async () => {
    const progress = await judge('{"status":"error: 0123456789abcdefghjkmnpqrs"}')
    assert.deepEqual(progress, { rejected: 'error: 0123…' })
  })

  it('repeats no capability token that its limit would cut in two', async () => {
    const status = `${'error '.repeat(13)}0123456789abcdefghjkmnpqrs`
    const progress = await judge(JSON.stringify({ status }))
    assert.deepEqual(progress, { rejected: `${'error '.repeat(13)}0123…` })
  })
})

describe('followStatus()', () => {
  it('asks for JSON', async () => {
    let accept: string | null = null
    const web = createWeb({
      'https://bob.example': async ({ headers }) => {
        accept = headers.get('accept')
        return Response.json({ status: 'queued' })
      },
    })
    const progress = await followStatus(new URL('https://bob.example/status/1'), web)
    assert.equal(progress, 'processing')
    assert.equal(accept, 'application/json')
    assert.deepEqual(web.log, ['GET https://bob.example/status/1'])
  })
})
