import type { DeliveryProtocol, SourceExposure } from '../delivery/delivery.ts'
import type { WebOptions } from '../web/fetch.ts'
import type { HostLimit } from './host-limit.ts'

/** How a target can be told: the first protocol, in the author's order, that it speaks. */
export interface Route {
  readonly protocol: DeliveryProtocol
  readonly endpoint: URL
}

/** Finds the route to a target for a source of that kind, or `undefined` if there is none. */
export type RouteFinder = (target: URL, exposure: SourceExposure) => Promise<Route | undefined>

/** The protocols that are made for sources of that kind. */
export function protocolsFor(
  protocols: readonly DeliveryProtocol[],
  exposure: SourceExposure,
): readonly DeliveryProtocol[] {
  return protocols.filter((protocol) => protocol.carries?.(exposure) ?? true)
}

/** Asks each page once in a run, however many posts link to it; each run asks anew. */
export function createRouteFinder(
  protocols: readonly DeliveryProtocol[],
  { limit, ...web }: WebOptions & { readonly limit: HostLimit },
): RouteFinder {
  const routes = new Map<string, Promise<Route | undefined>>()

  return (target, exposure) => {
    const page = new URL(target)
    page.hash = ''
    const candidates = protocolsFor(protocols, exposure)
    const key = [page.href, ...candidates.map(({ name }) => name)].join(' ')
    const route = routes.get(key) ?? limit.run(page, () => findRoute(page, candidates))
    routes.set(key, route)
    return route
  }

  async function findRoute(
    page: URL,
    candidates: readonly DeliveryProtocol[],
  ): Promise<Route | undefined> {
    for (const protocol of candidates) {
      if (web.signal?.aborted) return undefined
      const endpoint = await protocol.discover(page, web)
      if (endpoint) return { protocol, endpoint }
    }
    return undefined
  }
}
