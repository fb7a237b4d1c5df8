import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { bundlePlugin } from '../../netlify/bundle-plugin.ts'
import { lastWords, measureNode } from '../measured-process.ts'
import { progress } from '../report.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')
const COMPILED = join(REPOSITORY, 'bench/dist')

/** The plugin and its command as they are published: JavaScript in few files, without a compiler at run time. */
export const PLUGIN = join(COMPILED, 'index.js')
export const COMMAND = join(COMPILED, 'cli/main.js')
export const LEDGER_MODULE = join(COMPILED, 'ledger/ledger-file.js')
export const SERVER_MODULE = join(COMPILED, 'web/node-server.js')

/** The same Eleventy for everybody. */
const ELEVENTY_FOLDER = join(REPOSITORY, 'node_modules/@11ty/eleventy')
export const ELEVENTY = join(ELEVENTY_FOLDER, 'cmd.cjs')

export function eleventyVersion(): string {
  const description: unknown = JSON.parse(
    readFileSync(join(ELEVENTY_FOLDER, 'package.json'), 'utf8'),
  )
  if (description instanceof Object && 'version' in description) return String(description.version)
  throw new TypeError('Eleventy without a version')
}

/**
 * As `npm run build` does.
 *
 * @throws {TypeError} if there is no Eleventy, or nothing came of the compilation
 */
export async function compilePlugin(): Promise<void> {
  if (!existsSync(ELEVENTY)) throw new TypeError('run "npm install" in the repository first')
  progress('compiling the plugin')
  rmSync(COMPILED, { recursive: true, force: true })
  const compiler = join(REPOSITORY, 'node_modules/typescript/bin/tsc')
  const result = await measureNode(
    [compiler, '-p', join(REPOSITORY, 'lib'), '--outDir', COMPILED],
    REPOSITORY,
  )
  if (!existsSync(PLUGIN)) throw new TypeError(`no plugin was compiled: ${lastWords(result)}`)
  await bundlePlugin(COMPILED)
  if (result.exitCode !== 0) progress(`the plugin has type errors: ${lastWords(result)}`)
}
