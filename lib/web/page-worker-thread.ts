import { Worker } from 'node:worker_threads'
import { FetchError } from './errors.ts'
import type { ReadingOptions } from './page-parser.ts'

/** A text, and the name of the function that reads it. */
export interface PageJob extends ReadingOptions {
  readonly name: string
  readonly input: unknown
}

/** What the worker program is told: to load the function of that name, or to read a text with it. */
export type WorkerOrder = { readonly load: string } | Pick<PageJob, 'name' | 'input'>

/** What the worker program says: that it has loaded what it needs, or what came of a text. */
export type WorkerMessage =
  { readonly ready: true } | { readonly value: unknown } | { readonly error: string }

type PageOutcome = { readonly value: unknown } | { readonly error: unknown }

/** A thread that reads one text after the other. */
export interface PageWorker {
  run(job: PageJob): Promise<PageOutcome>
  /** Whether it has been ended, or has died of a text: it runs nothing more. */
  hasEnded(): boolean
  end(): Promise<void>
}

export interface PageWorkerLimits {
  /** Milliseconds for one text. */
  readonly time: number
  /** Megabytes of objects. */
  readonly memory: number
  /** Milliseconds after which a thread without work ends. */
  readonly idle: number
}

/** Milliseconds for loading the program, or the module of a reading, also on a machine that is busy with other things. */
const STARTING = 60_000
/** Megabytes. What has just been made is thrown away soon; a parser makes much of it. */
const YOUNG_OBJECTS = 32

const TOO_MUCH = 'ERR_WORKER_OUT_OF_MEMORY'

/**
 * Starts a thread with the worker program.
 *
 * @param onEnd Told when the thread ends by itself, or by a text.
 */
export function startPageWorker(
  { time, memory, idle }: PageWorkerLimits,
  onEnd: (worker: PageWorker) => void,
): PageWorker {
  let hasStarted = false
  let hasEnded = false
  let settle: (outcome: PageOutcome) => void = () => {}
  let timer: NodeJS.Timeout | undefined
  let worker: Worker | undefined
  const loaded = new Set<string>()
  const ready = start()
  const self: PageWorker = { run, hasEnded: () => hasEnded, end }
  return self

  /** @NOTE The program is loaded when there is something to read: in a bundle it holds every parser. */
  async function start(): Promise<PageOutcome> {
    const { PROGRAM } = await import('./page-worker-program.ts')
    if (hasEnded) return { error: failed('A page cannot be read now: the process stops') }
    return new Promise((resolve) => {
      settle = resolve
      worker = new Worker(PROGRAM, {
        eval: true,
        // What the process was told is not for a thread that reads strangers' texts.
        env: {},
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: memory, maxYoungGenerationSizeMb: YOUNG_OBJECTS },
      })
      worker.on('message', onMessage)
      worker.on('error', onError)
      worker.on('exit', () => onError(new Error('the thread ended')))
      limitTime(STARTING, () => failed('A page cannot be read now: a thread does not start'))
    })
  }

  async function run({ name, input, before }: PageJob): Promise<PageOutcome> {
    clearTimeout(timer)
    worker?.ref()
    const started = await load(name)
    if ('error' in started) return started
    try {
      await before?.()
    } catch (error) {
      rest()
      return { error }
    }
    return ask({ name, input }, time, () =>
      refused(`A page takes longer than ${time / 1000} s to read`),
    ).finally(rest)
  }

  /** Its time is not that of the text: a page is not refused because the machine is slow to load a parser. */
  async function load(name: string): Promise<PageOutcome> {
    const started = await ready
    if ('error' in started || loaded.has(name)) return started
    const outcome = await ask({ load: name }, STARTING, () =>
      failed('A page cannot be read now: its parser does not load'),
    )
    if ('value' in outcome) loaded.add(name)
    return outcome
  }

  function ask(order: WorkerOrder, limit: number, toError: () => FetchError): Promise<PageOutcome> {
    return new Promise((resolve) => {
      settle = resolve
      worker?.postMessage(order)
      limitTime(limit, toError)
    })
  }

  function onMessage(message: WorkerMessage): void {
    hasStarted = true
    if ('error' in message) settle({ error: refused('A page cannot be read') })
    else settle({ value: 'value' in message ? message.value : undefined })
  }

  function onError(cause: Error): void {
    // That no page at all can be read is a fault of ours, and for the log.
    if (!hasStarted && !hasEnded)
      settle({ error: new Error('The worker thread does not start', { cause }) })
    hasEnded = true
    const isTooMuch = 'code' in cause && cause.code === TOO_MUCH
    const message = isTooMuch
      ? `A page takes more than ${memory} MB to read`
      : 'A page cannot be read'
    settle({ error: new FetchError(message, { kind: isTooMuch ? 'refused' : 'failed', cause }) })
    onEnd(self)
  }

  function limitTime(milliseconds: number, toError: () => FetchError): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      settle({ error: toError() })
      void end()
    }, milliseconds)
  }

  function rest(): void {
    clearTimeout(timer)
    worker?.unref()
    timer = setTimeout(() => void end(), idle)
    timer.unref()
  }

  async function end(): Promise<void> {
    hasEnded = true
    clearTimeout(timer)
    await worker?.terminate()
  }
}

function refused(message: string): FetchError {
  return new FetchError(message, { kind: 'refused' })
}

function failed(message: string): FetchError {
  return new FetchError(message)
}
