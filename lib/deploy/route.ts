import type { DeliveryProtocol } from '../delivery/delivery.ts'
import type { WebOptions } from '../web/fetch.ts'
import type { HostLimit } from './host-limit.ts'

/** How a target can be told: the first protocol, in the author's order, that it speaks. */
export interface Route {
  readonly protocol: DeliveryProtocol
  readonly endpoint: URL
}

/** Finds the route to a target, or `undefined` if there is none. */
export type RouteFinder = (target: URL) => Promise<Route | undefined>

/** Asks each page once in a run, however many posts link to it; each run asks anew. */
export function createRouteFinder(
  protocols: readonly DeliveryProtocol[],
  { limit, ...web }: WebOptions & { readonly limit: HostLimit },
): RouteFinder {
  const routes = new Map<string, Promise<Route | undefined>>()

  return (target) => {
    const page = new URL(target)
    page.hash = ''
    const route = routes.get(page.href) ?? limit.run(page, () => findRoute(page))
    routes.set(page.href, route)
    return route
  }

  async function findRoute(page: URL): Promise<Route | undefined> {
    for (const protocol of protocols) {
      if (web.signal?.aborted) return undefined
      const endpoint = await protocol.discover(page, web)
      if (endpoint) return { protocol, endpoint }
    }
    return undefined
  }
}
