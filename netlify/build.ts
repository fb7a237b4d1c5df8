/** `npm run build`: puts the plugin, the functions and the build plugin into `dist`. */
import { join } from 'node:path'
import { bundlePlugin } from './bundle-plugin.ts'
import { bundleNetlify } from './bundle.ts'

const DIST = join(import.meta.dirname, '../dist')

await bundlePlugin(DIST)
await bundleNetlify(DIST)
