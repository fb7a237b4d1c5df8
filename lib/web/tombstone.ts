/**
 * The page that stands for a while where a page was taken back, on a host whose status codes nobody can choose.
 * Receivers of webmentions read it as 410. It is the same for all pages, and says nothing else.
 *
 * @see [IndieWeb, HTTP 410](https://indieweb.org/HTTP_410)
 */
export const TOMBSTONE = `<!doctype html>
<meta charset="utf-8">
<meta http-equiv="status" content="410 Gone">
<meta name="robots" content="noindex, nofollow, noarchive">
`
const BYTES = new TextEncoder().encode(TOMBSTONE)

export function isTombstone(content: Uint8Array): boolean {
  return content.length === BYTES.length && content.every((byte, at) => byte === BYTES[at])
}

/** What people read where a page was taken back, on a host that answers 410. */
export const GONE_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="status" content="410 Gone">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>This link no longer works</title>
<style>body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 34rem; margin: 15vh auto; padding: 0 1.25rem; color-scheme: light dark }</style>
<h1>This link no longer works</h1>
<p>Its author has withdrawn it, or its time has passed. If you think that you should have it, ask the person who gave it to you for a new one.</p>
</html>
`
