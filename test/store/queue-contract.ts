import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Store } from '../../lib/store/store.ts'
import { sweepQueue } from '../../lib/store/sweep-queue.ts'
import { mortalStore } from '../support/mortal-store.ts'
import { callsOfQueue, openTestQueue, QUEUE_TIME, waitingEntries } from '../support/queue-calls.ts'

/** What a work queue does in every store. `open` makes an empty one. */
export function testQueue(name: string, open: (now: () => Date) => Store | Promise<Store>): void {
  describe(`${name}: a work queue takes the same number of store calls, however much waits`, () => {
    it(`has as many calls with 10 and with 10,000 pieces`, async () => {
      const calls = []
      for (const count of [10, 10_000]) {
        const store = await open(() => QUEUE_TIME)
        await Promise.all(
          waitingEntries(count).map(([key, value]) => store.createIfAbsent(key, value)),
        )
        calls.push(await callsOfQueue(store))
      }
      const [few, many] = calls
      assert.deepEqual(many, few)
      assert.deepEqual(few, {
        sweep: ['listKeys'],
        room: ['listKeys'],
        'room again': [],
        add: ['get', 'createIfAbsent', 'createIfAbsent'],
        'add again': ['get', 'createIfAbsent', 'createIfAbsent', 'delete', 'get'],
        look: ['listKeys'],
        claim: ['get', 'replaceIf'],
        retry: ['get', 'createIfAbsent', 'replaceIf', 'delete', 'listKeys'],
        settle: ['get', 'replaceIf', 'delete', 'delete'],
      })
    })
  })

  describe(`${name}: kill -9 between any two store calls of a queue`, () => {
    const MINUTE = 60_000

    /** Everything that a queue does with a piece, until the process is killed; `added` is what was promised. */
    async function live(store: Store, now: () => Date, added: string[], done: string[]) {
      const queue = openTestQueue(store, now)
      const later = new Date(now().getTime() + MINUTE)
      for (const id of ['a', 'b']) {
        if (await queue.add(id, 'work', { host: 'bob.example' })) added.push(id)
      }
      const first = await queue.claim('a')
      if (first) await queue.retry(first, later)
      await queue.add('a', 'more work', { host: 'bob.example', renews: true })
      const second = await queue.claim('a')
      if (second) {
        done.push('a')
        await queue.settle(second)
      }
      const third = await queue.claim('b')
      if (third) await queue.retry(third, later)
    }

    for (const after of [false, true]) {
      it(`loses nothing that was added, and leaves nothing behind (${after ? 'after' : 'before'})`, async () => {
        let killed = 0
        for (let step = 1; step <= 45; step++) {
          let time = QUEUE_TIME.getTime()
          const now = () => new Date(time)
          const store = await open(now)
          const [added, done]: [string[], string[]] = [[], []]
          await live(mortalStore(store, step, after), now, added, done).catch(() => (killed += 1))

          const heir = openTestQueue(store, now)
          const process = async (id: string) => {
            const claim = await heir.claim(id)
            if (!claim) return false
            done.push(id)
            await heir.settle(claim)
            return true
          }
          for (const pause of [2 * MINUTE, 2 * 60 * MINUTE]) {
            time += pause
            await sweepQueue(heir, process, { now })
          }
          for (const id of added) assert.ok(done.includes(id), `${id} is lost at step ${step}`)
          assert.deepEqual(await store.listKeys('test-queue'), [], `step ${step}`)
        }
        assert.ok(killed > 20 && killed < 45, `${killed} killed`)
      })
    }
  })
}
