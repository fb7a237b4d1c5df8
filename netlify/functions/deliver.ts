import { createDeliverEndpoint } from '../deliver.ts'
import { toFunction } from '../site.ts'
import { openWorkerSite } from '../worker-site.ts'

/** `POST`, in the background: tells everybody whom this deploy concerns. */
export default (settings: unknown) => toFunction(createDeliverEndpoint(openWorkerSite(settings)))
