import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, posix, sep } from 'node:path'
import type { SiteRecord } from '../ledger/site-record.ts'
import { buildError } from './build-error.ts'
import { inputPathOf, type BuildResult } from './eleventy-config.ts'
import type { PluginEnvironment } from './environment.ts'
import { hostIsNetlify, isBuildForNetlify } from './gate-host.ts'
import { netlifyFunctions } from './netlify-functions.ts'
import type { ResolvedOptions } from './options.ts'

/** Which option moves a function, and which protocol needs it, where it is not one that every site has. */
const REMEDIES: Readonly<Record<string, { readonly option: string; readonly protocol?: string }>> =
  {
    gate: { option: 'gatePrefix' },
    invitation: { option: 'paths.invitation' },
    webmention: { option: 'paths.webmention' },
    mentions: { option: 'paths.mentions' },
    inbox: { option: 'paths.inbox' },
    pm: { option: 'paths.pm', protocol: 'rel-pm' },
    messages: { option: 'paths.messages', protocol: 'intertalk' },
    keys: { option: 'paths.keys', protocol: 'intertalk' },
    'messages-token': { option: 'paths.token', protocol: 'intertalk' },
    fmtp: { option: 'paths.fmtp', protocol: 'fmtp' },
  }

export interface EndpointPagesOptions {
  readonly options: ResolvedOptions
  readonly environment: PluginEnvironment
  readonly settings: SiteRecord
  /** Output folder, from the project's root. */
  readonly output: string
  readonly results: readonly BuildResult[]
}

/**
 * Refuses pages that nobody would see, because a function of ours answers in their place.
 *
 * @throws {ConfigurationError} naming the page and what to do, where the host has functions
 */
export function refuseEndpointPages({
  options,
  environment,
  settings,
  output,
  results,
}: EndpointPagesOptions): void {
  if (!hasFunctions(options, environment)) return
  const sources = new Map(
    results.flatMap(({ inputPath, outputPath }) =>
      outputPath === false
        ? []
        : [[posix.relative(output, inputPathOf(outputPath)), inputPathOf(inputPath)] as const],
    ),
  )
  // Also those that need the owner's passphrase: whether it is set, each build may see otherwise.
  const functions = netlifyFunctions(settings, { hasSecret: true, hasOwner: true })
  const problems = functions.flatMap(({ name, config }) => {
    const isHidden = 'path' in config && config.preferStatic !== true
    const places = isHidden ? config.path : []
    const pages = new Set(places.flatMap((place) => pagesAt(place, settings, output)))
    return [...pages].map((page) => describe(page, name, sources))
  })
  if (problems.length > 0) throw buildError(problems)
}

/** Netlify has them by itself; on a server of one's own they need the secret, and so it is set there. */
function hasFunctions(options: ResolvedOptions, environment: PluginEnvironment): boolean {
  const hasSecret = (environment.variables['PRIVATE_POSTS_SECRET']?.trim() ?? '') !== ''
  const isSomewhere = hostIsNetlify(options, environment) !== false
  return isBuildForNetlify(options, environment) || (hasSecret && isSomewhere)
}

/** Pages of the output folder that a host would show at a place, or anywhere below it. */
function pagesAt(place: string, { pathPrefix }: SiteRecord, output: string): string[] {
  const path = posix.relative(posix.join('/', pathPrefix), place)
  if (path.endsWith('/*')) return pagesBelow(posix.dirname(path), output)
  if (path.endsWith('*')) return pagesLike(path.slice(0, -1), output)
  if (path === '') return []
  return [path, `${path}.html`, `${path}/index.html`].filter((file) => isFile(join(output, file)))
}

/** Pages at the root whose paths begin like that. */
function pagesLike(start: string, output: string): string[] {
  if (!existsSync(output)) return []
  const names = readdirSync(output).filter((name) => name.startsWith(start))
  return names.flatMap((name) =>
    isFile(join(output, name)) ? (/\.html?$/i.test(name) ? [name] : []) : pagesBelow(name, output),
  )
}

function pagesBelow(folder: string, output: string): string[] {
  if (folder === '.' || !existsSync(join(output, folder))) return []
  return readdirSync(join(output, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.html?$/i.test(entry.name))
    .map((entry) => posix.relative(output, join(entry.parentPath, entry.name).split(sep).join('/')))
}

function isFile(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false })?.isFile() === true
}

function describe(page: string, name: string, sources: ReadonlyMap<string, string>): string {
  const { option, protocol } = REMEDIES[name] ?? { option: 'paths.indieauth' }
  const source = sources.get(page)
  const address = `/${page.replace(/(^|\/)index\.html$/, '$1')}`
  const leaveOut =
    protocol === undefined ? '' : `, or leave "${protocol}" out of the option "protocols"`
  return `${source ?? page}: nobody would see this page at ${address}, because the function "${name}" answers there. To do: give the page another permalink, set the option "${option}"${leaveOut}.${source ? '' : ' If an earlier build left the file behind, remove it.'}`
}
