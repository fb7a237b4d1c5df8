import { mkdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bundleNetlify } from '../../netlify/bundle.ts'
import { importTimes } from '../import-times.ts'
import { benchRequests } from './requests-bench.ts'
import { atMost, progress, type Aim, type Report } from '../report.ts'
import { describeSpread, spreadOf } from '../statistics.ts'

/** Functions whose answer a person or a machine waits for. */
const ANSWERING = ['gate', 'token', 'authorization', 'keys', 'mentions', 'webmention', 'inbox']
const WORKERS = ['deliver', 'outbound', 'retry', 'sweep', 'work']
const TURNS = 7
const HEAVY = ['undici', 'parse5', 'sanitize-html', 'markdown-it', 'microformats-parser', 'tldts']

/** What each function of a site on Netlify weighs, and how long importing it takes. */
export async function benchFunctions(work: string): Promise<Report> {
  const folder = join(work, 'functions')
  mkdirSync(folder, { recursive: true })
  progress('functions: bundling')
  const { outputs } = await bundleNetlify(folder)
  const empty = await importTimes(undefined, folder, TURNS)
  const names = Object.entries(outputs)
    .filter(([, { entryPoint }]) => entryPoint !== undefined)
    .map(([file]) => file)
    .filter((file) => !file.includes('/chunks/'))
  const rows: string[][] = []
  const aims: Aim[] = []
  const data: object[] = []
  for (const file of names.toSorted()) {
    const name = basename(file, '.js')
    progress(`functions: ${name}`)
    const times = await importTimes(join(folder, 'functions', `${name}.js`), folder, TURNS)
    const import_ = spreadOf(times.map((time, turn) => time - (empty[turn] ?? 0)))
    const atStart = sizeOf(file, ['import-statement'])
    const all = sizeOf(file, ['import-statement', 'dynamic-import'])
    const heavy = HEAVY.filter((each) => all.packages.has(each))
    rows.push([
      name,
      describeSpread(import_, { digits: 0 }),
      (atStart.bytes / 1000).toFixed(0),
      (all.bytes / 1000).toFixed(0),
      heavy.join(', ') || 'none',
    ])
    data.push({ name, importMilliseconds: import_, atStart: atStart.bytes, all: all.bytes, heavy })
    if (ANSWERING.includes(name)) {
      aims.push(atMost(`import of ${name} above an empty function`, 60, import_.median, ' ms'))
      aims.push(atMost(`size of ${name}`, 300, all.bytes / 1000, ' KB'))
    }
  }
  rmSync(folder, { recursive: true, force: true })
  const requests = await benchRequests(work)
  return {
    title: `The functions on Netlify (CPU of importing each in a new process, ${TURNS} times)`,
    columns: [
      'function',
      'import: CPU ms',
      'KB at start',
      'KB in all',
      'carries of the large packages',
    ],
    rows,
    aims: [...aims, ...requests.aims],
    profile:
      'of the import of a function, about half is the schemas of valibot being built and half the compilation of the module; of a request to the gate or the token endpoint, the Fetch standard’s Request, Response and streams, which the empty handler makes as well, the rate limit, and the signature.',
    notes: [
      'Import: CPU above a process that imports nothing. KB: minified, unzipped, without what Netlify adds itself.',
      `${WORKERS.join(', ')} work in the background, by the clock, or for other functions, and carry what visits and parses other sites.`,
      requests.note,
    ],
    data: { functions: data, requests: requests.data },
  }

  function sizeOf(start: string, kinds: readonly string[]) {
    const seen = new Set<string>()
    const packages = new Set<string>()
    const todo = [start]
    let bytes = 0
    for (let file = todo.pop(); file !== undefined; file = todo.pop()) {
      const output = outputs[file]
      if (!output || seen.has(file)) continue
      seen.add(file)
      bytes += output.bytes
      for (const input of Object.keys(output.inputs)) {
        const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1]
        if (name !== undefined) packages.add(name)
        // The program of the worker threads is one text, with its parsers inside.
        if (input.includes('page-worker-program')) {
          for (const each of ['parse5', 'sanitize-html', 'microformats-parser']) packages.add(each)
        }
      }
      for (const { kind, path, external } of output.imports) {
        if (external !== true && kinds.includes(kind)) todo.push(path)
      }
    }
    return { bytes, packages }
  }
}
