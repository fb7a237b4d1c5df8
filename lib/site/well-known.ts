import {
  createWellKnownEndpoint,
  wellKnownPaths,
  type ServerMetadataOptions,
} from '../indieauth/server-metadata.ts'
import type { Endpoint } from '../web/endpoint.ts'
import { partsOf, type SiteOptions } from './site-options.ts'

/** `/.well-known/oauth-authorization-server`, and the same with the path of the issuer after it. */
export function wellKnownOf(options: SiteOptions): Endpoint {
  return createWellKnownEndpoint(serverOf(options))
}

/** Where {@link wellKnownOf} answers. */
export function wellKnownPathsOf(options: SiteOptions): readonly string[] {
  const { site, issuer } = wellKnownPaths(serverOf(options))
  return [site, issuer]
}

function serverOf(options: SiteOptions): ServerMetadataOptions {
  const { owner, settings } = options
  return { ...partsOf(options), owner, indieauth: settings.indieauth }
}
