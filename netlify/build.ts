/** `npm run build`: puts the functions and the build plugin into `dist`. */
import { join } from 'node:path'
import { bundleNetlify } from './bundle.ts'

await bundleNetlify(join(import.meta.dirname, '../dist'))
