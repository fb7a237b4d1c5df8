/**
 * A build of a site that has nothing private, and never had: the plugin then writes nothing, and parses no page.
 *
 * What is looked at is as much as tells that for certain. Whatever is in doubt is a build like any other.
 *
 * @module
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, posix, resolve } from 'node:path'
import { ForeignSecrets } from '../leak-audit/foreign-secrets.ts'
import { listOutputFiles } from '../leak-audit/output-files.ts'
import { stateFolderOf } from '../ledger/state-folder.ts'
import { QUICK } from '../post/head-text.ts'
import { listSourceFiles } from '../post/source-files.ts'
import { isOwnTemplate } from '../post/source-templates.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type AfterEvent } from './eleventy-config.ts'
import type { PluginEnvironment } from './environment.ts'
import { siteOfBuild } from './gate-host.ts'
import { isNamedPrivate } from './named-private.ts'
import type { ResolvedOptions } from './options.ts'
import { secretRulesOf } from './secret-rules.ts'
import { openStalePages } from './stale-pages.ts'

/** Files that hold no address that anybody could read. */
const NO_TEXT =
  /\.(?:jpe?g|png|gif|webp|avif|heic|ico|mp[34]|m4[av]|mov|webm|ogg|wav|flac|woff2?|ttf|otf|eot)$/i

/** Whether this build has nothing to keep from anybody, and no earlier one had. */
export async function hasNothingPrivate(
  state: BuildState,
  event: AfterEvent,
  options: ResolvedOptions,
  environment: PluginEnvironment,
  pathPrefix: string,
): Promise<boolean> {
  const { cwd, variables } = environment
  const output = posix.normalize(inputPathOf(event.directories.output))
  const leftByOthers = [
    options.ledger,
    stateFolderOf(options.ledger),
    '.netlify/v1',
    '.netlify/private-posts',
    join(output, options.prefix),
    join(output, options.gatePrefix),
  ]
  if (state.posts.size > 0 || options.auditExceptions.length > 0) return false
  // With a secret, a site has functions, which need to know of its pages.
  if (variables['PRIVATE_POSTS_SECRET'] || options.netlify === true) return false
  if (leftByOthers.some((path) => existsSync(resolve(cwd, path)))) return false
  if (await mayHidePrivateSource(state, event, options, environment)) return false
  const sites = [options.me, siteOfBuild(pathPrefix, options, environment)]
  return !(await quotesForeignSecret(state, event, options, { cwd, output, sites }))
}

/**
 * Notes which template wrote which page, for the day when one of them becomes private: where the cache of the project's
 * packages has room for it, and where the author is watching.
 */
export function rememberPages(event: AfterEvent, { cwd }: PluginEnvironment): void {
  const isWatched = event.incremental || (event.runMode ?? 'build') !== 'build'
  if (!isWatched && !existsSync(join(cwd, 'node_modules'))) return
  const output = posix.normalize(inputPathOf(event.directories.output))
  openStalePages(cwd, output, event.results).save()
}

/** Whether a source is private by its place, or says so where Eleventy has not read it. */
async function mayHidePrivateSource(
  { templateData }: BuildState,
  { directories }: AfterEvent,
  options: ResolvedOptions,
  { cwd }: PluginEnvironment,
): Promise<boolean> {
  const input = posix.normalize(inputPathOf(directories.input))
  const root = resolve(cwd, input)
  const paths = await listSourceFiles(root, [resolve(cwd, directories.output)])
  return paths.some((path) => {
    const inputPath = posix.join(input, path)
    if (templateData.has(inputPath)) return false
    if (isNamedPrivate(inputPath, input, options.posts)) return true
    const read = () => readFileSync(join(root, path), 'utf8')
    return isOwnTemplate(path, read) && QUICK.test(read())
  })
}

/** Whether a page or a copied file has a secret address of somebody else's. */
async function quotesForeignSecret(
  { copies }: BuildState,
  { results }: AfterEvent,
  options: ResolvedOptions,
  place: { readonly cwd: string; readonly output: string; readonly sites: readonly URL[] },
): Promise<boolean> {
  const written = results.flatMap(({ outputPath, content }) =>
    outputPath === false ? [] : [[outputPath, String(content ?? '')] as const],
  )
  const below = (path: string) => posix.relative(place.output, inputPathOf(path))
  const paths = written.map(([path]) => below(path))
  const foreign = new ForeignSecrets({ own: place.sites, rules: secretRulesOf(options) }, paths, [])
  for (const [at, [, content]] of written.entries()) foreign.readOutput(paths[at] ?? '', content)
  for (const source of copies.values()) {
    for (const file of await filesOf(resolve(place.cwd, source))) {
      if (!NO_TEXT.test(file)) foreign.readOutput(file, readFileSync(file, 'utf8'))
    }
  }
  return foreign.left().length > 0
}

/** A copied file, or those of a copied folder. */
async function filesOf(source: string): Promise<readonly string[]> {
  const found = statSync(source, { throwIfNoEntry: false })
  if (!found) return []
  if (!found.isDirectory()) return [source]
  return (await listOutputFiles(source)).map((path) => join(source, path))
}
