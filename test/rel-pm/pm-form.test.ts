import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ALICE, BOB, createNeighbours, EVE, formOf, jsonOf, PM_ALICE, PM_BOB } from './lab.ts'

type Fields = Readonly<Record<string, string>>
type Neighbours = ReturnType<typeof createNeighbours>

async function post({ town }: Neighbours, url: URL, init: RequestInit) {
  const response = await town.fetch(url, init)
  const text = await response.text()
  await town.settle()
  return { status: response.status, text }
}

const asMultipart = (fields: Fields): RequestInit => {
  const body = new FormData()
  for (const [name, value] of Object.entries(fields)) body.append(name, value)
  return { method: 'POST', body }
}
const FORMATS = { form: formOf, JSON: jsonOf, 'multipart form': asMultipart }
const asQuery = (url: URL, fields: Fields) => new URL(`?${new URLSearchParams(fields)}`, url)

/** What an announcement and a request may look like that have the names of the document's own words. */
const announcements: readonly ((message: string) => Fields)[] = [
  (message) => ({ message_id: message, sender: 'alice.example.org' }),
  (message) => ({ id: message, source: ALICE.href }),
  (message) => ({ message, from: ALICE.href }),
  (message) => ({ messageId: message, Sender: 'alice.example.org/' }),
  (message) => ({ message_id: message, sender: ALICE.href, recipient: 'bob.example.com' }),
  (message) => ({ message_id: message, sender: ALICE.href, destination: PM_BOB.href }),
  (message) => ({ message_id: message, sender: ALICE.href, destination: 'pm.bob.example.net' }),
  (message) => ({ message, id: message, from: ALICE.href, sender: 'alice.example.org' }),
  (message) => ({ code: message, sender: 'alice.example.org' }),
  (message) => ({ message_id: ` ${message}\n`, sender: ' alice.example.org ' }),
]
const requests: readonly ((message: string) => Fields)[] = [
  (message) => ({ message_id: message, destination: PM_BOB.href, token: 'xxxxxxx' }),
  (message) => ({ message_id: message, destination: 'pm.bob.example.net', token: 'xxxxxxx' }),
  (message) => ({ id: message, destination: 'pm.bob.example.net/pm', secret: 'xxxxxxx' }),
  (message) => ({ message, deliver_to: 'bob.example.com', token: 'xxxxxxx' }),
  (message) => ({ message, delivery_destination: PM_BOB.origin, access_token: 'xxxxxxx' }),
  (message) => ({ code: message, destination: BOB.href, token: 'xxxxxxx' }),
  (message) => ({ message, to: 'bob.example.com', deliver_to: PM_BOB.href, token: 'xxxxxxx' }),
  (message) => ({
    ...{ message_id: message, destination: 'pm.bob.example.net', token: 'xxxxxxx' },
    deliver_to: PM_BOB.href,
  }),
]

describe('parsePmForm()', () => {
  for (const [format, write] of Object.entries(FORMATS)) {
    for (const fields of announcements) {
      it(`takes ${JSON.stringify(fields('m'))} for an announcement (${format})`, async () => {
        const neighbours = createNeighbours()
        const { status } = await post(neighbours, PM_BOB, write(fields(neighbours.message)))
        assert.equal(status, 202)
        assert.deepEqual(neighbours.bob.received(), ['Dinner at eight?'])
      })
    }

    for (const fields of requests) {
      it(`takes ${JSON.stringify(fields('m'))} for a request (${format})`, async () => {
        const neighbours = createNeighbours()
        const { status } = await post(neighbours, PM_ALICE, write(fields(neighbours.message)))
        assert.equal(status, 202)
        const pushes = neighbours.town.sentTo(PM_BOB)
        assert.match(pushes[0] ?? '', /Dinner/)
      })
    }
  }

  it('takes both with all fields in the address, and nothing in the body', async () => {
    for (const fields of announcements) {
      const neighbours = createNeighbours()
      const url = asQuery(PM_BOB, fields(neighbours.message))
      assert.equal((await post(neighbours, url, { method: 'POST' })).status, 202)
      assert.deepEqual(neighbours.bob.received(), ['Dinner at eight?'])
    }
    for (const fields of requests) {
      const neighbours = createNeighbours()
      const url = asQuery(PM_ALICE, fields(neighbours.message))
      assert.equal((await post(neighbours, url, { method: 'POST' })).status, 202)
      assert.match(neighbours.town.sentTo(PM_BOB)[0] ?? '', /Dinner/)
    }
    const neighbours = createNeighbours()
    assert.equal((await post(neighbours, PM_BOB, { method: 'POST' })).status, 400)
  })

  it('takes the token of a request from its header as well, and from one place alone', async () => {
    const neighbours = createNeighbours()
    const fields = { message_id: neighbours.message, destination: PM_BOB.href }
    const headers = { authorization: 'Bearer xxxxxxx' }
    const two = formOf({ ...fields, token: 'yyyyyyy' })
    assert.equal((await post(neighbours, PM_ALICE, { ...two, headers })).status, 400)
    assert.deepEqual(neighbours.town.sentTo(PM_BOB), [])
    assert.equal((await post(neighbours, PM_ALICE, { ...formOf(fields), headers })).status, 202)
    assert.match(neighbours.town.sentTo(PM_BOB)[0] ?? '', /Dinner/)
  })

  it('brings nothing where a host alone is asked for, and is not the one that the home page names', async () => {
    for (const destination of ['pm.eve.example', 'pm.bob.example.net']) {
      const neighbours = createNeighbours()
      const fields = { message_id: neighbours.message, destination, token: 'xxxxxxx' }
      assert.equal((await post(neighbours, PM_ALICE, formOf(fields))).status, 202)
      assert.equal(neighbours.town.sentTo(PM_BOB).length, destination.includes('bob') ? 1 : 0)
    }
  })

  it('finds the recipient of a message in their profile, where their name is none', async () => {
    for (const profiles of [{ Bob: { profile: BOB.href } }, undefined]) {
      const neighbours = createNeighbours({ alice: { ...(profiles && { profiles }) } })
      const source = new URL('https://pm.alice.example.uk/p/yyyyyyyyyyyyyyyyyyyyyyyyyy/')
      const message = neighbours.alice.write(source, BOB, {}, 'Bob')
      const fields = { message_id: message, destination: PM_BOB.href, token: 'xxxxxxx' }
      assert.equal((await post(neighbours, PM_ALICE, formOf(fields))).status, 202)
      assert.equal(neighbours.town.sentTo(PM_BOB).length, profiles ? 1 : 0)
    }
  })
})

