import { fmtpOf } from '../../lib/site/fmtp.ts'
import { onlyAt } from '../only-at.ts'
import { openSite, toFunction } from '../site.ts'

/** `/fmtp/*`: greetings and objects. */
export default (settings: unknown) => {
  const site = openSite(settings)
  return toFunction(onlyAt(site.site, fmtpOf(site)))
}
