import assert from 'node:assert/strict'
import * as v from 'valibot'
import type { Store } from '../../lib/store/store.ts'
import { createWorkQueue } from '../../lib/store/work-queue.ts'
import { countedStore } from './mortal-store.ts'

export const QUEUE_TIME = new Date('2026-11-21T12:00:00Z')
const NAME = 'test-queue'
const LIMITS = { waiting: 20_000, waitingPerHost: 20_000, retrying: 20_000 }
const HOUR = 60 * 60 * 1000
const HOST = { host: 'bob.example' }

export function openTestQueue(store: Store, now = () => QUEUE_TIME) {
  const options = { store, now, name: NAME, schema: v.string(), lease: 90_000 }
  return createWorkQueue({ ...options, limits: LIMITS })
}

/** The entries of so many pieces that wait for their next attempt, as keys and values of a store. */
export function waitingEntries(count: number): readonly (readonly [string, unknown])[] {
  return Array.from({ length: count }, (_, n) => {
    const id = `waiting-${n}`
    const nonce = n.toString(16).padStart(12, '0')
    const due = `${QUEUE_TIME.getTime() + HOUR + n}_bob.example_${nonce}_${id}`
    const entry = { version: 1, host: 'bob.example', work: 'x', attempts: 1, due, again: false }
    return [
      [`${NAME}-due/${due}`, true],
      [`${NAME}/${id}`, entry],
    ] as const
  }).flat()
}

/** The store calls of each operation of a queue. */
export async function callsOfQueue(store: Store): Promise<Record<string, readonly string[]>> {
  const counted = countedStore(store)
  const queue = openTestQueue(counted.store)
  const done: Record<string, readonly string[]> = {}
  const step = async <Result>(name: string, act: () => Promise<Result>): Promise<Result> => {
    const result = await act()
    done[name] = counted.calls.splice(0)
    return result
  }
  assert.deepEqual(await step('sweep', () => queue.due()), [])
  assert.equal(await step('room', () => queue.hasRoom('bob.example')), true)
  assert.equal(await step('room again', () => queue.hasRoom('bob.example')), true)
  assert.equal(await step('add', () => queue.add('new', 'work', HOST)), true)
  assert.equal(await step('add again', () => queue.add('new', 'work', HOST)), false)
  assert.deepEqual(await step('look', () => queue.due()), [{ id: 'new', ...HOST }])
  const claim = await step('claim', () => queue.claim('new'))
  assert.ok(claim)
  await step('retry', () => queue.retry(claim, QUEUE_TIME))
  const second = await queue.claim('new')
  counted.calls.length = 0
  assert.ok(second)
  assert.equal(await step('settle', () => queue.settle(second)), 'done')
  return done
}
