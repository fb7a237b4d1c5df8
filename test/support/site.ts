import { execFile, type ExecFileException } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative, resolve } from 'node:path'
import { Eleventy } from '@11ty/eleventy'
import { FOLDER_INDEX } from '../../lib/web/folder-index.ts'
import { addPrivatePosts } from '../../lib/eleventy/plugin.ts'
import type { EleventyConfig } from '../../lib/eleventy/eleventy-config.ts'
import type { PluginEnvironment } from '../../lib/eleventy/environment.ts'
import type { PrivatePostsOptions } from '../../lib/eleventy/options.ts'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'

export type Files = Readonly<Record<string, string | Buffer>>

/** As `private-posts init` leaves it: then a build keeps the site's settings, though nothing is private. */
export const EMPTY_LEDGER = { 'private-posts.ledger.json': formatLedger(emptyLedger()) }

export interface BuildOptions {
  readonly options?: Partial<PrivatePostsOptions>
  /** Runs before the plugin is added, as the site's own configuration does. */
  // eslint-disable-next-line -- Eleventy's configuration has no published type
  readonly config?: (eleventyConfig: any) => void
  readonly configAfter?: (eleventyConfig: any) => void
  readonly variables?: Readonly<Record<string, string>>
  /** Who makes the files for those who tell others of the build; by default nobody. */
  readonly makers?: Pick<PluginEnvironment, 'planBuild' | 'letterFiles'>
  readonly now?: Date
  readonly input?: string
  readonly withoutPlugin?: boolean
  readonly incrementalFile?: string
  readonly dryRun?: boolean
  /** Where the site lies below its host, such as `/blog/`. */
  readonly pathPrefix?: string
  readonly json?: boolean
}

let sites = 0

/** A site in a temporary folder, built with the real Eleventy. */
export interface Site {
  readonly folder: string
  write(files: Files): void
  remove(path: string): void
  build(options?: BuildOptions): Promise<BuiltSite>
  /** Builds as a user does, in a process of its own: nothing of an earlier build is in its memory. */
  eleventy(args?: readonly string[], options?: CommandOptions): Promise<BuiltByCommand>
  dispose(): void
}

export interface CommandOptions {
  readonly options?: Partial<PrivatePostsOptions>
  /** Name of a function of `test/support/lab.ts` that configures the site before the plugin does. */
  readonly configuredBy?: 'configureLab' | 'configureMedia' | 'configureBundles' | 'configureLate'
  readonly variables?: Readonly<Record<string, string>>
}

export interface BuiltByCommand extends BuiltSite {
  readonly exitCode: number
}

/** The repository, whose packages a temporary site uses. */
export const REPOSITORY = resolve(import.meta.dirname, '../..')

export interface BuiltSite {
  readonly folder: string
  /** Lines that the plugin printed. */
  readonly printed: readonly string[]
  /** Everything that Eleventy wrote to its console. */
  readonly console: string
  /** Paths of the output, sorted. */
  readonly files: readonly string[]
  read(path: string): string
  readonly ledger: Ledger
  /** Live tokens of a post by recipient id (`''` when unlisted). */
  tokens(post: string): Record<string, string>
  /** The copy of a post for one recipient. */
  copy(post: string, recipient: string): string
  /** All public bytes: file names and contents outside the capability folders, without the cover of these. */
  publicBytes(): string
  readonly pages: readonly { url: string; content: string; inputPath: string }[]
}

