import { createRetry } from '../deliver.ts'
import { openSite, toFunction } from '../site.ts'

/** By the clock: delivers what is pending between deploys. */
export default (settings: unknown) => toFunction(createRetry(openSite(settings)))
