import { toFunction } from '../site.ts'
import { createWork } from '../work.ts'
import { openWorkerSite } from '../worker-site.ts'

/** `POST`, in the background: verifies what other functions have queued. */
export default (settings: unknown) => toFunction(createWork(openWorkerSite(settings)))
