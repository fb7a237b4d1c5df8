import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BOB, CAROL, createAlice, DINNER, form, MUM } from './site.ts'

const SIGN_OUT = '/indieauth/sign-out'

async function start(reader = BOB) {
  const alice = createAlice()
  const credentials = await alice.session(reader)
  const page = await (await alice.ask(SIGN_OUT, credentials)).text()
  const csrf = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
  return { alice, credentials, page, csrf }
}

describe('createSignOutEndpoint()', () => {
  it('says who is signed in, and ends it at a button', async () => {
    const { alice, credentials, page, csrf } = await start()
    assert.match(page, /signed in as <strong class="who">bob\.example</)
    assert.equal((await alice.ask(`/private/${DINNER}/`, credentials)).status, 200)

    const response = await alice.ask(SIGN_OUT, form({ csrf }, credentials.headers))
    assert.equal(response.status, 303)
    assert.match(
      response.headers.getSetCookie().join(),
      /^__Host-private-posts-session=; .*Max-Age=0/,
    )
    assert.match(await (await alice.ask(SIGN_OUT)).text(), /You are signed out/)
  })

  it('ends it for whoever has a copy of the cookie, too', async () => {
    const { alice, credentials, csrf } = await start()
    await alice.ask(SIGN_OUT, form({ csrf }, credentials.headers))
    assert.equal((await alice.ask(`/private/${DINNER}/`, credentials)).status, 401)
    const other = await alice.session(BOB)
    assert.equal((await alice.ask(`/private/${DINNER}/`, other)).status, 200)
  })

  it('does nothing for GET and HEAD', async () => {
    const { alice, credentials } = await start()
    await alice.ask(SIGN_OUT, credentials)
    await alice.ask(SIGN_OUT, { method: 'HEAD', ...credentials })
    assert.equal((await alice.ask(`/private/${DINNER}/`, credentials)).status, 200)
  })

  it('signs nobody out whose own page did not ask for it', async () => {
    const { alice, credentials } = await start()
    const others = await alice.session(CAROL)
    const page = await (await alice.ask(SIGN_OUT, others)).text()
    const foreign = /name="csrf" value="([^"]+)"/.exec(page)?.[1] ?? ''
    for (const fields of [{}, { csrf: 'xxxxxxx' }, { csrf: foreign }]) {
      const response = await alice.ask(SIGN_OUT, form({ ...fields }, credentials.headers))
      assert.equal(response.status, 403)
      assert.deepEqual(response.headers.getSetCookie(), [])
    }
    assert.equal((await alice.ask(`/private/${DINNER}/`, credentials)).status, 200)
  })

  it('calls somebody without a website by their address', async () => {
    assert.match((await start(MUM)).page, /<strong class="who">mum@mail\.example</)
    assert.match((await start('<b>Aunt May')).page, /<strong class="who">&lt;b&gt;Aunt May</)
  })

  it('is content when nobody is signed in', async () => {
    const { alice } = await start()
    assert.equal((await alice.ask(SIGN_OUT, form({}))).status, 303)
  })
})
