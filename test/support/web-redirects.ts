import type { Fetch } from '../../lib/web/fetch.ts'

/** Follows redirects of GET on a web that does not, and says where a response came from. */
export function followRedirects({ fetch }: { readonly fetch: Fetch }): { fetch: Fetch } {
  return {
    async fetch(start, init) {
      let url = start
      for (let hop = 0; hop < 10; hop++) {
        const response = await fetch(url, { ...init, redirect: 'manual' })
        const location = response.headers.get('location')
        const follows =
          ['GET', 'HEAD'].includes(init?.method ?? 'GET') && init?.redirect !== 'manual'
        if (location === null || !follows || Math.trunc(response.status / 100) !== 3) {
          return Object.defineProperty(response, 'url', { value: url.href })
        }
        url = new URL(location, url)
      }
      throw new TypeError('too many redirects')
    },
  }
}
