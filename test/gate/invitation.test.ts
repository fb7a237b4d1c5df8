import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createVisitor } from './people.ts'
import {
  BOB,
  changed,
  createAlice,
  DINNER,
  form,
  hashOf,
  INVITATION,
  LETTER,
  MUM,
  NOWHERE,
  seen,
  START,
  type AliceOptions,
} from './site.ts'

const LINK = `https://alice.example/invitation/${INVITATION}`
const POST = `https://alice.example/private/${DINNER}/`
const ACCEPT = form({}, { 'sec-fetch-site': 'same-origin' })

function start(options: AliceOptions = {}) {
  const alice = createAlice(options)
  const web = { 'https://alice.example': alice.endpoint }
  return { alice, web, mum: createVisitor(web), other: createVisitor(web) }
}

/** What every invitation that opens nothing looks like. */
async function gone({ other }: ReturnType<typeof start>) {
  const answer = await seen(await other.ask(LINK.replace('0123', 'zzzz')))
  assert.equal(answer.status, 410)
  return answer
}

describe('createInvitationEndpoint()', () => {
  it('shows a button, and names neither reader nor post', async () => {
    const { mum } = start()
    const response = await mum.ask(LINK)
    assert.equal(response.status, 200)
    const text = await response.text()
    assert.match(text, /<form method="post">\s*<button>/)
    assert.doesNotMatch(text, new RegExp(`mum|${DINNER}|bob`, 'i'))
    assert.ok(!text.includes(INVITATION))
    assert.equal(response.headers.get('referrer-policy'), 'no-referrer')
    assert.match(response.headers.get('cache-control') ?? '', /no-store/)
    assert.match(response.headers.get('x-robots-tag') ?? '', /noindex/)
  })

  it('starts a session with the button, and leads to the post', async () => {
    const { mum } = start()
    const response = await mum.go(LINK, ACCEPT)
    assert.equal(mum.visited.at(-1), `GET ${POST}`)
    assert.equal(response.status, 200)
    assert.match(await response.text(), new RegExp(`of gate/${DINNER}/2/`))
  })

  it('lets the reader read every post that names them, and no other', async () => {
    const register = changed(({ posts }) =>
      Object.assign(posts, { [NOWHERE]: { readers: posts[DINNER]?.readers.slice(0, 1) } }),
    )
    const { mum } = start({ register })
    await mum.go(LINK, ACCEPT)
    assert.equal((await mum.ask(POST.replace(DINNER, LETTER))).status, 200)
    assert.equal((await mum.ask(POST.replace(DINNER, NOWHERE))).status, 403)
  })

  it('spends nothing when it is only looked at: GET and HEAD have no side effects', async () => {
    const { mum } = start({ invitations: 'once' })
    for (let times = 0; times < 3; times++) {
      const get = await seen(await mum.ask(LINK))
      const head = await seen(await mum.ask(LINK, { method: 'HEAD' }))
      assert.deepEqual([get.status, head.headers], [200, get.headers])
    }
    assert.deepEqual(mum.cookies('https://alice.example'), [])
    assert.equal((await mum.go(LINK, ACCEPT)).status, 200)
  })

  it('works once where it is for once, also for a hundred at the same time', async () => {
    const site = start({ invitations: 'once' })
    const answers = await Promise.all(
      Array.from({ length: 100 }, () => createVisitor(site.web).ask(LINK, ACCEPT)),
    )
    assert.equal(answers.filter(({ status }) => status === 303).length, 1)
    assert.deepEqual(await seen(await site.other.ask(LINK)), await gone(site))
    assert.deepEqual(await seen(await site.other.ask(LINK, ACCEPT)), await gone(site))
  })

  it('works again and again where it is for some days', async () => {
    const { mum, other } = start({ invitations: 7 })
    assert.equal((await mum.go(LINK, ACCEPT)).status, 200)
    assert.equal((await other.go(LINK, ACCEPT)).status, 200)
  })

  it('leads straight to the post in the browser that followed it before', async () => {
    const { mum, other } = start({ invitations: 'once' })
    await mum.go(LINK, ACCEPT)
    for (const init of [{}, ACCEPT]) {
      const again = await mum.ask(LINK, init)
      assert.deepEqual([again.status, again.headers.get('location')], [303, POST])
    }
    assert.equal((await other.ask(LINK)).status, 410)
  })

  it('runs out so many days after it was issued, and with it the session', async () => {
    const site = start({ invitations: 7 })
    await site.mum.go(LINK, ACCEPT)
    site.alice.wait(6.9)
    assert.equal((await site.mum.ask(POST)).status, 200)
    assert.equal((await site.other.ask(LINK)).status, 200)
    site.alice.wait(0.1)
    assert.equal((await site.mum.ask(POST)).status, 401)
    assert.deepEqual(await seen(await site.other.ask(LINK)), await gone(site))
    assert.deepEqual(await seen(await site.other.ask(LINK, ACCEPT)), await gone(site))
  })

  it('keeps the session of an invitation for once for its 30 days', async () => {
    const { mum, alice } = start({ invitations: 'once' })
    await mum.go(LINK, ACCEPT)
    alice.wait(29)
    assert.equal((await mum.ask(POST)).status, 200)
    alice.wait(2)
    assert.equal((await mum.ask(POST)).status, 401)
  })

  it('does not work for some days when nobody knows since when', async () => {
    const register = changed(({ posts }) => delete posts[DINNER]?.readers[1]?.invited)
    const site = start({ register })
    assert.deepEqual(await seen(await site.mum.ask(LINK)), await gone(site))
    assert.equal((await start({ register, invitations: 'once' }).mum.ask(LINK)).status, 200)
  })

  const revocations: Record<string, Parameters<typeof changed>[0]> = {
    'was revoked': ({ posts }) => delete posts[DINNER]?.readers[1]?.invitation,
    'was replaced by another': ({ posts }) =>
      Object.assign(posts[DINNER]?.readers[1] ?? {}, { invitation: hashOf('another') }),
    'is somebody else’s now': ({ posts }) =>
      Object.assign(posts[DINNER]?.readers[1] ?? {}, { id: 'mailto:eve@eve.example' }),
    'had its reader removed': ({ posts }) => posts[DINNER]?.readers.pop(),
    'had its post removed': ({ posts }) => delete posts[DINNER],
  }
  for (const [name, revoke] of Object.entries(revocations)) {
    it(`ends with its session at the next deploy when it ${name}`, async () => {
      const site = start()
      await site.mum.go(LINK, ACCEPT)
      const letter = POST.replace(DINNER, LETTER)
      assert.equal((await site.mum.ask(letter)).status, 200)
      site.alice.deploy(changed(revoke))
      assert.equal((await site.mum.ask(letter)).status, 401)
      assert.equal((await site.mum.ask(POST)).status, 401)
      if (name.startsWith('is somebody')) return
      assert.deepEqual(await seen(await site.other.ask(LINK)), await gone(site))
      assert.deepEqual(await seen(await site.other.ask(LINK, ACCEPT)), await gone(site))
    })
  }

  it('opens no post that has expired', async () => {
    const expires = START.toISOString()
    const register = changed(({ posts }) => Object.assign(posts[DINNER] ?? {}, { expires }))
    const site = start({ register })
    assert.deepEqual(await seen(await site.mum.ask(LINK)), await gone(site))
  })

  it('looks the same whatever is behind the address', async () => {
    const site = start()
    const expected = await gone(site)
    for (const path of [
      '',
      'x',
      `${INVITATION}/x`,
      `${hashOf(INVITATION)}`,
      '%ff',
      `${INVITATION}0`,
    ]) {
      assert.deepEqual(
        await seen(await site.other.ask(`https://alice.example/invitation/${path}`)),
        expected,
      )
    }
  })

  it('forgives what a telephone or a pen does to letters', async () => {
    const { mum } = start()
    const read = INVITATION.toUpperCase().replace('0', 'O').replace('1', 'l')
    assert.equal((await mum.ask(`https://alice.example/invitation/${read}/`)).status, 200)
  })

  it('starts no session because another website says so, but shows the button', async () => {
    const { mum } = start({ invitations: 'once' })
    const response = await mum.ask(LINK, form({}, { 'sec-fetch-site': 'cross-site' }))
    assert.equal(response.status, 200)
    assert.match(await response.text(), /<button>/)
    assert.deepEqual(mum.cookies('https://alice.example'), [])
    assert.equal((await mum.ask(LINK, ACCEPT)).status, 303)
  })

  it('leads somebody who signed in as this reader straight to the post', async () => {
    const register = changed(({ posts }) =>
      Object.assign(posts[DINNER]?.readers[0] ?? {}, {
        invitation: hashOf('1123456789abcdefghjkmnpqrs'),
        invited: START.toISOString(),
      }),
    )
    const { alice } = start({ register })
    const path = '/invitation/1123456789abcdefghjkmnpqrs'
    assert.equal((await alice.ask(path, await alice.session(BOB))).status, 303)
    assert.equal((await alice.ask(path, await alice.session(MUM))).status, 200)
  })

  it('shows the button to a reader whose session rests on an older invitation', async () => {
    const { alice } = start()
    const session = await alice.session(MUM, { by: 'invitation', invitation: hashOf('older') })
    assert.equal((await alice.ask(LINK, session)).status, 200)
  })

  it('accepts no session that claims an invitation without naming it', async () => {
    const { alice } = start()
    const session = await alice.session(MUM, { by: 'invitation' })
    assert.equal((await alice.ask(POST, session)).status, 401)
  })
})
