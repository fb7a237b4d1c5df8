import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { postForm, type PostFormOptions } from '../../lib/web/post-form.ts'

const ENDPOINT = new URL('https://alice.example/token')

async function sent(options: Omit<PostFormOptions, 'fetch'> = {}) {
  const seen: { url: URL; init: RequestInit | undefined }[] = []
  const fetch = async (url: URL, init?: RequestInit) => {
    seen.push({ url, init })
    return new Response()
  }
  await postForm(ENDPOINT, { code: 'xxxxxxx', me: 'https://bob.example/' }, { ...options, fetch })
  const [only] = seen
  assert.ok(only && seen.length === 1)
  return only
}

describe('postForm()', () => {
  it('posts the fields as a form, to the endpoint, and follows no redirect', async () => {
    const { url, init } = await sent()
    assert.equal(url, ENDPOINT)
    assert.equal(init?.method, 'POST')
    assert.equal(init?.redirect, 'manual')
    assert.ok(init?.body instanceof URLSearchParams)
    assert.equal(String(init.body), 'code=xxxxxxx&me=https%3A%2F%2Fbob.example%2F')
  })

  it('wants JSON, unless something else may come back', async () => {
    const accept = async (options = {}) =>
      new Headers((await sent(options)).init?.headers).get('accept')
    assert.equal(await accept(), 'application/json')
    assert.equal(await accept({ accept: '*/*' }), '*/*')
  })

  it('ends with the signal', async () => {
    const { signal } = new AbortController()
    assert.equal((await sent({ signal })).init?.signal, signal)
    assert.equal((await sent()).init?.signal, null)
  })
})
