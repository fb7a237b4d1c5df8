import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createPmQueue } from '../../lib/rel-pm/pm-queue.ts'
import { recoverPm } from '../../lib/rel-pm/process.ts'
import {
  ALICE,
  BOB,
  createNeighbours,
  createResident,
  fieldsOf,
  formOf,
  PM_ALICE,
  PM_BOB,
  SIX_STEPS,
  SOURCE,
  type Town,
} from './lab.ts'

const people = { from: ALICE.href, to: BOB.href }

/** A host that answers otherwise for a while. `only`: to what is asked with such a body. */
function disturb(town: Town, url: URL, answer: () => Response | Promise<Response>, only = '') {
  const { [url.origin]: usual } = town.sites
  town.sites[url.origin] = async (request, context) => {
    const body = await request.clone().text()
    if (body.includes(only)) return answer()
    return usual?.(request, context) ?? new Response(null, { status: 404 })
  }
  return () => void (usual && (town.sites[url.origin] = usual))
}

/** As if the process died with the answer: nothing of what it should do afterwards is done. */
function dieAfterAnswers(town: Town, url: URL) {
  const { [url.origin]: usual } = town.sites
  town.sites[url.origin] = async (request) =>
    usual?.(request) ?? new Response(null, { status: 404 })
  return () => void (usual && (town.sites[url.origin] = usual))
}

const unavailable = () => new Response(null, { status: 503 })

async function progressOf({
  town,
  alice,
}: Pick<ReturnType<typeof createNeighbours>, 'town' | 'alice'>) {
  const parcel = alice.parcel(SOURCE, BOB)
  const letter = await parcel.letter()
  const message = alice.write(SOURCE, BOB, letter)
  const url = new URL(`/pm/${message}?version=${letter?.version}`, PM_ALICE)
  return alice.delivery.follow?.(url, town)
}

describe('what was accepted is not lost', () => {
  it('when the recipient dies after step 2', async () => {
    const { town, alice, bob } = createNeighbours()
    const revive = dieAfterAnswers(town, PM_BOB)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS.slice(0, 2))
    revive()
    assert.equal(await bob.sweep(), 1)
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS)
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
    assert.equal(await bob.sweep(), 0)
  })

  it('when the sender dies after step 4', async () => {
    const { town, alice, bob } = createNeighbours()
    dieAfterAnswers(town, PM_ALICE)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS.slice(0, 5))
    assert.equal(await alice.sweep(), 1)
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
    assert.equal(await progressOf({ town, alice }), 'accepted')
  })

  it('when a process dies at work: another takes it over once its lease is over, or it comes back', async () => {
    for (const comeBack of [false, true]) {
      const { town, bob } = createNeighbours()
      dieAfterAnswers(town, PM_BOB)
      await town.fetch(PM_BOB, formOf({ message: 'm', ...people }))
      const queue = createPmQueue(bob.options)
      const [piece] = await queue.due()
      assert.ok(await queue.claim(piece?.id ?? ''), 'somebody is at it, and dies')
      assert.equal(await bob.sweep(), 0)
      if (comeBack) await recoverPm(bob.options)
      else town.pass(90)
      assert.equal(await bob.sweep(), 1)
      assert.equal(town.sentTo(PM_ALICE).length, 1)
      assert.deepEqual(await bob.store.list('pm-queue/'), [])
    }
  })

  it('when the process dies between the token and the inbox', async () => {
    let isBroken = true
    const { town, alice, bob } = createNeighbours({
      bob: {
        sink: (sink) => ({
          ...sink,
          accept: async (key, message) => {
            if (isBroken) throw new Error('the disk is full')
            await sink.accept(key, message)
          },
        }),
      },
    })
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.match(String(town.troubles), /the disk is full/)
    assert.deepEqual(bob.received(), [])
    isBroken = false
    assert.equal(await bob.sweep(), 1)
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
    assert.equal(await bob.sweep(), 0, 'once')
  })
})

