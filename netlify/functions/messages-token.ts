import { localTokenOf } from '../../lib/site/intertalk-token.ts'
import { openSite, toFunction } from '../site.ts'

/** `/token`: local users of the intertalk provider sign in. */
export default (settings: unknown) => toFunction(localTokenOf(openSite(settings)))
