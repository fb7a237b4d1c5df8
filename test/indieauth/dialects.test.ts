import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { finishSignIn, startSignIn, type SignIn } from '../../lib/indieauth/sign-in.ts'
import {
  consent,
  fakeIndieAuthCom,
  fakeIndieLogin,
  fakeIndiekit,
  fakePubl,
  fakeWordPress,
  signInByAuthl,
  type FakeIndieAuth,
} from '../support/indieauth-servers.ts'
import { createWeb } from '../support/web.ts'

const client = {
  clientId: new URL('https://alice.example/indieauth/client.json'),
  redirectUri: new URL('https://alice.example/indieauth/callback'),
}
const bob = new URL('https://bob.example/')

interface Rehearsal {
  readonly outcome: SignIn
  readonly log: readonly string[]
}

/** From the typed address to the outcome, with a log that leaves out what differs each time. */
async function signIn(
  fake: FakeIndieAuth,
  { now = () => new Date(0), between = () => {} } = {},
): Promise<Rehearsal> {
  const web = createWeb(fake.sites)
  const options = { ...web, now }
  const start = await startSignIn({ profileUrl: fake.profileUrl, client }, options)
  if (!start.started) {
    return { outcome: { signedIn: false, reason: start.reason }, log: web.log }
  }
  const back = await consent(start.location, web)
  between()
  const outcome = await finishSignIn(back.searchParams, start.pending, options)
  return { outcome, log: web.log.map((line) => line.replace(/\bresponse_type=.*/, '…')) }
}

describe('signing in survives the six dialects', () => {
  it('indieauth.com: legacy rels, no PKCE, no iss; answers a JSON Accept alone in JSON', async () => {
    const { outcome, log } = await signIn(fakeIndieAuthCom())
    assert.deepEqual(outcome, { signedIn: true, me: bob })
    assert.deepEqual(log, [
      'GET https://bob.example/',
      'GET https://indieauth.example/auth?…',
      'POST https://indieauth.example/auth',
    ])
  })

  it('indieauth.com: a code is good for 60 seconds, and then answers 404', async () => {
    const wait = async (seconds: number) => {
      let time = new Date(0)
      const now = () => time
      const between = () => (time = new Date(seconds * 1000))
      return (await signIn(fakeIndieAuthCom({ now }), { now, between })).outcome
    }
    assert.deepEqual(await wait(59), { signedIn: true, me: bob })
    assert.deepEqual(await wait(61), {
      signedIn: false,
      reason: { type: 'code_refused', status: 404 },
    })
  })

  it('WordPress: metadata before legacy rels, iss, `me` on a page of its own; the profile says nothing', async () => {
    const { outcome, log } = await signIn(fakeWordPress())
    assert.deepEqual(outcome, { signedIn: true, me: new URL('https://bob.example/author/bob/') })
    assert.deepEqual(log, [
      'GET https://bob.example/',
      'GET https://bob.example/wp-json/indieauth/1.0/metadata',
      'GET https://bob.example/wp-json/indieauth/1.0/auth?…',
      'POST https://bob.example/wp-json/indieauth/1.0/auth',
      'GET https://bob.example/author/bob/',
      'GET https://bob.example/wp-json/indieauth/1.0/metadata',
    ])
  })

  it('Indiekit: metadata without the iss flag, every parameter of the redemption', async () => {
    const { outcome, log } = await signIn(fakeIndiekit())
    assert.deepEqual(outcome, { signedIn: true, me: bob })
    assert.deepEqual(log, [
      'GET https://bob.example/',
      'GET https://indiekit.example/.well-known/oauth-authorization-server',
      'GET https://indiekit.example/auth?…',
      'POST https://indiekit.example/auth',
    ])
  })

  it("indielogin.com: registered clients only, and the endpoint's own query as it is", async () => {
    const { outcome, log } = await signIn(fakeIndieLogin())
    assert.deepEqual(outcome, { signedIn: true, me: bob })
    assert.deepEqual(log, [
      'GET https://bob.example/',
      'GET https://indielogin.example/authorize?tenant=a%2Fb&…',
      'POST https://indielogin.example/authorize?tenant=a%2Fb',
    ])
    await assert.rejects(signIn(fakeIndieLogin({ clients: [] })), /not registered/)
  })

  it('Publ: no authorization endpoint, so nobody can sign in with it, and is told so', async () => {
    const { outcome, log } = await signIn(fakePubl())
    assert.deepEqual(outcome, { signedIn: false, reason: { type: 'no_authorization_endpoint' } })
    assert.deepEqual(log, ['GET https://bob.example/'])
  })

  it('Authl is a client: its fake gets along with a server that needs no grant_type, and no other', async () => {
    const publ = new URL('https://publ.example/')
    for (const [fake, endpoint, me] of [
      [fakeIndieAuthCom(), 'https://indieauth.example/auth', bob.href],
      [fakeIndiekit(), 'https://indiekit.example/auth', undefined],
    ] as const) {
      const web = createWeb(fake.sites)
      assert.equal(await signInByAuthl(new URL(endpoint), { me: bob, client: publ }, web), me)
    }
  })
})
