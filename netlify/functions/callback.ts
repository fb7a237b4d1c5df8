import { callbackOf } from '../../lib/site/sign-in.ts'
import { openSite, toFunction } from '../site.ts'

/** `/indieauth/callback`: and comes back from there. */
export default (settings: unknown) => toFunction(callbackOf(openSite(settings)))
