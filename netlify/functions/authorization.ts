import { authorizationOf } from '../../lib/site/authorization.ts'
import { openSite, toFunction } from '../site.ts'

/** `/indieauth/auth`: the owner tells other sites who they are. */
export default (settings: unknown) => toFunction(authorizationOf(openSite(settings)))
