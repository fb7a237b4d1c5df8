import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  ALICE,
  BOB,
  createNeighbours,
  createResident,
  EVE,
  fieldsOf,
  formOf,
  PM_ALICE,
  PM_BOB,
  PM_EVE,
  pushOf,
  SIX_STEPS,
  SOURCE,
  type Resident,
  type Town,
} from './lab.ts'

const people = { from: ALICE.href, to: BOB.href }
const entry = (uid: string, more = {}) => ({
  type: 'entry',
  uid,
  author: ALICE.href,
  content: { text: 'From Eve.' },
  ...more,
})

/** A link to nowhere good, with the way for a test to see who asked there. */
function listen(town: Town, url: URL, status = 200): string[] {
  const bodies: string[] = []
  town.sites[url.origin] = async (request) => {
    bodies.push(await request.text())
    return new Response(null, { status })
  }
  return bodies
}

/** The tokens that Bob makes on the way; nobody else could have them. */
function tokensOf(town: Town) {
  const request = town
    .sentTo(PM_ALICE)
    .map(fieldsOf)
    .find(({ token }) => token !== undefined)
  const { token = '', standing_token = '' } = request ?? {}
  return { token, standing: standing_token }
}

const push = (town: Town, body: unknown, token?: string) => town.fetch(PM_BOB, pushOf(body, token))
const post = async (town: Town, url: URL, fields: Record<string, string>) => {
  const response = await town.fetch(url, formOf(fields))
  await town.settle()
  return response
}

/** Stops the flow before step 6, so that its token is still good. */
async function announceOnly(town: Town, alice: Resident): Promise<void> {
  const { [PM_ALICE.origin]: endpoint } = town.sites
  town.sites[PM_ALICE.origin] = async (request, context) => {
    const { deliver_to } = fieldsOf(await request.clone().text())
    if (deliver_to !== undefined) return new Response(null, { status: 202 })
    return endpoint?.(request, context) ?? new Response(null, { status: 404 })
  }
  await alice.deliver(SOURCE, BOB)
  await town.settle()
}

describe('a forged sender', () => {
  it('announces nothing that the sender it names has not written', async () => {
    const { town, bob } = createNeighbours()
    const answer = await post(town, PM_BOB, { message: 'made-up', ...people })
    assert.equal(answer.status, 202)
    assert.deepEqual(town.log, SIX_STEPS.slice(1, 4), 'asked at step 3, and no further')
    assert.equal(bob.messages.size, 0)
  })

  it('announces what the sender has written: then it is the sender who brings it', async () => {
    const { town, bob, message } = createNeighbours()
    await post(town, PM_BOB, { message, ...people })
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
  })

  it('is not looked into where it is for somebody else, or from the owner', async () => {
    const { town, message } = createNeighbours()
    await post(town, PM_BOB, { message, ...people, to: EVE.href })
    await post(town, PM_BOB, { message, ...people, from: BOB.href })
    assert.deepEqual(town.log, [`POST ${PM_BOB}`, `POST ${PM_BOB}`])
    await post(town, PM_BOB, { message, ...people })
    assert.deepEqual(town.log.slice(2), SIX_STEPS.slice(1))
  })

  it('is one person, with whatever fragment their URL comes', async () => {
    const { town, bob, message } = createNeighbours()
    await post(town, PM_BOB, { message, ...people, from: `${ALICE}#me` })
    const [received] = bob.messages.values()
    assert.equal(received?.sender, ALICE.href)
  })

  it('cannot have it asked for at an endpoint of its own', async () => {
    const { town, bob, message } = createNeighbours()
    const asked = listen(town, PM_EVE)
    await post(town, PM_BOB, { message, ...people, endpoint: PM_EVE.href })
    assert.deepEqual(asked, [])
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
  })

  it('cannot speak through an open redirect of the sender', async () => {
    const { town, bob } = createNeighbours()
    const asked = listen(town, PM_EVE)
    town.home(EVE, PM_EVE)
    town.sites[ALICE.origin] = async (request) =>
      Response.redirect(new URL(request.url).searchParams.get('to') ?? ALICE, 302)
    const from = `${ALICE}out?to=${encodeURIComponent(EVE.href)}`
    await post(town, PM_BOB, { message: 'made-up', from, to: BOB.href })
    assert.deepEqual(asked, [])
    assert.ok(!town.log.includes(`GET ${EVE}`))
    assert.equal(bob.messages.size, 0)
  })

  it('cannot name its own endpoint for somebody else by a token of its own', async () => {
    const { town, bob } = createNeighbours()
    const eve = createResident(town, EVE, PM_EVE)
    eve.write(SOURCE, BOB, { text: 'From Eve.' })
    await eve.deliver(SOURCE, BOB)
    await town.settle()
    const [received] = bob.messages.values()
    assert.equal(received?.sender, EVE.href, 'who writes as herself is heard as herself')
    const standing = fieldsOf(town.sentTo(PM_EVE).at(-1) ?? '')['standing_token']
    const forged = await push(town, entry('x', { author: ALICE.href }), standing)
    assert.equal(forged.status, 403)
    const own = await push(town, entry('x', { author: EVE.href }), standing)
    assert.equal(own.status, 201)
    assert.ok([...bob.messages.values()].every(({ sender }) => sender === EVE.href))
  })
})

