import { wellKnownOf } from '../../lib/site/well-known.ts'
import { openSite, toFunction } from '../site.ts'

/** `/.well-known/oauth-authorization-server`: metadata where OAuth clients look. */
export default (settings: unknown) => toFunction(wellKnownOf(openSite(settings)))
