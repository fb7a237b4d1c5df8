import { createSweep } from '../sweep.ts'
import { openSite, toFunction } from '../site.ts'

/** By the clock: finishes what was cut off, and forgets what has expired. */
export default (settings: unknown) => toFunction(createSweep(openSite(settings)))
