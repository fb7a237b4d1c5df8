/**
 * The program of the worker threads: reads one text after the other, and knows nothing of the site.
 *
 * 1. It is told which reading comes next, and loads the module of that reading.
 * 2. Then it is given the text, and answers what the reading says of it.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads'
import type { WorkerMessage, WorkerOrder } from '../web/page-worker-thread.ts'
import { PAGE_READINGS, type ReadPage } from './page-readings.ts'

const loaded = new Map<string, ReadPage>()

parentPort?.on('message', (order: WorkerOrder) => {
  if ('load' in order) void load(order.load)
  else answer(read(order.name, order.input))
})
answer({ ready: true })

/** A module that cannot be loaded is a fault of ours, and ends the thread. */
async function load(name: string): Promise<void> {
  const read = await PAGE_READINGS.get(name)?.()
  if (read) loaded.set(name, read)
  answer({ ready: true })
}

function read(name: string, input: unknown): WorkerMessage {
  try {
    const read = loaded.get(name)
    if (!read) throw new TypeError(`there is no reading "${name}"`)
    return { value: read(input) }
  } catch (error) {
    // A parser that calls itself may run out of stack. Its message could quote the page; the class does not.
    return { error: error instanceof Error ? error.name : 'unknown' }
  }
}

function answer(message: WorkerMessage): void {
  parentPort?.postMessage(message)
}
