import { webmentionOf } from '../../lib/site/webmention.ts'
import { wakeWorker } from '../own-functions.ts'
import { openSite, toFunction } from '../site.ts'

/** `/webmention`: the receiver, and its status pages below it. */
export default (settings: unknown) => toFunction(webmentionOf(openSite(settings), wakeWorker))