export const LAYOUT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title></head>
<body><main class="h-entry"><h1 class="p-name">{{ title }}</h1>{{ content }}</main></body></html>
`

export function createSite(files: Files): Site {
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-site-'))
  // Eleventy remembers layouts by their names as long as the process lives.
  const layout = `base-${++sites}.liquid`
  const named = (text: string) => text.replaceAll('base.liquid', layout)
  const site: Site = {
    folder,
    write(more) {
      for (const [path, content] of Object.entries(more)) {
        const file = join(folder, named(path))
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, typeof content === 'string' ? named(content) : content)
      }
    },
    remove: (path) => rmSync(join(folder, path), { recursive: true }),
    build: (options = {}) => build(folder, options),
    eleventy: (args = [], options = {}) => buildByCommand(folder, args, options),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
  site.write({ '_includes/base.liquid': LAYOUT, ...files })
  return site
}

/** A post in Markdown: front matter as YAML text, then its body. */
export function post(frontMatter: string, body = 'Hello.'): string {
  return `---\nlayout: base.liquid\n${frontMatter.trim()}\n---\n${body}\n`
}

async function build(folder: string, options: BuildOptions): Promise<BuiltSite> {
  const before = process.cwd()
  const printed: string[] = []
  const lines: string[] = []
  const environment: PluginEnvironment = {
    cwd: folder,
    variables: options.variables ?? {},
    now: () => options.now ?? new Date('2026-11-21T12:00:00Z'),
    print: (line) => printed.push(line),
    ...options.makers,
  }
  process.chdir(folder)
  try {
    const eleventy = new Eleventy(options.input ?? '.', '_site', {
      configPath: null,
      quietMode: false,
      pathPrefix: options.pathPrefix,
      config(eleventyConfig: EleventyConfig) {
        collectLog(eleventyConfig, lines)
        options.config?.(eleventyConfig)
        if (!options.withoutPlugin) {
          addPrivatePosts(
            eleventyConfig,
            { me: 'https://alice.example/', ...options.options },
            environment,
          )
        }
        options.configAfter?.(eleventyConfig)
      },
    })
    if (options.dryRun) eleventy.setDryRun(true)
    if (options.incrementalFile !== undefined) {
      eleventy.setIncrementalBuild(true)
      eleventy.setIncrementalFile(options.incrementalFile)
    }
    const pages = options.json ? await eleventy.toJSON() : []
    if (!options.json) await eleventy.write()
    return inspect(folder, printed, lines, pages)
  } finally {
    process.chdir(before)
  }
}

async function buildByCommand(
  folder: string,
  args: readonly string[],
  { options, configuredBy, variables }: CommandOptions,
): Promise<BuiltByCommand> {
  if (!existsSync(join(folder, 'node_modules'))) {
    symlinkSync(join(REPOSITORY, 'node_modules'), join(folder, 'node_modules'))
  }
  writeFileSync(
    join(folder, 'eleventy.config.mjs'),
    `import privatePosts from ${JSON.stringify(join(REPOSITORY, 'lib/index.ts'))}
import * as lab from ${JSON.stringify(join(REPOSITORY, 'test/support/lab.ts'))}
export default async function (eleventyConfig) {
  ${configuredBy ? `await lab.${configuredBy}(eleventyConfig)` : ''}
  eleventyConfig.addPlugin(privatePosts, ${JSON.stringify({ me: 'https://alice.example/', ...options })})
}
`,
  )
  const { exitCode, output } = await runNode(
    ['--import', 'tsx', 'node_modules/@11ty/eleventy/cmd.cjs', ...args],
    { cwd: folder, variables },
  )
  return Object.assign(inspect(folder, [], [output], []), { exitCode })
}

/** Runs Node and waits for its end, whatever its exit code. */
export function runNode(
  args: readonly string[],
  { cwd, variables }: { cwd: string; variables?: Readonly<Record<string, string>> | undefined },
): Promise<{ exitCode: number; output: string; stdout: string }> {
  const { CI: _, NETLIFY: __, GITHUB_ACTIONS: ___, NODE_TEST_CONTEXT: ____, ...env } = process.env
  return new Promise((done) => {
    execFile(
      process.execPath,
      [...args],
      { cwd, env: { ...env, ...variables }, maxBuffer: 64 * 1024 * 1024 },
      (error: ExecFileException | null, stdout, stderr) => {
        const exitCode = error ? (typeof error.code === 'number' ? error.code : 1) : 0
        done({ exitCode, output: `${stdout}${stderr}`, stdout })
      },
    )
  })
}

function collectLog({ logger }: EleventyConfig, lines: string[]): void {
  const collect = (...parts: unknown[]) => void lines.push(parts.join(' '))
  logger?.overrideLogger({ log: collect, warn: collect, error: collect, info: collect })
}

function inspect(
  folder: string,
  printed: readonly string[],
  lines: readonly string[],
  pages: BuiltSite['pages'],
): BuiltSite {
  const output = join(folder, '_site')
  const files = listFiles(output)
  const read = (path: string) => readFileSync(join(output, path), 'utf8')
  const ledgerFile = join(folder, 'private-posts.ledger.json')
  const built: BuiltSite = {
    folder,
    printed,
    console: lines.join('\n'),
    files,
    read,
    pages,
    get ledger() {
      return parseLedger(readFileSync(ledgerFile, 'utf8'), ledgerFile)
    },
    tokens(path) {
      const record = Object.values(built.ledger.posts).find((candidate) => candidate.path === path)
      const live = record?.links.filter(({ revoked }) => !revoked) ?? []
      return Object.fromEntries(live.map(({ recipient, token }) => [recipient ?? '', token]))
    },
    copy: (path, recipient) => read(`p/${built.tokens(path)[recipient]}/index.html`),
    publicBytes() {
      const isCover = (path: string) => path === 'p/index.html' && read(path) === FOLDER_INDEX
      const open = files.filter((path) => !/^p\/[0-9a-z]{26}\//.test(path) && !isCover(path))
      return open.map((path) => `${path}\n${read(path)}`).join('\n')
    },
  }
  return built
}

export function listFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
