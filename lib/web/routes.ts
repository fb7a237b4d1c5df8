import type { Endpoint } from './endpoint.ts'

/**
 * Where an endpoint answers: a path; with `/*` at its end everything below it too; with `*` alone whatever begins
 * like that.
 */
export interface Route {
  readonly path: string
  readonly endpoint: Endpoint
}

/** The first route that the path is on. `/a/` is `/a`; what lies below is another path. */
export function findRoute(routes: readonly Route[], pathname: string): Endpoint | undefined {
  return routes.find(({ path }) => isOn(path, pathname))?.endpoint
}

function isOn(path: string, pathname: string): boolean {
  if (!path.endsWith('*')) return withoutSlash(pathname) === withoutSlash(path)
  const start = path.slice(0, -1)
  return pathname.startsWith(start) || (start.endsWith('/') && pathname === start.slice(0, -1))
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, '')
}
