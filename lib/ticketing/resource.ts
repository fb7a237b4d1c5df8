/** A path has no more folders than that; a longer one is covered by the token of a folder above. */
const MAX_DEPTH = 16

/**
 * The resource that a token is good for, in the one form in which it is kept: its origin and path, without
 * a slash at the end.
 */
export function nameOfResource(resource: URL): string {
  return resource.origin + resource.pathname.replace(/\/+$/, '')
}

/**
 * Every resource that a page lies below, the nearest first: a resource is a prefix of the path that ends
 * where a segment does, so `/private` covers `/private/1` and not `/privateer`.
 */
export function resourcesAbove(page: URL): string[] {
  const segments = page.pathname.split('/').filter(Boolean).slice(0, MAX_DEPTH)
  const folders = segments.map((_, index) => `/${segments.slice(0, index + 1).join('/')}`)
  return ['', ...folders].reverse().map((folder) => page.origin + folder)
}
