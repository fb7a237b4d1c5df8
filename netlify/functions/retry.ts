import { createRetry } from '../deliver.ts'
import { toFunction } from '../site.ts'
import { openWorkerSite } from '../worker-site.ts'

/** By the clock: delivers what is pending between deploys. */
export default (settings: unknown) => toFunction(createRetry(openWorkerSite(settings)))
