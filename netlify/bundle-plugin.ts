import { join } from 'node:path'
import { build } from 'esbuild'

/**
 * Puts the plugin into few files: Node takes most of the time of an import for finding and reading each of them.
 * What only some builds need is in files of its own. Packages stay outside.
 *
 * @param outdir `dist`, with the compiled modules: the program of the worker threads is one of them.
 */
export async function bundlePlugin(outdir: string): Promise<void> {
  await build({
    entryPoints: [join(import.meta.dirname, '../lib/index.ts')],
    outdir,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    // One folder below `dist`, as the modules are: they name the program of the worker threads by its place.
    chunkNames: 'plugin/[name]-[hash]',
    logLevel: 'warning',
  })
}
