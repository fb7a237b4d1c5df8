import { mentionsOf } from '../../lib/site/mentions.ts'
import { openSite, toFunction } from '../site.ts'

/** `/mentions.json`: public mentions, and never a private one. */
export default (settings: unknown) => toFunction(mentionsOf(openSite(settings)))
