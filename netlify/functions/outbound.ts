import { parsePage } from '../../lib/web/page-parser.ts'
import { createOutboundEndpoint } from '../outbound.ts'
import { toFunction } from '../site.ts'
import { openWorkerSite } from '../worker-site.ts'

/** `POST`, of the other functions: visits another site for them, or reads a page of one. */
export default (settings: unknown) =>
  toFunction(createOutboundEndpoint({ ...openWorkerSite(settings), parse: parsePage }))