describe('step 3, of a stranger', () => {
  it('is answered where it comes as a query, or as a form from the owner', async () => {
    const neighbours = createNeighbours()
    const { message, town } = neighbours
    const asked = (id: string) => [
      town.fetch(new URL(`?message_id=${id}`, PM_ALICE)),
      town.fetch(new URL(`?id=${id}&sender=alice.example.org`, PM_ALICE)),
      town.fetch(PM_ALICE, formOf({ message_id: id, sender: 'alice.example.org' })),
      town.fetch(PM_ALICE, formOf({ id, from: ALICE.href, to: 'bob.example.com' })),
      town.fetch(PM_ALICE, formOf({ check: id })),
    ]
    const alone = [{ message_id: message }, { id: message, destination: PM_BOB.href }]
    for (const fields of alone) {
      const response = await town.fetch(PM_ALICE, formOf(fields))
      assert.deepEqual([response.status, await response.text()], [200, 'yes\n'])
    }
    for (const [id, status] of [
      [message, 200],
      ['made-up', 404],
    ] as const) {
      for (const response of await Promise.all(asked(id))) assert.equal(response.status, status)
    }
    const other = new URL(`?message_id=${message}&sender=${EVE}`, PM_ALICE)
    assert.equal((await town.fetch(other)).status, 404)
  })
})

describe('a form that says two things', () => {
  const good = { message: 'm1', from: ALICE.href, to: BOB.href }
  const request = { message: 'm1', deliver_to: PM_BOB.href, token: 'xxxxxxx' }
  const conflicts: readonly (readonly [base: Fields, more: Fields])[] = [
    [good, { message_id: 'm2' }],
    [good, { id: 'M1' }],
    [good, { sender: 'eve.example' }],
    [good, { source: `${ALICE}about` }],
    [good, { recipient: EVE.href }],
    [request, { destination: 'https://pm.eve.example/pm' }],
    [request, { destination: 'pm.eve.example' }],
    [request, { destination: `${PM_BOB}/` }],
    [request, { secret: 'yyyyyyy' }],
  ]
  for (const [base, more] of conflicts) {
    it(`is refused: ${JSON.stringify({ ...base, ...more })}`, async () => {
      const neighbours = createNeighbours()
      assert.equal((await post(neighbours, PM_BOB, formOf(base))).status, 202)
      const { status, text } = await post(neighbours, PM_BOB, formOf({ ...base, ...more }))
      assert.equal(status, 400)
      assert.match(text, /are names of one field, and have different values/)
    })
  }

  it('is refused where a field is there twice, in JSON as well', async () => {
    const neighbours = createNeighbours()
    const twice = { ...good, from: [ALICE.href, EVE.href] }
    assert.equal((await post(neighbours, PM_BOB, jsonOf(twice))).status, 400)
    const once = { ...good, from: [ALICE.href] }
    assert.equal((await post(neighbours, PM_BOB, jsonOf(once))).status, 202)
  })
})

