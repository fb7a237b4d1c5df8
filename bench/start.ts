/**
 * Measures the plugin against what people use instead.
 *
 * 1. `build/` – the build of a generated site, against plain Eleventy and other ways to N copies
 * 2. `discovery/` – endpoint discovery, right and fast, against other libraries
 * 3. `audit/` – the leak audit, against `grep`
 *
 * Every time is a ratio to a named peer measured in the same run, in turns with it.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { benchAudit } from './audit/audit-bench.ts'
import { benchBuild } from './build/build-bench.ts'
import { createWorkFolder } from './build/generated-site.ts'
import { compilePlugin } from './build/plugin.ts'
import { benchDiscovery } from './discovery/discovery-bench.ts'
import { HELP, parseOptions, type BenchOptions } from './options.ts'
import { renderReport, type Report } from './report.ts'

const MACHINE = `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB`

try {
  const options = parseOptions(process.argv.slice(2))
  if (options) await bench(options)
  else process.stdout.write(HELP)
} catch (error) {
  process.stderr.write(`bench: ${error instanceof TypeError ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function bench(options: BenchOptions): Promise<void> {
  const reports: Record<string, Report> = {}
  const folder = createWorkFolder()
  try {
    if (options.tables.some((table) => table !== 'discovery')) await compilePlugin()
    for (const table of options.tables) {
      if (table === 'build') reports[table] = await benchBuild(folder, options)
      if (table === 'discovery') reports[table] = await benchDiscovery()
      if (table === 'audit') reports[table] = await benchAudit(folder, options)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (options.json) {
    const data = Object.entries(reports).map(([table, report]) => [table, report.data])
    const { tables: _, json: __, ...sizes } = options
    const result = { machine: MACHINE, options: sizes, ...Object.fromEntries(data) }
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    return
  }
  process.stdout.write(`${MACHINE}\nTimes: median (lowest–highest).\n\n`)
  for (const report of Object.values(reports)) process.stdout.write(`${renderReport(report)}\n`)
}
