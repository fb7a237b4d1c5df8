import { signOutOf } from '../../lib/site/sign-in.ts'
import { openSite, toFunction } from '../site.ts'

/** `/indieauth/sign-out`: a reader, or the owner, goes away again. */
export default (settings: unknown) => toFunction(signOutOf(openSite(settings)))