describe('a forged destination', () => {
  it('is asked of the recipient, and gets nothing', async () => {
    const { town, alice, message } = createNeighbours()
    const pushed = listen(town, PM_EVE)
    const fields = { message, to: BOB.href, deliver_to: PM_EVE.href, token: 'xxxxxxx' }
    assert.equal((await post(town, PM_ALICE, fields)).status, 202)
    assert.deepEqual(town.log, [`POST ${PM_ALICE}`, `GET ${BOB}`])
    assert.deepEqual(pushed, [])
    assert.equal(alice.messages.size, 0)
  })

  it('is served where the home page of the recipient names it', async () => {
    const { town, message } = createNeighbours()
    const pushed = listen(town, PM_EVE)
    town.home(BOB, PM_EVE)
    const fields = { message, to: BOB.href, deliver_to: PM_EVE.href, token: 'xxxxxxx' }
    await post(town, PM_ALICE, fields)
    assert.match(pushed.join(), /Dinner at eight/)
  })

  for (const other of [`${PM_BOB}/`, `${PM_BOB}?x`, 'https://pm.bob.example.net/PM']) {
    it(`is refused where it is almost the endpoint: ${other}`, async () => {
      const { town, bob, message } = createNeighbours()
      const fields = { message, to: BOB.href, deliver_to: other, token: 'xxxxxxx' }
      await post(town, PM_ALICE, fields)
      assert.ok(town.log.every((line) => !line.startsWith(`POST ${PM_BOB}`)))
      assert.equal(bob.messages.size, 0)
    })
  }

  it('is not even looked at for a message to somebody else', async () => {
    const { town, message } = createNeighbours()
    town.home(EVE, PM_EVE)
    const pushed = listen(town, PM_EVE)
    const fields = { message, to: EVE.href, deliver_to: PM_EVE.href, token: 'xxxxxxx' }
    assert.equal((await post(town, PM_ALICE, fields)).status, 202)
    assert.deepEqual(town.log, [`POST ${PM_ALICE}`])
    assert.deepEqual(pushed, [])
  })
})

