import { createSweep } from '../sweep.ts'
import { toFunction } from '../site.ts'
import { openWorkerSite } from '../worker-site.ts'

/** By the clock: finishes what was cut off, and forgets what has expired. */
export default (settings: unknown) => toFunction(createSweep(openWorkerSite(settings)))
