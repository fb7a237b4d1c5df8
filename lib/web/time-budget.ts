import { FetchError } from './errors.ts'

export interface TimeBudget {
  /** Aborts when the time is used up, or when the caller has lost interest. */
  readonly signal: AbortSignal
  /** The request is done with. */
  readonly end: () => void
  /** The request is given up, and its connection with it. */
  readonly abandon: () => void
}

/** Starts the clock for one request, its redirects and its body. */
export function startTimeBudget(timeout: number, caller?: AbortSignal): TimeBudget {
  const controller = new AbortController()
  const timer = setTimeout(() => {
    controller.abort(new FetchError(`took longer than ${timeout / 1000} s`))
  }, timeout)
  // A body that nobody reads must not keep a finished program from ending; one that is read does so itself.
  timer.unref()
  const onAbort = () => controller.abort(new FetchError('was aborted', { cause: caller?.reason }))
  if (caller?.aborted) onAbort()
  else caller?.addEventListener('abort', onAbort, { once: true })

  const end = () => {
    clearTimeout(timer)
    caller?.removeEventListener('abort', onAbort)
  }
  const abandon = () => {
    end()
    controller.abort()
  }
  return { signal: controller.signal, end, abandon }
}
