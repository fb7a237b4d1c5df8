import { indieauthOf } from '../../lib/site/indieauth.ts'
import { openSite, toFunction } from '../site.ts'

/** What is small below `/indieauth/`: the issuer's page, metadata, introspection, revocation. */
export default (settings: unknown) => toFunction(indieauthOf(openSite(settings)))
