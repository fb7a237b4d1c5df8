import { setTimeout } from 'node:timers/promises'

/** Blobs answer in milliseconds; a visitor waits for them. */
const TIMEOUT = 5_000
/** Two more attempts, so soon that a visitor hardly notices. */
const PAUSES = [200, 800]
/** No status of a server, so that the client does not try again. */
const GAVE_UP = 424

type BlobsFetch = (url: string | URL | Request, init?: RequestInit) => Promise<Response>

/**
 * What the client of Blobs fetches with. Left to itself, it repeats a failed request after five seconds,
 * five times over: longer than a function may run.
 */
export function createBlobsFetch(
  fetch: BlobsFetch = globalThis.fetch,
  wait: (milliseconds: number) => Promise<unknown> = setTimeout,
): BlobsFetch {
  return async (url, init) => {
    for (const pause of [...PAUSES, undefined]) {
      const response = await attempt(url, init)
      if (response && response.status < 500 && response.status !== 429) return response
      await response?.body?.cancel()
      if (pause !== undefined) await wait(pause)
    }
    return new Response(null, { status: GAVE_UP })
  }

  async function attempt(
    url: string | URL | Request,
    init?: RequestInit,
  ): Promise<Response | undefined> {
    try {
      return await fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT) })
    } catch {
      // Neither the reason nor the address of a store is for anybody to see; the status says enough.
      return undefined
    }
  }
}
