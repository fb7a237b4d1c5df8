/**
 * The program of the worker threads: reads one text after the other, and knows nothing of the site.
 *
 * @module
 */
import { parentPort } from 'node:worker_threads'
import type { PageJob, WorkerMessage } from '../web/page-worker-thread.ts'
import { PAGE_READINGS } from './page-readings.ts'

parentPort?.on('message', ({ name, input }: Omit<PageJob, 'before'>) => answer(read(name, input)))
answer({ ready: true })

function read(name: string, input: unknown): WorkerMessage {
  try {
    const read = PAGE_READINGS.get(name)
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
