import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { finishSignIn, startSignIn } from '../../lib/indieauth/sign-in.ts'
import { relsInHeader } from '../../lib/web/rel-discovery.ts'
import { createWeb } from '../support/web.ts'
import {
  bearer,
  CODE_CHALLENGE,
  CODE_VERIFIER,
  consent,
  createAlice,
  MIDNIGHT,
  type Alice,
  type Tokens,
} from './server-alice.ts'

const alicesHome = new URL('https://alice.example/')
const now = () => new Date(MIDNIGHT)

describe('our own gate as a client of our own server', () => {
  const gate = {
    clientId: new URL('https://bob.example/indieauth/client.json'),
    redirectUri: new URL('https://bob.example/indieauth/callback'),
  }
  const gatesDocument = async () =>
    Response.json({ client_id: gate.clientId.href, redirect_uris: [gate.redirectUri.href] })

  async function signIn(change: (answer: URLSearchParams) => void = () => {}) {
    const alice = createAlice({ sites: { 'https://bob.example': gatesDocument } })
    const web = createWeb({ 'https://alice.example': alice.endpoint })
    const start = await startSignIn({ profileUrl: alicesHome, client: gate }, { ...web, now })
    assert.ok(start.started)
    const location = await consent(alice, start.location.searchParams)
    change(location.searchParams)
    const outcome = await finishSignIn(location.searchParams, start.pending, { ...web, now })
    return { outcome, log: web.log }
  }

  it('signs the owner in', async () => {
    const { outcome, log } = await signIn()
    assert.ok(outcome.signedIn)
    assert.equal(outcome.me.href, alicesHome.href)
    assert.deepEqual(log, [
      'GET https://alice.example/',
      'GET https://alice.example/indieauth/metadata',
      'POST https://alice.example/indieauth/auth',
    ])
  })

  it('does not with an answer of somebody else', async () => {
    const { outcome } = await signIn((answer) => answer.set('iss', 'https://eve.example/'))
    assert.equal(outcome.signedIn, false)
  })

  it('does not with a code that was changed on the way', async () => {
    const { outcome } = await signIn((answer) => answer.set('code', 'xxxxxxx'))
    assert.equal(outcome.signedIn, false)
  })
})

describe('Authl as a client', () => {
  it('signs somebody in without grant_type and without looking at iss', async () => {
    const callback = 'https://publ.example/cb/indieauth'
    const page = async () => new Response('<h1>Publ', { headers: { 'content-type': 'text/html' } })
    const alice = createAlice({ sites: { 'https://publ.example': page } })
    const location = await consent(
      alice,
      new URLSearchParams({
        redirect_uri: callback,
        client_id: 'https://publ.example',
        state: 'sssss',
        code_challenge: CODE_CHALLENGE,
        code_challenge_method: 'S256',
        response_type: 'code',
        scope: 'profile email',
        me: 'https://alice.example',
      }),
    )
    const answer = await alice.post('auth', {
      code: location.searchParams.get('code') ?? '',
      client_id: 'https://publ.example',
      redirect_uri: callback,
      code_verifier: CODE_VERIFIER,
    })
    assert.deepEqual(await answer.json(), { me: 'https://alice.example/' })
  })
})

describe('a Micropub client and its server', () => {
  const client_id = 'https://quill.example/'
  const redirect_uri = 'https://quill.example/auth/callback'
  const home = `<div class="h-app"><a class="u-url p-name" href="/">Quill</a></div>`
  const page = async () => new Response(home, { headers: { 'content-type': 'text/html' } })

  /** As the client finds it: the issuer's own page, or the owner's home, and the metadata. */
  async function metadataOf(alice: Alice): Promise<Record<string, string>> {
    const response = await alice.endpoint(new Request(alicesHome))
    const [url] = relsInHeader(response, alicesHome, ['indieauth-metadata']).values()
    assert.ok(url)
    return (await (await alice.endpoint(new Request(url))).json()) as Record<string, string>
  }

  it('finds the endpoints, gets a token, uses it, refreshes it and gives it back', async () => {
    const alice = createAlice({ sites: { 'https://quill.example': page } })
    const metadata = await metadataOf(alice)
    const post = async (name: string, form: Record<string, string>, init: RequestInit = {}) => {
      const body = new URLSearchParams(form)
      return alice.endpoint(new Request(metadata[name] ?? '', { method: 'POST', body, ...init }))
    }
    const location = await consent(
      alice,
      new URLSearchParams({
        me: 'https://alice.example/',
        response_type: 'code',
        state: 'sssss',
        code_challenge: CODE_CHALLENGE,
        code_challenge_method: 'S256',
        scope: 'profile create update media',
        client_id,
        redirect_uri,
      }),
    )
    assert.equal(location.searchParams.get('iss'), metadata['issuer'])

    const code = location.searchParams.get('code') ?? ''
    const grant_type = 'authorization_code'
    const first = await post('token_endpoint', {
      ...{ grant_type, code, client_id, redirect_uri },
      code_verifier: CODE_VERIFIER,
    })
    const tokens = (await first.json()) as Tokens
    assert.equal(tokens.scope, 'profile create update media')

    const ask = async (token: string) => {
      const answer = await post('introspection_endpoint', { token }, bearer(token))
      return answer.status === 200 && ((await answer.json()) as { active: boolean }).active
    }
    assert.equal(await ask(tokens.access_token), true)

    const { refresh_token } = tokens
    const second = await post('token_endpoint', {
      ...{ grant_type: 'refresh_token', refresh_token, client_id },
    })
    const fresh = (await second.json()) as Tokens
    assert.equal(await ask(fresh.access_token), true)

    await post('revocation_endpoint', { token: fresh.refresh_token })
    assert.equal(await ask(fresh.access_token), false)
  })
})