describe('a home page that cannot be reached', () => {
  it('of the sender is tried again, less and less often', async () => {
    const { town, alice, bob } = createNeighbours()
    const heal = disturb(town, ALICE, unavailable)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.equal(await bob.sweep(), 0, 'not at once')
    town.pass(30)
    assert.equal(await bob.sweep(), 1)
    town.pass(119)
    assert.equal(await bob.sweep(), 0)
    heal()
    town.pass(1)
    assert.equal(await bob.sweep(), 1)
    await town.settle()
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
  })

  it('of the sender is given up in the end', async () => {
    const { town, alice, bob } = createNeighbours()
    delete town.sites[ALICE.origin]
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    for (let attempt = 0; attempt < 10; attempt++) {
      town.pass(24 * 60 * 60)
      await bob.sweep()
    }
    assert.equal(town.log.filter((line) => line === `GET ${ALICE}`).length, 7)
    assert.deepEqual(await bob.store.list('pm-queue/'), [])
  })

  it('of the sender is heard when it says when to come back', async () => {
    const { town, alice, bob } = createNeighbours()
    const headers = { 'retry-after': '600' }
    disturb(town, ALICE, () => new Response(null, { status: 503, headers }))
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    town.pass(599)
    assert.equal(await bob.sweep(), 0)
    town.pass(1)
    assert.equal(await bob.sweep(), 1)
  })

  it('of the recipient is tried again by the deploy', async () => {
    const { town, alice } = createNeighbours()
    const heal = disturb(town, BOB, unavailable)
    await assert.rejects(alice.deliver(SOURCE, BOB), { name: 'FetchError', kind: 'failed' })
    heal()
    assert.equal((await alice.deliver(SOURCE, BOB))?.outcome, 'delivered')
  })

  it('without a rel at the sender, or with a 404 at step 3, is no reason to try again', async () => {
    const { town, bob } = createNeighbours()
    town.sites[ALICE.origin] = async () => new Response('home')
    await town.fetch(PM_BOB, formOf({ message: 'm', ...people }))
    await town.settle()
    assert.deepEqual(await bob.store.list('pm-queue/'), [])
    town.home(ALICE, PM_ALICE)
    await town.fetch(PM_BOB, formOf({ message: 'm', ...people }))
    await town.settle()
    assert.deepEqual(await bob.store.list('pm-queue/'), [])
    assert.equal(town.sentTo(PM_ALICE).length, 1)
  })
})

