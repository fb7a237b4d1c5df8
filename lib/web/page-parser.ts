/**
 * Reads strangers' texts in worker threads, so that none of them holds up the process, or ends it.
 *
 * 1. A room names a reading ({@link PageReading}): text in, plain data out.
 * 2. The worker program (`lib/site/page-worker.ts`) knows the function of each name.
 * 3. {@link parsePage} runs it there, with limits of time and memory.
 *
 * @module
 */

/** A way to read a stranger's text. Input and output pass as structured clones: no `URL`, no function. */
export interface PageReading<Input, Output, Name extends string = string> {
  readonly name: Name
  /** Carries the types; there is never a value. */
  readonly types?: (input: Input) => Output
}

/**
 * Reads a stranger's text by a reading.
 *
 * @throws {FetchError} `refused` where it takes more time or memory than a page is given; `failed` where too many
 *   are waiting
 */
export type PageParser = <Input, Output>(
  reading: PageReading<Input, Output>,
  input: Input,
  options?: ReadingOptions,
) => Promise<Output>

export interface ReadingOptions {
  /** Awaited right before the text is read, when a worker is there for it. What it throws ends the reading. */
  readonly before?: () => Promise<void>
}

/**
 * Reads in the worker threads of this process. Without work they keep no process from ending.
 *
 * @NOTE The pool is loaded when there is something to read: most requests to a function bring nothing.
 */
export const parsePage: PageParser = async (...args) => {
  const { pool } = await import('./page-parser-pool.ts')
  return pool.parse(...args)
}
