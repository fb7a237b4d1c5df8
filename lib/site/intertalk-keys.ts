import { createKeysEndpoint } from '../intertalk/keys-endpoint.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/keys`: what other intertalk providers verify our tokens with. */
export function keysOf(options: SiteOptions): Endpoint {
  return createKeysEndpoint(partsOf(options))
}
