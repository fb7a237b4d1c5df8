import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import type { Store } from '../../lib/store/store.ts'

const WRITER = new URL('writer.ts', import.meta.url).pathname

function startWriter(kind: string, place: string, name: string, rounds: number): ChildProcess {
  const args = ['--import', 'tsx', WRITER, kind, place, name, String(rounds)]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

type OpenStore = Store & { close?(): Promise<void> }

export interface StoreOnDisk {
  readonly kind: 'lmdb' | 'json' | 'postgres'
  readonly newPlace: () => string | Promise<string>
  readonly open: (place: string) => OpenStore | Promise<OpenStore>
  /** Removes what a dead writer leaves and the next one would wait for. */
  readonly afterKill: (place: string) => void
}

/** What stores on a disk have to bear on top of the contract. */
export function testProcesses({ kind, newPlace, open, afterKill }: StoreOnDisk): void {
  describe(`${kind}: several processes`, () => {
    it('lets one process win each entry, and shows what another has written', async () => {
      const place = await newPlace()
      const names = ['a', 'b', 'c']
      const writers = names.map((name) => startWriter(kind, place, name, 10))
      for (const [code] of await Promise.all(writers.map((writer) => once(writer, 'exit')))) {
        assert.equal(code, 0)
      }
      const store = await open(place)
      for (let round = 0; round < 10; round++) {
        const entries = await Promise.all(names.map((name) => store.get(`${name}/${round}`)))
        const winners = names.filter((_, index) => isWinner(entries[index]?.value))
        assert.deepEqual(winners, [(await store.get(`race/${round}`))?.value])
      }
      await store.close?.()
    })

    it('shows a write of another process while it is open itself', async () => {
      const place = await newPlace()
      const store = await open(place)
      await store.createIfAbsent('mine/1', 1)
      const [code] = await once(startWriter(kind, place, 'theirs', 1), 'exit')
      assert.equal(code, 0)
      assert.deepEqual((await store.get('theirs/0'))?.value, { won: true })
      assert.equal(await store.createIfAbsent('theirs/0', 2), false)
      await store.close?.()
    })
  })

  describe(`${kind}: kill -9`, () => {
    it('keeps every write that was answered, whenever the process dies', async () => {
      const place = await newPlace()
      let total = 0
      for (const delay of [0, 7, 23, 61]) {
        const name = `after-${delay}`
        const writer = startWriter(kind, place, name, 100_000)
        let answered = ''
        writer.stdout?.on('data', (chunk: Buffer) => (answered += chunk.toString()))
        const exit = once(writer, 'close')
        await once(writer.stdout ?? assert.fail(), 'data')
        await setTimeout(delay)
        writer.kill('SIGKILL')
        await exit
        afterKill(place)
        const rounds = answered.slice(0, answered.lastIndexOf('\n')).split('\n').length
        const store = await open(place)
        const kept = await store.list(`${name}/`)
        await store.close?.()
        assert.ok(kept.length >= rounds, `${kept.length} of ${rounds}`)
        total += rounds
      }
      assert.ok(total >= 4, 'each writer got something done')
    })
  })
}

function isWinner(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'won' in value && value.won === true
}
