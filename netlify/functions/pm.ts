import { relPmOf } from '../../lib/site/rel-pm.ts'
import { onlyAt } from '../only-at.ts'
import { openSite, toFunction } from '../site.ts'

/** `/pm`: announcements, requests and messages of rel=pm. */
export default (settings: unknown) => {
  const site = openSite(settings)
  return toFunction(onlyAt(site.site, relPmOf(site)))
}
