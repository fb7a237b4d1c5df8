import { messagesOf } from '../../lib/site/intertalk.ts'
import { openSite, toFunction } from '../site.ts'

/** `/messages`: what other providers send; for local users what they send, and the stream of it all. */
export default (settings: unknown) => toFunction(messagesOf(openSite(settings)))
