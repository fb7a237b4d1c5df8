import { createDeliverEndpoint } from '../deliver.ts'
import { openSite, toFunction } from '../site.ts'

/** `POST`, in the background: tells everybody whom this deploy concerns. */
export default (settings: unknown) => toFunction(createDeliverEndpoint(openSite(settings)))