describe('a replay', () => {
  it('of an announcement brings the same message again, and nothing new', async () => {
    const { town, alice, bob, message } = createNeighbours()
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    await post(town, PM_BOB, { message, ...people })
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
    alice.forget(SOURCE)
    town.log.length = 0
    await post(town, PM_BOB, { message, ...people })
    assert.deepEqual(town.log, SIX_STEPS.slice(1, 4), 'what was taken back is not asked for')
  })

  it('of an announcement that waits is one with it', async () => {
    const { town, message } = createNeighbours()
    const both = [1, 2].map(() => town.fetch(PM_BOB, formOf({ message, ...people })))
    const answers = await Promise.all(both)
    assert.deepEqual(
      answers.map(({ status }) => status),
      [202, 202],
    )
    await town.settle()
    const requests = town.sentTo(PM_ALICE).filter((body) => body.includes('deliver_to'))
    assert.equal(requests.length, 1)
  })

  it('of a request brings nothing again, as long as its token may live', async () => {
    const { town, message } = createNeighbours()
    const fields = { message, to: BOB.href, deliver_to: PM_BOB.href, token: 'xxxxxxx' }
    await post(town, PM_ALICE, fields)
    await post(town, PM_ALICE, fields)
    await post(town, PM_ALICE, fields)
    assert.equal(town.sentTo(PM_BOB).filter((body) => body.includes('Dinner')).length, 1)
    await post(town, PM_ALICE, { ...fields, token: 'yyyyyyy' })
    assert.equal(town.sentTo(PM_BOB).filter((body) => body.includes('Dinner')).length, 2)
  })

  it('of a push is refused: its token is spent', async () => {
    const { town, alice, bob } = createNeighbours()
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    const { token } = tokensOf(town)
    const body = town.sentTo(PM_BOB).at(-1) ?? ''
    assert.equal((await push(town, body, token)).status, 401)
    assert.equal((await push(town, body.replace('eight', 'nine'), token)).status, 401)
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
  })

  it('of a push at the very same moment: one of many is taken', async () => {
    const { town, alice, bob, message } = createNeighbours()
    await announceOnly(town, alice)
    const { token } = tokensOf(town)
    const racing = Array.from({ length: 20 }, (_, at) =>
      push(town, entry(message, { content: `Number ${at}` }), token),
    )
    const statuses = (await Promise.all(racing)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 201).length, 1)
    assert.equal(statuses.filter((status) => status === 401).length, 19)
    assert.equal(bob.messages.size, 1)
  })
})

describe('a stolen token', () => {
  it('is good for its own message', async () => {
    const { town, alice, message } = createNeighbours()
    await announceOnly(town, alice)
    assert.equal((await push(town, entry(message), tokensOf(town).token)).status, 201)
  })

  it('is not good for another message, and is not spent by trying', async () => {
    const { town, alice, bob, message } = createNeighbours()
    await announceOnly(town, alice)
    const { token } = tokensOf(town)
    assert.equal((await push(town, entry('another'), token)).status, 403)
    assert.equal(bob.messages.size, 0)
    assert.equal((await push(town, entry(message), token)).status, 201)
  })

  it('is not good in the name of another author', async () => {
    const { town, alice, bob, message } = createNeighbours()
    await announceOnly(town, alice)
    const { token } = tokensOf(town)
    for (const author of [EVE.href, { type: 'card', url: EVE.href }, { uid: EVE.href }, 'Eve']) {
      assert.equal((await push(town, entry(message, { author }), token)).status, 403)
    }
    assert.equal(bob.messages.size, 0)
  })

  it('is not good at another server', async () => {
    const { town, alice, message } = createNeighbours()
    await announceOnly(town, alice)
    const eve = createResident(town, EVE, PM_EVE)
    const { token } = tokensOf(town)
    assert.equal((await town.fetch(PM_EVE, pushOf(entry(message), token))).status, 401)
    assert.equal(eve.messages.size, 0)
  })

  it('is not good after ten minutes', async () => {
    const { town, alice, message } = createNeighbours()
    await announceOnly(town, alice)
    town.pass(10 * 60 + 1)
    assert.equal((await push(town, entry(message), tokensOf(town).token)).status, 401)
  })

  it('of another kind is not good at all', async () => {
    const { town, alice, bob, message } = createNeighbours()
    await announceOnly(town, alice)
    const claims = { message, from: ALICE.href, to: BOB.href }
    const ours = await bob.secrets.issue('pm-token', claims)
    assert.equal((await push(town, entry(message), ours)).status, 201)
    const call = await bob.secrets.issue('call', { purpose: 'pm' })
    const user = await bob.secrets.issue('intertalk-token', { user: ALICE.href })
    for (const token of [call, user, 'xxxxxxx', `${ours}x`]) {
      assert.equal((await push(town, entry(message), token)).status, 401)
    }
  })

  it('for somebody who is not the owner any more is not good', async () => {
    const { town, bob, message } = createNeighbours()
    const claims = { message, from: ALICE.href }
    const token = await bob.secrets.issue('pm-token', { ...claims, to: EVE.href })
    const standing = { from: ALICE.href, to: EVE.href, family: 'f' }
    assert.equal((await push(town, entry(message), token)).status, 401)
    const other = await bob.secrets.issue('pm-standing-token', standing)
    assert.equal((await push(town, entry(message), other)).status, 401)
    const own = await bob.secrets.issue('pm-standing-token', { ...standing, to: BOB.href })
    assert.equal((await push(town, entry(message), own)).status, 201)
  })
})

