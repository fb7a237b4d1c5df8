import type { Fetch } from './fetch.ts'

/** More than these of one run need not be known at once. */
const MOST = 200

/** A `fetch` that remembers which pages asked who is there. */
export interface WatchedFetch {
  readonly fetch: Fetch
  /** Addresses that answered 401 to a request without credentials. */
  readonly asked: readonly URL[]
}

/** Watches for pages that are not for everybody. Asks nothing by itself: discovery has to visit them anyway. */
export function watchUnauthorised(fetch: Fetch): WatchedFetch {
  const asked: URL[] = []
  return {
    asked,
    async fetch(url, init) {
      const response = await fetch(url, init)
      const isRead = (init?.method ?? 'GET').toUpperCase() === 'GET'
      const isPlain = isRead && !new Headers(init?.headers).has('authorization')
      if (response.status === 401 && isPlain && asked.length < MOST) asked.push(new URL(url))
      return response
    },
  }
}
