/**
 * A build of a site that has nothing private, and never had: the plugin then writes nothing but its cache, and parses
 * no page.
 *
 * What is looked at is as much as tells that for certain. Whatever is in doubt is a build like any other.
 *
 * @module
 */
import { existsSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, posix, resolve } from 'node:path'
import { ForeignSecrets } from '../leak-audit/foreign-secrets.ts'
import { listOutputFiles, readOutputFile } from '../leak-audit/output-files.ts'
import { stateFolderOf } from '../ledger/state-folder.ts'
import { createLinkedNames } from '../post/linked-names.ts'
import { listSourceFiles } from '../post/source-files.ts'
import { isOwnTemplate } from '../post/source-templates.ts'
import { findSources } from '../post/sources.ts'
import type { BuildState } from './build-state.ts'
import { inputPathOf, type AfterEvent } from './eleventy-config.ts'
import type { PluginEnvironment } from './environment.ts'
import { siteOfBuild } from './gate-host.ts'
import { isNamedPrivate } from './named-private.ts'
import type { ResolvedOptions } from './options.ts'
import { secretRulesFor, secretRulesOf } from './secret-rules.ts'
import { openStalePages } from './stale-pages.ts'

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
  return !(await quotesForeignSecret(event, options, { cwd, output, sites }))
}

/** Notes in the cache which template wrote which page: when one of them becomes private, its old page must go. */
export function rememberPages(event: AfterEvent, { cwd }: PluginEnvironment): void {
  const output = posix.normalize(inputPathOf(event.directories.output))
  openStalePages(cwd, output, event.results).save()
}

/** Whether a source is private by its place, or one that Eleventy has not read says that it is. */
async function mayHidePrivateSource(
  { templateData }: BuildState,
  { directories }: AfterEvent,
  options: ResolvedOptions,
  { cwd }: PluginEnvironment,
): Promise<boolean> {
  const input = posix.normalize(inputPathOf(directories.input))
  // Sources outside of the project are looked for where they are; else the whole project is theirs.
  const isOutside = input.startsWith('..') || isAbsolute(input)
  const root = isOutside ? resolve(cwd, input) : cwd
  const fromProject = (path: string) => (isOutside ? posix.join(input, path) : path)
  const isInput = (path: string) => isOutside || input === '.' || path.startsWith(`${input}/`)
  const namesOf = createLinkedNames(root)
  const isPrivate = (path: string) =>
    namesOf(path).some((name) => isNamedPrivate(fromProject(name), input, options.posts))
  const isUnread = (path: string) =>
    isInput(path) &&
    !templateData.has(fromProject(path)) &&
    isOwnTemplate(path, () => readFileSync(join(root, path), 'utf8'))

  const exclude = [resolve(cwd, directories.output), resolve(cwd, options.ledger)]
  const paths = await listSourceFiles(root, exclude)
  if (!paths.some((path) => isPrivate(path) || isUnread(path))) return false
  const found = await findSources({
    ...{ root, exclude, input: isOutside ? '.' : input },
    isNamedPrivate: (path) => isNamedPrivate(fromProject(path), input, options.posts),
    secretsIn: (path) => secretRulesFor(fromProject(path), options),
  })
  const { privateSources, attachments, linked, unread } = found
  return [privateSources, attachments, linked, unread].some((list) => list.length > 0)
}

/** Whether anything in the output has a secret address of somebody else's. */
async function quotesForeignSecret(
  { results }: AfterEvent,
  options: ResolvedOptions,
  place: { readonly cwd: string; readonly output: string; readonly sites: readonly URL[] },
): Promise<boolean> {
  const folder = resolve(place.cwd, place.output)
  const paths = await listOutputFiles(folder)
  const rules = { own: place.sites, rules: secretRulesOf(options) }
  const foreign = new ForeignSecrets(rules, paths, [])
  const written = new Map(
    results.flatMap(({ outputPath, content }) =>
      outputPath === false || typeof content !== 'string'
        ? []
        : [[posix.relative(place.output, inputPathOf(outputPath)), content] as const],
    ),
  )
  for (const path of paths) {
    const content = written.get(path)
    // What another plugin has written in its place is read.
    const isSame =
      content !== undefined && sizeOf(join(folder, path)) === Buffer.byteLength(content)
    const { text, isMedia } = isSame
      ? { text: content, isMedia: false }
      : await readOutputFile(folder, path)
    if (!isMedia) foreign.readOutput(path, text)
  }
  return foreign.left().length > 0
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size
}
