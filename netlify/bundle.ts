import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { build, type BuildOptions, type Metafile, type Plugin } from 'esbuild'

const HERE = import.meta.dirname

/** Packages in CommonJS ask for Node's own modules in this way. */
const REQUIRE =
  "import{createRequire as createRequire_}from'node:module';const require=createRequire_(import.meta.url);"

/** Functions that work in the background or for other functions: they visit other sites and read their pages themselves. */
const WORKERS = ['deliver', 'outbound', 'retry', 'sweep', 'work']

const COMMON = {
  bundle: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  banner: { js: REQUIRE },
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
  absWorkingDir: join(HERE, '..'),
} satisfies BuildOptions

/**
 * Makes the functions for Netlify, each with what it needs and nothing else: what several of them share,
 * and what only some requests need, are chunks of their own. The build plugin goes beside them.
 *
 * @returns What is in which file, for whoever wants to measure.
 */
export async function bundleNetlify(outdir: string): Promise<Metafile> {
  const names = (await readdir(join(HERE, 'functions'))).map((name) => basename(name, '.ts'))
  const worker = await bundleWorker()
  const folder = join(outdir, 'functions')
  const parts = await Promise.all([
    bundleFunctions(
      names.filter(isWorker),
      folder,
      workerAsText(worker.outputFiles[0]?.text ?? ''),
    ),
    bundleFunctions(
      names.filter((name) => !isWorker(name)),
      folder,
      PAGES_READ_ELSEWHERE,
    ),
  ])
  await bundleBuildPlugin(join(outdir, 'netlify-build-plugin'))
  await writeFile(join(folder, 'LICENSES.txt'), await licensesOf(...parts, worker.metafile))
  const [one, other] = parts
  return {
    inputs: { ...one.inputs, ...other.inputs },
    outputs: { ...one.outputs, ...other.outputs },
  }
}

function isWorker(name: string): boolean {
  return WORKERS.includes(name)
}

async function bundleFunctions(
  names: readonly string[],
  outdir: string,
  plugin: Plugin,
): Promise<Metafile> {
  const { metafile, outputFiles } = await build({
    ...COMMON,
    entryPoints: names.map((name) => join(HERE, 'functions', `${name}.ts`)),
    outdir,
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    write: false,
    plugins: [plugin],
  })
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, withoutIdleRequire(text))
  }
  return metafile
}

/** The program of the worker threads, all of it in one text. */
function bundleWorker() {
  const entryPoints = [join(HERE, '../lib/site/page-worker.ts')]
  const options = { entryPoints, format: 'cjs', banner: {}, write: false } as const
  // It starts no workers itself.
  return build({ ...COMMON, ...options, plugins: [workerAsText('')] })
}

/**
 * Puts the program of the worker threads into the functions as text: Netlify's own bundler moves files, and finds
 * no worker that is named by its address.
 */
function workerAsText(program: string): Plugin {
  const contents = `export const PROGRAM = ${JSON.stringify(program)}`
  return {
    name: 'worker-as-text',
    setup({ onLoad }) {
      onLoad({ filter: /\/page-worker-program\.ts$/ }, () => ({ contents, loader: 'js' }))
    },
  }
}

/** Has the function `outbound` read the pages, so that no parser is carried along. */
const PAGES_READ_ELSEWHERE: Plugin = {
  name: 'pages-read-elsewhere',
  setup({ onResolve }) {
    onResolve({ filter: /\/page-parser-pool\.ts$/ }, () => ({
      path: join(HERE, 'page-parser-pool.ts'),
    }))
  },
}

/** Of the many chunks, few hold a package in CommonJS; for the others the line would be a tenth of them. */
function withoutIdleRequire(code: string): string {
  const rest = code.replace(REQUIRE, '').trimStart()
  return /\brequire\b/.test(rest) ? code : rest
}

async function bundleBuildPlugin(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const entryPoints = [join(HERE, 'build-plugin.ts')]
  await build({ ...COMMON, entryPoints, outfile: join(folder, 'index.js') })
  await copyFile(join(HERE, 'manifest.yml'), join(folder, 'manifest.yml'))
}

/** The licences of the packages that went in: they ask to be passed on. */
async function licensesOf(...parts: readonly Metafile[]): Promise<string> {
  const folders = new Set<string>()
  for (const path of parts.flatMap(({ inputs }) => Object.keys(inputs))) {
    const folder = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0]
    if (folder) folders.add(folder)
  }
  const texts = await Promise.all([...folders].toSorted().map(licenseOf))
  return texts.join(`\n${'-'.repeat(80)}\n`)
}

async function licenseOf(folder: string): Promise<string> {
  const place = join(HERE, '..', folder)
  const names = await readdir(place)
  const file = names.find((name) => /^licen[cs]e/i.test(name))
  const name = folder.split('node_modules/').at(-1) ?? basename(folder)
  const text = file
    ? await readFile(join(place, file), 'utf8')
    : 'See its package.json for the licence.'
  return `${name}\n\n${text.trim()}\n`
}
