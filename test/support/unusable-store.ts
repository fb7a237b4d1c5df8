import assert from 'node:assert/strict'

/** Sends a webmention to a served site. */
export function mention(url: URL, source: string): Promise<Response> {
  const body = new URLSearchParams({ source, target: new URL('posts/hello/', url).href })
  return fetch(new URL('webmention', url), { method: 'POST', body })
}

/** Pages, the gate and what else needs no store answer as ever. */
export async function unaffected(url: URL): Promise<void> {
  for (const [path, status] of [
    ['/', 200],
    ['/posts/hello/', 200],
    ['/no-such-page/', 404],
    ['/private/', 401],
    ['/private/anything/', 401],
    ['/webmention', 200],
    ['/indieauth/metadata', 200],
  ] as const) {
    const response = await fetch(new URL(path, url))
    assert.equal(response.status, status, path)
  }
}