describe('a form that cannot be understood', () => {
  const incomplete: readonly (readonly [fields: Fields, missing: RegExp])[] = [
    [{}, /\\"message\\" \(or \\"message_id\\", \\"id\\", .*\) is missing/],
    [{ note: 'm1', author_name: 'Alice' }, /\\"message\\" .* is missing/],
    [{ sender: ALICE.href }, /\\"message\\" .* is missing/],
    [{ message_id: 'm1' }, /\\"from\\" \(or \\"sender\\", \\"source\\"\) is missing/],
    [{ message_id: 'm1', destination: PM_BOB.href }, /\\"token\\" .* is missing/],
    [{ message_id: 'm1', token: 'xxxxxxx' }, /\\"deliver_to\\" .* is missing; or \\"content\\"/],
    [{ destination: PM_BOB.href, token: 'xxxxxxx' }, /\\"message\\" .* is missing/],
    [{ msg: 'm1', dest: PM_BOB.href, token: 'xxxxxxx' }, /\\"message\\" .* is missing/],
    [{ message_id: 'm1', sender: 'Alice' }, /https URL of the public web, or its host/],
    [{ message_id: 'a message', sender: ALICE.href }, /1 to 512 letters/],
  ]
  for (const [fields, words] of incomplete) {
    it(`is answered with what is missing: ${JSON.stringify(fields)}`, async () => {
      const neighbours = createNeighbours()
      for (const write of [formOf, jsonOf]) {
        const { status, text } = await post(neighbours, PM_BOB, write(fields))
        assert.equal(status, 400)
        assert.match(text, words)
      }
    })
  }

  it('is refused with more fields than any has, with files, and where it is none', async () => {
    const neighbours = createNeighbours()
    const many = (length: number) =>
      Object.fromEntries(Array.from({ length }, (_, at) => [`x${at}`, 'x']))
    const good = { message_id: 'm1', sender: ALICE.href }
    for (const write of [formOf, jsonOf]) {
      assert.equal((await post(neighbours, PM_BOB, write({ ...good, ...many(90) }))).status, 202)
      assert.equal((await post(neighbours, PM_BOB, write({ ...good, ...many(110) }))).status, 400)
    }
    const file = new FormData()
    file.append('message_id', new Blob(['m1']), 'm1.txt')
    assert.equal((await post(neighbours, PM_BOB, { method: 'POST', body: file })).status, 400)
    const headers = { 'content-type': 'multipart/form-data; boundary=x' }
    const none = { method: 'POST', headers, body: 'no parts' }
    assert.equal((await post(neighbours, PM_BOB, none)).status, 400)
  })
})

describe('a revocation', () => {
  async function withToken() {
    const neighbours = createNeighbours()
    const claims = { from: ALICE.href, to: BOB.href, family: 'f' }
    const token = await neighbours.bob.secrets.issue('pm-standing-token', claims)
    const isGood = async () => (await neighbours.bob.secrets.open('pm-standing-token', token)).valid
    return { neighbours, token, isGood }
  }

  for (const more of [{}, { token_type_hint: 'access_token' }, { action: 'revoke' }]) {
    it(`is a token with nothing beside it that RFC 7009 does not have: ${JSON.stringify(more)}`, async () => {
      const { neighbours, token, isGood } = await withToken()
      assert.equal((await post(neighbours, PM_BOB, formOf({ token, ...more }))).status, 200)
      assert.equal(await isGood(), false)
    })
  }

  const others: readonly Fields[] = [
    { message: 'm1' },
    { message_id: 'm1' },
    { id: 'm1', destination: 'pm.bob.example.net' },
    { message_id: 'm1', action: 'revoke' },
    { msg: 'm1' },
    { destination: 'pm.bob.example.net' },
    { action: 'delete' },
  ]
  it('is no JSON that has something beside the token which cannot be read', async () => {
    const { neighbours, token, isGood } = await withToken()
    const odd = { toString: 1, message: { message: {} } }
    for (const message of [odd, [], [{}, {}], null, [[{}]], { id: odd }]) {
      const fields = { token, message, id: odd }
      assert.equal((await post(neighbours, PM_BOB, jsonOf(fields))).status, 400)
      assert.equal(await isGood(), true)
    }
    assert.equal((await post(neighbours, PM_BOB, jsonOf({ token }))).status, 200)
    assert.equal(await isGood(), false)
  })

  for (const more of others) {
    it(`is no form with ${JSON.stringify(more)}`, async () => {
      const { neighbours, token, isGood } = await withToken()
      const { status } = await post(neighbours, PM_BOB, formOf({ token, ...more }))
      assert.notEqual(status, 200)
      assert.equal(await isGood(), true)
    })
  }
})
