import type { Endpoint } from './endpoint.ts'

/**
 * Where an endpoint answers: a path; with `/*` at its end everything below it too; with `*` alone whatever begins
 * like that.
 */
export interface Route {
  readonly path: string
  readonly endpoint: Endpoint
  /** Whether a page of the site's own comes first, where there is one. */
  readonly preferStatic?: boolean
}

/** The first route that the path is on. `/a/` is `/a`; what lies below is another path. */
export function findRoute(routes: readonly Route[], pathname: string): Endpoint | undefined {
  return routes.find(({ path }) => isOn(path, pathname))?.endpoint
}

/** Functions and pages of one site: a function comes first, unless its route prefers a page that is there. */
export function withRoutes(routes: readonly Route[], pages: Endpoint): Endpoint {
  const before = routes.filter(({ preferStatic }) => !preferStatic)
  const behind = routes.filter(({ preferStatic }) => preferStatic)
  return async (request, context) => {
    const { pathname } = new URL(request.url)
    const first = findRoute(before, pathname)
    if (first) return first(request, context)
    const page = await pages(request, context)
    const second = page.status === 404 ? findRoute(behind, pathname) : undefined
    if (!second) return page
    await page.body?.cancel()
    return second(request, context)
  }
}

function isOn(path: string, pathname: string): boolean {
  if (!path.endsWith('*')) return withoutSlash(pathname) === withoutSlash(path)
  const start = path.slice(0, -1)
  return pathname.startsWith(start) || (start.endsWith('/') && pathname === start.slice(0, -1))
}

function withoutSlash(path: string): string {
  return path.replace(/\/$/, '')
}
