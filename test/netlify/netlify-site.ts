import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { bundleNetlify } from '../../netlify/bundle.ts'
import { LAYOUT, REPOSITORY, runNode } from '../support/site.ts'

/** A site with our package installed, on which Netlify's own build runs. */
export interface NetlifySite {
  readonly folder: string
  write(files: Readonly<Record<string, string>>): void
  remove(path: string): void
  build(variables: Readonly<Record<string, string>>): Promise<{ exitCode: number; output: string }>
  /** Runs Eleventy alone, as if it were on Netlify. */
  eleventy(
    variables: Readonly<Record<string, string>>,
  ): Promise<{ exitCode: number; output: string }>
  dispose(): void
}

const PACKAGE = 'eleventy-plugin-private-posts'
const TSX = join(REPOSITORY, 'node_modules/tsx/dist/loader.mjs')
const ELEVENTY = join(REPOSITORY, 'node_modules/@11ty/eleventy/cmd.cjs')
const NETLIFY_BUILD = join(REPOSITORY, 'node_modules/@netlify/build/bin.js')

const NODE_OPTIONS = `--require ${join(import.meta.dirname, 'typescript-5.cjs')}`
const HOST = { NETLIFY: 'true', PRIVATE_POSTS_LEDGER_PERSISTS: 'true' }

const CONFIG = `import privatePosts from ${JSON.stringify(join(REPOSITORY, 'lib/index.ts'))}

export default function (eleventyConfig) {
  eleventyConfig.addPlugin(privatePosts, { me: 'https://alice.example/', tokens: 'derived' })
}
`

export async function createNetlifySite(
  files: Readonly<Record<string, string>>,
): Promise<NetlifySite> {
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-netlify-'))
  const site: NetlifySite = {
    folder,
    write(more) {
      for (const [path, text] of Object.entries(more)) {
        mkdirSync(dirname(join(folder, path)), { recursive: true })
        writeFileSync(join(folder, path), text)
      }
    },
    remove: (path) => rmSync(join(folder, path)),
    build: (variables) =>
      runNode([NETLIFY_BUILD, '--offline', '--cwd', folder], {
        cwd: folder,
        variables: {
          NODE_OPTIONS,
          ...HOST,
          ...variables,
        },
      }),
    eleventy: (variables) =>
      runNode(['--import', TSX, ELEVENTY], { cwd: folder, variables: { ...HOST, ...variables } }),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
  site.write({
    'netlify.toml': `[build]
  command = "node --import ${TSX} ${ELEVENTY}"
  publish = "_site"

[[plugins]]
  package = "./node_modules/${PACKAGE}/dist/netlify-build-plugin"
`,
    'eleventy.config.mjs': CONFIG,
    '_includes/base.liquid': LAYOUT,
    ...files,
  })
  const installed = join(folder, 'node_modules', PACKAGE)
  await bundleNetlify(join(installed, 'dist'))
  const manifest: unknown = readJson(REPOSITORY, 'package.json')
  site.write({ [`node_modules/${PACKAGE}/package.json`]: JSON.stringify(manifest) })
  return site
}

export interface FunctionCall {
  readonly file: string
  /** `NETLIFY_BLOBS_CONTEXT` */
  readonly context: string
  readonly url: string
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

export interface FunctionAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface FunctionRun {
  readonly answers: readonly FunctionAnswer[]
  /** Every file that was loaded for them. */
  readonly loaded: readonly string[]
  /** What they printed. */
  readonly log: string
}

/** Calls functions in a process of their own, with no variables but these. */
export function callFunctions(
  calls: readonly FunctionCall[],
  variables: Readonly<Record<string, string>>,
): Promise<FunctionRun> {
  return new Promise((done, failed) => {
    const child = execFile(
      process.execPath,
      [join(import.meta.dirname, 'call-functions.mjs')],
      {
        env: { PATH: process.env['PATH'], ...variables },
        cwd: tmpdir(),
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, log) => {
        if (error) failed(new Error(`${error.message}\n${log}`))
        else {
          const lines = stdout.trimEnd().split('\n')
          done({ ...JSON.parse(lines.pop() ?? ''), log: `${lines.join('\n')}\n${log}` })
        }
      },
    )
    child.stdin?.end(JSON.stringify(calls))
  })
}

export interface EmulatedAnswer {
  readonly type: 'function' | 'static' | 'redirect'
  readonly status: number
  readonly body: string
}

/** Asks a site for some paths, as Netlify's emulator serves it; `/path Authorization: …` shows credentials. */
export async function emulate(
  { folder }: NetlifySite,
  paths: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<readonly EmulatedAnswer[]> {
  const { exitCode, output, stdout } = await runNode(
    [join(import.meta.dirname, 'dev-server.mjs'), folder, ...paths],
    { cwd: folder, variables: { NODE_OPTIONS, ...variables } },
  )
  if (exitCode !== 0) throw new Error(`the emulator failed:\n${output}`)
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '[]')
}

/** Reads a JSON file that Netlify's build has left. */
export function readJson(folder: string, path: string): unknown {
  return JSON.parse(readFileSync(join(folder, path), 'utf8'))
}