describe('a home page that changes its rel', () => {
  it('of the sender, between 2 and 3: the new endpoint is asked, and knows of nothing', async () => {
    const { town, alice, bob } = createNeighbours()
    createResident(town, EVE, PM_EVE)
    await alice.deliver(SOURCE, BOB)
    town.home(ALICE, PM_EVE)
    await town.settle()
    assert.deepEqual(town.log.slice(2), [`GET ${ALICE}`, `POST ${PM_EVE}`])
    assert.equal(bob.messages.size, 0)
  })

  it('of the sender, between 3 and 4: what was checked is what is asked', async () => {
    const { town, alice, bob } = createNeighbours()
    const { [PM_ALICE.origin]: endpoint } = town.sites
    town.sites[PM_ALICE.origin] = async (request, context) => {
      town.home(ALICE, PM_EVE)
      return endpoint?.(request, context) ?? new Response(null, { status: 404 })
    }
    const asked = listen(town, PM_EVE)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(asked, [])
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
  })

  it('of the recipient, between 4 and 5: the endpoint that asked gets nothing', async () => {
    const { town, alice, bob } = createNeighbours()
    const pushed = listen(town, PM_EVE)
    const { [ALICE.origin]: home } = town.sites
    town.sites[ALICE.origin] = async (request) => {
      town.home(BOB, PM_EVE)
      return home?.(request) ?? new Response(null, { status: 404 })
    }
    const receipt = await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS.slice(0, -1))
    assert.equal(bob.messages.size, 0)
    assert.deepEqual(pushed, [])
    assert.ok(receipt?.outcome === 'delivered' && receipt.statusUrl)
    const progress = await alice.delivery.follow?.(receipt.statusUrl, town)
    assert.match(JSON.stringify(progress), /home page of bob\.example\.com does not name/)
  })

  it('of the recipient, after a standing token: it is not used, and the new endpoint hears of the message', async () => {
    const { town, alice } = createNeighbours()
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    const remembered = await alice.delivery.discover(BOB, town)
    const heard = listen(town, PM_EVE, 202)
    town.home(BOB, PM_EVE)
    town.log.length = 0
    const parcel = alice.parcel(SOURCE, BOB)
    const receipt = await alice.delivery.deliver(parcel, remembered ?? PM_BOB, town)
    assert.deepEqual(town.log, [`GET ${BOB}`, `POST ${PM_EVE}`])
    assert.doesNotMatch(heard.join(), /Dinner/, 'its name, and not what it says')
    assert.match(receipt.reason, /announced at pm\.eve/)
  })

  it('away between the two steps ends it as well', async () => {
    const { town, alice, bob } = createNeighbours()
    const { [ALICE.origin]: home } = town.sites
    town.sites[ALICE.origin] = async (request) => {
      town.sites[BOB.origin] = async () => new Response('home')
      return home?.(request) ?? new Response(null, { status: 404 })
    }
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.equal(bob.messages.size, 0)
  })
})

