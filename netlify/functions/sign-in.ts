import { signInOf } from '../../lib/site/sign-in.ts'
import { openSite, toFunction } from '../site.ts'

/** `/indieauth/sign-in`: a reader names their own site, and is sent there. */
export default (settings: unknown) => toFunction(signInOf(openSite(settings)))
