/** A signal for several requests in a row that together must not take longer than so many milliseconds. */
export function timeLimit(milliseconds: number, caller?: AbortSignal): AbortSignal {
  const limit = AbortSignal.timeout(milliseconds)
  return caller ? AbortSignal.any([caller, limit]) : limit
}
