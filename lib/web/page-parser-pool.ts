import { FetchError } from './errors.ts'
import type { PageParser, PageReading, ReadingOptions } from './page-parser.ts'
import { startPageWorker, type PageJob, type PageWorker } from './page-worker-thread.ts'

export interface PageParserLimits {
  /** Worker threads at once. */
  readonly workers: number
  /** Milliseconds for one text. A long page of real markup takes a fifth of a second. */
  readonly time: number
  /** Megabytes of objects in one worker. A page of 1 MB and 50,000 elements takes a tenth of it. */
  readonly memory: number
  /** Texts that may wait. */
  readonly waiting: number
  /** Milliseconds after which a worker without work ends. */
  readonly idle: number
}

const LIMITS: PageParserLimits = {
  workers: 2,
  time: 5_000,
  memory: 256,
  waiting: 500,
  idle: 30_000,
}

interface Job extends PageJob {
  /** The value has the reading's type: the worker program's table is checked against it. */
  done(value: unknown): void
  failed(error: unknown): void
}

export interface PageParserPool {
  readonly parse: PageParser
  /** Ends the workers. What is being read fails. */
  close(): Promise<void>
}

/** Creates a pool of workers. They start when there is something to read. */
export function createPageParser(given: Partial<PageParserLimits> = {}): PageParserPool {
  const limits = { ...LIMITS, ...given }
  const waiting: Job[] = []
  const busy = new Map<PageWorker, Job>()
  const idle: PageWorker[] = []

  return { parse, close }

  function parse<Input, Output>(
    { name }: PageReading<Input, Output>,
    input: Input,
    { before }: ReadingOptions = {},
  ): Promise<Output> {
    return new Promise<Output>((resolve, failed) => {
      if (waiting.length >= limits.waiting) {
        return failed(new FetchError('Too many pages are waiting to be read'))
      }
      const done = resolve as (value: unknown) => void
      waiting.push({ name, input, done, failed, ...(before && { before }) })
      next()
    })
  }

  function next(): void {
    if (busy.size >= limits.workers) return
    const index = waiting.findIndex(mayBegin)
    const [job] = index < 0 ? [] : waiting.splice(index, 1)
    if (!job) return
    void work(idle.pop() ?? startPageWorker(limits, forget), job)
    next()
  }

  /** One kind of text never takes all workers: many hostile sources do not keep a reader from signing in. */
  function mayBegin({ name }: Job): boolean {
    const same = [...busy.values()].filter((job) => job.name === name)
    return same.length < Math.max(1, limits.workers - 1)
  }

  async function work(worker: PageWorker, job: Job): Promise<void> {
    busy.set(worker, job)
    const outcome = await worker.run(job)
    busy.delete(worker)
    if (!worker.hasEnded()) idle.push(worker)
    if ('value' in outcome) job.done(outcome.value)
    else job.failed(outcome.error)
    next()
  }

  /** An idle worker has ended. */
  function forget(worker: PageWorker): void {
    const index = idle.indexOf(worker)
    if (index >= 0) idle.splice(index, 1)
  }

  async function close(): Promise<void> {
    await Promise.all([...idle.splice(0), ...busy.keys()].map((worker) => worker.end()))
  }
}

/** The pool of this process. */
export const pool: PageParserPool = createPageParser()
