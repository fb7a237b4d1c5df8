import { gateOf } from '../../lib/site/gate.ts'
import { onlyAt } from '../only-at.ts'
import { openSite, toFunction } from '../site.ts'

/** `/private/*`: who may read this post? */
export default (settings: unknown) => {
  const site = openSite(settings)
  return toFunction(onlyAt(site.site, gateOf(site)))
}
