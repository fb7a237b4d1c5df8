import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createTurns } from '../../lib/deploy/turns.ts'

const tick = () => new Promise(setImmediate)

/** A clock whose patience runs out when told to. */
function createPatience() {
  const waiting: (() => void)[] = []
  return {
    runOut: () => waiting.at(-1)?.(),
    wait: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        waiting.push(resolve)
        signal?.addEventListener('abort', () => resolve())
      }),
  }
}

describe('createTurns()', () => {
  it('runs one at a time, in order', async () => {
    const { wait } = createPatience()
    const turns = createTurns({ wait })
    let running = 0
    const seen: number[] = []
    await Promise.all(
      [1, 2, 3, 4].map((number) =>
        turns('bob.example', async () => {
          assert.equal(++running, 1)
          await tick()
          seen.push(number)
          running--
        }),
      ),
    )
    assert.deepEqual(seen, [1, 2, 3, 4])
  })

  it('goes on after work that failed', async () => {
    const turns = createTurns()
    await assert.rejects(turns('bob.example', () => Promise.reject(new Error('no'))))
    assert.equal(await turns('bob.example', async () => 'yes'), 'yes')
  })

  it('is not held up by a host that takes too long, now or later', async () => {
    const { wait, runOut } = createPatience()
    const turns = createTurns({ wait })
    const started: string[] = []
    const stall = (name: string) => () => {
      started.push(name)
      return new Promise<void>(() => {})
    }
    const answer = (name: string) => async () => void started.push(name)

    void turns('slow.example', stall('slow 1'))
    void turns('slow.example', stall('slow 2'))
    void turns('bob.example', answer('bob 1'))
    await tick()
    assert.deepEqual(started, ['slow 1'])
    runOut()
    await tick()
    assert.deepEqual(started, ['slow 1', 'slow 2', 'bob 1'])
    void turns('slow.example', stall('slow 3'))
    await turns('bob.example', answer('bob 2'))
    assert.deepEqual(started.slice(3), ['slow 3', 'bob 2'])
  })
})
