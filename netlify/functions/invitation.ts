import { invitationOf } from '../../lib/site/invitation.ts'
import { onlyAt } from '../only-at.ts'
import { openSite, toFunction } from '../site.ts'

/** `/invitation/<token>`: a reader without a website comes in. */
export default (settings: unknown) => {
  const site = openSite(settings)
  return toFunction(onlyAt(site.site, invitationOf(site)))
}
