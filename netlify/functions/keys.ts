import { keysOf } from '../../lib/site/intertalk-keys.ts'
import { openSite, toFunction } from '../site.ts'

/** `/keys`: what other intertalk providers verify our tokens with. */
export default (settings: unknown) => toFunction(keysOf(openSite(settings)))
