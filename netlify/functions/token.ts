import { tokenOf } from '../../lib/site/token.ts'
import { openSite, toFunction } from '../site.ts'

/** `/indieauth/token`: tokens for recipients, and for the clients of the owner. */
export default (settings: unknown) => toFunction(tokenOf(openSite(settings)))
