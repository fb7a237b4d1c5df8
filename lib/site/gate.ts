import { createGate } from '../gate/gate.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/private/*`: the gate. */
export function gateOf(options: SiteOptions): Endpoint {
  return createGate(partsOf(options))
}
