import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endpoint } from '../../lib/web/endpoint.ts'
import { RequestError } from '../../lib/web/errors.ts'

const answer = ({ code, status }: RequestError) => new Response(code, { status })
const at = (method: string) => new Request('https://alice.example/', { method })

describe('endpoint()', () => {
  const both = endpoint(
    {
      GET: async (request) => new Response(request.method, { headers: { 'x-a': 'b' } }),
      POST: async () => new Response('posted'),
    },
    answer,
  )

  it('routes by method', async () => {
    assert.equal(await (await both(at('GET'))).text(), 'GET')
    assert.equal(await (await both(at('POST'))).text(), 'posted')
  })

  it('answers HEAD like GET, without the body', async () => {
    const response = await both(at('HEAD'))
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('x-a'), 'b')
    assert.equal(await response.text(), '')
  })

  it('answers any other method with 405 and the methods that there are', async () => {
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'constructor', '__proto__']) {
      const response = await both(at(method))
      assert.equal(response.status, 405, method)
      assert.equal(response.headers.get('allow'), 'HEAD, GET, POST')
    }
    const onlyPost = endpoint({ POST: async () => new Response('') }, answer)
    assert.equal((await onlyPost(at('HEAD'))).status, 405)
    assert.equal((await onlyPost(at('GET'))).headers.get('allow'), 'POST')
  })

  it("words a fault of the client's as its spec does", async () => {
    const strict = endpoint(
      {
        GET: async () => {
          throw new RequestError('invalid_token', 'no', { status: 401 })
        },
      },
      answer,
    )
    const response = await strict(at('GET'))
    assert.equal(response.status, 401)
    assert.equal(await response.text(), 'invalid_token')
    assert.equal((await strict(at('HEAD'))).status, 401)
  })

  it('hides no fault of our own', async () => {
    const broken = endpoint({ GET: () => Promise.reject(new TypeError('ours')) }, answer)
    await assert.rejects(broken(at('GET')), TypeError)
  })

  it('passes on what the host tells of a request', async () => {
    const context = { clientAddress: '192.0.2.1', waitUntil: () => {} }
    const nosy = endpoint(
      {
        GET: async (_request, told) =>
          new Response(null, { headers: { 'x-a': told?.clientAddress ?? '' } }),
      },
      answer,
    )
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await nosy(at(method), context)).headers.get('x-a'), '192.0.2.1')
    }
  })
})

describe('RequestError', () => {
  it('is a 400 unless it says otherwise', () => {
    assert.equal(new RequestError('invalid_request', 'x').status, 400)
    const late = new RequestError('rate_limit_exceeded', 'x', { status: 429, retryAfter: 7 })
    assert.deepEqual([late.status, late.retryAfter], [429, 7])
  })
})