describe('what is not encrypted, or not public', () => {
  const links = {
    'over http': 'http://pm.bob.example.net/pm',
    'at a private address': 'https://10.0.0.1/pm',
    'on this machine': 'https://localhost/pm',
    'at a port of something else': 'https://pm.bob.example.net:25/pm',
    'with a password in it': 'https://a:b@pm.bob.example.net/pm',
  }
  for (const [what, link] of Object.entries(links)) {
    it(`is no endpoint: one ${what}`, async () => {
      const { town, alice } = createNeighbours()
      town.home(BOB, new URL(link))
      await assert.rejects(alice.deliver(SOURCE, BOB), { name: 'FetchError', kind: 'refused' })
      assert.deepEqual(town.log, [`GET ${BOB}`])
      town.home(BOB, PM_BOB)
      assert.equal((await alice.deliver(SOURCE, BOB))?.outcome, 'delivered')
    })

    it(`cannot be asked for: one ${what}`, async () => {
      const { town, message } = createNeighbours()
      const fields = { message, to: BOB.href, deliver_to: link, token: 'xxxxxxx' }
      assert.equal((await post(town, PM_ALICE, fields)).status, 400)
      assert.equal((await post(town, PM_ALICE, { ...fields, deliver_to: PM_BOB.href })).status, 202)
    })
  }

  it('cannot come in by a redirect to http', async () => {
    const { town, alice, bob } = createNeighbours()
    const { [ALICE.origin]: home } = town.sites
    town.sites['http://alice.example.org'] = home ?? (async () => new Response())
    town.sites[ALICE.origin] = async () => Response.redirect('http://alice.example.org/', 302)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS.slice(0, 3), 'http is not asked')
    assert.equal(bob.messages.size, 0)
  })

  it('may redirect over https on its own host', async () => {
    const { town, alice, bob } = createNeighbours()
    town.home(new URL('https://www.alice.example.org/'), PM_ALICE)
    town.sites[ALICE.origin] = async () => Response.redirect('https://www.alice.example.org/', 301)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
  })
})

describe('a denied sender', () => {
  it('is answered as anybody, leaves no trace, and is asked nothing', async () => {
    const welcome = createNeighbours()
    const denied = createNeighbours({ bob: { denied: [ALICE.href] } })
    const answers = []
    for (const { town, message } of [welcome, denied]) {
      const response = await post(town, PM_BOB, { message, ...people })
      answers.push([response.status, [...response.headers], await response.text()])
    }
    assert.deepEqual(answers[0], answers[1])
    assert.equal(welcome.bob.messages.size, 1)
    assert.equal(denied.bob.messages.size, 0)
    assert.deepEqual(denied.town.log, [`POST ${PM_BOB}`])
  })

  it('is asked nothing from the moment on when they are denied', async () => {
    for (const isDenied of [true, false]) {
      const { town, bob, message } = createNeighbours()
      await town.fetch(PM_BOB, formOf({ message, ...people }))
      if (isDenied) bob.denied.push(ALICE.href)
      await town.settle()
      assert.equal(town.sentTo(PM_ALICE).length, isDenied ? 0 : 2)
      assert.equal(bob.messages.size, isDenied ? 0 : 1)
    }
  })

  it('may bring what was asked for before, and it is forgotten', async () => {
    const { town, alice, bob, message } = createNeighbours()
    await announceOnly(town, alice)
    bob.denied.push(ALICE.href)
    const { token, standing } = tokensOf(town)
    assert.equal((await push(town, entry(message), token)).status, 201)
    assert.equal((await push(town, entry(message), token)).status, 401, 'spent as any other')
    assert.equal((await push(town, entry(message), standing)).status, 201)
    assert.equal(bob.messages.size, 0)
    assert.equal((await push(town, entry(message), standing)).status, 401, 'it has ended')
    bob.denied.pop()
    assert.equal((await push(town, entry(message), standing)).status, 401)
  })

  it('is not asked where their endpoint is what is denied', async () => {
    const { town, alice, bob } = createNeighbours({ bob: { denied: [PM_ALICE.href] } })
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS.slice(0, 3))
    assert.equal(bob.messages.size, 0)
  })
})
