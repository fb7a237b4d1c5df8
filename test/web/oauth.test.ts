import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RequestError } from '../../lib/web/errors.ts'
import {
  bearerToken,
  createTokenEndpoint,
  oauthErrorResponse,
  type Grant,
  type TokenRequest,
} from '../../lib/web/oauth.ts'

const TOKEN = { access_token: 'yyyyyyyyyy', token_type: 'Bearer', expires_in: 60 } as const
const grant =
  (name: string): Grant =>
  async (form) =>
    form.get('grant_type') === name ? { ...TOKEN, scope: name } : undefined
const other: TokenRequest = async (form) =>
  form.get('action') === 'other' ? new Response('other', { status: 202 }) : undefined
const post = (form: string) =>
  new Request('https://alice.example/token', { method: 'POST', body: new URLSearchParams(form) })
const tokenEndpoint = createTokenEndpoint([grant('a'), other, grant('b')])
const jsonOf = async (response: Response) => (await response.json()) as Record<string, unknown>

describe('createTokenEndpoint()', () => {
  it('lets the grant answer that knows the request', async () => {
    for (const name of ['a', 'b']) {
      const response = await tokenEndpoint(post(`grant_type=${name}`))
      assert.deepEqual(await jsonOf(response), { ...TOKEN, scope: name })
      assert.equal(response.headers.get('cache-control'), 'no-store')
      assert.equal(response.headers.get('pragma'), 'no-cache')
    }
  })

  it('passes on another answer as it is', async () => {
    assert.equal((await tokenEndpoint(post('action=other'))).status, 202)
  })

  it('asks no grant behind the one that answers, or that refuses', async () => {
    const refusing: Grant = async () => {
      throw new RequestError('invalid_grant', 'no')
    }
    const never: Grant = async () => assert.fail('was asked')
    const answered = createTokenEndpoint([grant('a'), never])
    assert.equal((await answered(post('grant_type=a'))).status, 200)
    const refused = await createTokenEndpoint([refusing, never])(post('grant_type=a'))
    assert.equal((await jsonOf(refused))['error'], 'invalid_grant')
  })

  it('answers an unknown grant_type with unsupported_grant_type, and none with invalid_request', async () => {
    const unknown = await tokenEndpoint(post('grant_type=password'))
    assert.equal(unknown.status, 400)
    assert.equal((await jsonOf(unknown))['error'], 'unsupported_grant_type')
    const none = await tokenEndpoint(post('code=xxxxxxx'))
    assert.equal(none.status, 400)
    assert.equal((await jsonOf(none))['error'], 'invalid_request')
  })

  it('takes nothing but POST', async () => {
    const response = await tokenEndpoint(new Request('https://alice.example/token'))
    assert.equal(response.status, 405)
  })
})

describe('oauthErrorResponse()', () => {
  it('says the code and why, and stays out of caches', async () => {
    const response = oauthErrorResponse(new RequestError('invalid_scope', 'too much'))
    assert.equal(response.status, 400)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    assert.deepEqual(await jsonOf(response), {
      error: 'invalid_scope',
      error_description: 'too much',
    })
  })

  it('says when to come back, and nothing of the cause', async () => {
    const cause = new Error('xxxxxxx')
    const late = new RequestError('rate_limit_exceeded', 'later', {
      status: 429,
      retryAfter: 9,
      cause,
    })
    const response = oauthErrorResponse(late)
    assert.equal(response.headers.get('retry-after'), '9')
    assert.doesNotMatch(await response.text(), /xxxxxxx/)
  })
})

describe('bearerToken()', () => {
  const tokenOf = (authorization?: string) =>
    bearerToken(
      new Request('https://alice.example/', {
        headers: authorization === undefined ? {} : { authorization },
      }),
    )

  it('reads the token, whatever the case of its scheme', () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      assert.equal(tokenOf(`${scheme} yyyyyyyyyy`), 'yyyyyyyyyy')
    }
    assert.equal(tokenOf('Bearer   a-b._~+/c==  '), 'a-b._~+/c==')
  })

  it('is undefined for anything else', () => {
    for (const text of [
      undefined,
      '',
      'Bearer',
      'Bearer ',
      'Basic eA==',
      'Bearer a b',
      'Bearer a,b',
      'xBearer a',
    ]) {
      assert.equal(tokenOf(text), undefined, text)
    }
  })
})