describe('an endpoint that does not answer', () => {
  it('is tried again at steps 3 and 4', async () => {
    for (const step of ['check=', 'deliver_to=']) {
      const { town, alice, bob } = createNeighbours()
      const heal = disturb(town, PM_ALICE, unavailable, step)
      await alice.deliver(SOURCE, BOB)
      await town.settle()
      assert.deepEqual(bob.received(), [])
      heal()
      town.pass(30)
      await bob.sweep()
      await town.settle()
      assert.deepEqual(bob.received(), ['Dinner at eight?'], step)
    }
  })

  it('is tried again at step 6, while the token lives', async () => {
    const { town, alice, bob } = createNeighbours()
    const heal = disturb(town, PM_BOB, unavailable, 'Dinner')
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.equal(await progressOf({ town, alice }), 'processing')
    heal()
    town.pass(5)
    assert.equal(await alice.sweep(), 1)
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
    assert.equal(await progressOf({ town, alice }), 'accepted')
  })

  it('hears of the message anew when the token is dead', async () => {
    const { town, alice, bob } = createNeighbours()
    const heal = disturb(town, PM_BOB, unavailable, 'Dinner')
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    heal()
    town.pass(11 * 60)
    await alice.sweep()
    await town.settle()
    await alice.sweep()
    await town.settle()
    assert.deepEqual(bob.received(), ['Dinner at eight?'])
    assert.equal(await progressOf({ town, alice }), 'accepted')
    const pushes = town.sentTo(PM_BOB).filter((body) => body.includes('Dinner'))
    assert.equal(pushes.length, 2, 'and the dead token is not tried')
  })

  it('hears no more of a message that was taken back meanwhile', async () => {
    const { town, alice } = createNeighbours()
    disturb(town, PM_BOB, unavailable, 'Dinner')
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    town.pass(11 * 60)
    await alice.sweep()
    alice.forget(SOURCE)
    town.log.length = 0
    assert.equal(await alice.sweep(), 1)
    assert.deepEqual(town.log, [])
  })

  it('hears of it a few times, and then its author is told', async () => {
    const { town, alice } = createNeighbours()
    const headers = { 'www-authenticate': 'Bearer' }
    const unknown = () => new Response(null, { status: 401, headers })
    disturb(town, PM_BOB, unknown, '"type":"entry"')
    await alice.deliver(SOURCE, BOB)
    for (let round = 0; round < 12; round++) {
      await town.settle()
      town.pass(60)
      await alice.sweep()
    }
    const announced = town
      .sentTo(PM_BOB)
      .map(fieldsOf)
      .filter(({ from }) => from !== undefined)
    assert.equal(announced.length, 1 + 3)
    assert.match(JSON.stringify(await progressOf({ town, alice })), /could not take it/)
  })

  it('may redirect nobody: what was sent for it is not sent to another', async () => {
    const { town, alice, bob } = createNeighbours()
    const elsewhere = 'https://pm.bob.example.net/moved'
    disturb(town, PM_BOB, () => Response.redirect(elsewhere, 307), 'Dinner')
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual(town.log, SIX_STEPS)
    assert.deepEqual(bob.received(), [])
    assert.match(JSON.stringify(await progressOf({ town, alice })), /answered 307/)
  })
})

describe('a letter', () => {
  it('that was taken back before it was brought is not brought', async () => {
    const { town, alice, bob } = createNeighbours()
    dieAfterAnswers(town, PM_ALICE)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    alice.forget(SOURCE)
    await alice.sweep()
    assert.deepEqual(bob.received(), [])
    assert.deepEqual(town.log, SIX_STEPS.slice(0, 5))
  })

  it('that was rewritten meanwhile is brought as it is now', async () => {
    const { town, alice, bob } = createNeighbours()
    dieAfterAnswers(town, PM_ALICE)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    alice.write(SOURCE, BOB, { text: 'Dinner at nine?' })
    await alice.sweep()
    assert.deepEqual(bob.received(), ['Dinner at nine?'])
  })

  it('that was announced again while Bob was at it is asked for again', async () => {
    const { town, alice, bob, message } = createNeighbours()
    let isFirst = true
    disturb(
      town,
      PM_ALICE,
      async () => {
        if (isFirst) await town.fetch(PM_BOB, formOf({ message, ...people }))
        isFirst = false
        return new Response(null, { status: 202 })
      },
      'deliver_to',
    )
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    const asked = town.sentTo(PM_ALICE).filter((body) => body.includes('deliver_to'))
    assert.equal(asked.length, 2)
    assert.deepEqual(await bob.store.list('pm-queue/'), [])
  })

  it('to several people goes to each by a name of its own', async () => {
    const { town, alice, bob, message } = createNeighbours()
    const carol = new URL('https://carol.example/')
    const other = createResident(town, carol, new URL('https://pm.carol.example/pm'))
    const name = alice.write(SOURCE, carol, { text: 'For Carol.' })
    assert.equal(name.slice(0, 33), message.slice(0, 33))
    assert.notEqual(name, message)
    await alice.deliver(SOURCE, carol)
    await alice.deliver(SOURCE, BOB)
    await town.settle()
    assert.deepEqual([bob.received(), other.received()], [['Dinner at eight?'], ['For Carol.']])
  })
})
