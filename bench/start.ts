/**
 * Measures the plugin against what people use instead. Each folder is one part (options.ts says what each measures).
 * Every time is a ratio to a named peer measured in the same run, in turns with it, or stands beside an aim.
 *
 * @module
 */
import { rmSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { benchAudit } from './audit/audit-bench.ts'
import { benchBuild } from './build/build-bench.ts'
import { createWorkFolder } from './build/generated-site.ts'
import { benchGrowth } from './build/growth-bench.ts'
import { compilePlugin, eleventyVersion } from './build/plugin.ts'
import { benchDiscovery } from './discovery/discovery-bench.ts'
import { benchFunctions } from './functions/functions-bench.ts'
import { benchInbox } from './inbox/inbox-bench.ts'
import { benchLedger } from './ledger/ledger-bench.ts'
import { HELP, PARTS, parseOptions, type BenchOptions, type Part } from './options.ts'
import { benchReceive } from './receive/receive-bench.ts'
import { progress, renderReport, type Report } from './report.ts'
import { benchSend } from './send/send-bench.ts'
import { writeResults } from './results.ts'

const MACHINE = `Node ${process.versions.node}, Eleventy ${eleventyVersion()}, ${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}`

const RUN: Readonly<Record<Part, (work: string, options: BenchOptions) => Promise<Report>>> = {
  build: benchBuild,
  growth: benchGrowth,
  audit: benchAudit,
  ledger: benchLedger,
  send: benchSend,
  receive: benchReceive,
  inbox: benchInbox,
  functions: benchFunctions,
  discovery: benchDiscovery,
}

try {
  const options = parseOptions(process.argv.slice(2))
  if (options) await bench(options)
  else process.stdout.write(HELP)
} catch (error) {
  process.stderr.write(`bench: ${error instanceof TypeError ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function bench(options: BenchOptions): Promise<void> {
  const start = performance.now()
  const reports = new Map<Part, Report>()
  const folder = createWorkFolder()
  try {
    await compilePlugin()
    for (const part of options.parts) {
      const began = performance.now()
      progress(`--- ${part}`)
      reports.set(part, await RUN[part](folder, options).catch((error) => failed(part, error)))
      progress(`--- ${part}: ${((performance.now() - began) / 1000).toFixed(0)} s`)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const minutes = (performance.now() - start) / 60_000
  if (options.write || options.parts.length === PARTS.length) {
    const date = new Date().toISOString().slice(0, 10)
    await writeResults(reports, { machine: MACHINE, date, minutes })
  }
  if (options.json) {
    const data = [...reports].map(([part, report]) => [
      part,
      { aims: report.aims ?? [], data: report.data },
    ])
    const { parts: _, json: __, write: ___, ...sizes } = options
    const result = { machine: MACHINE, options: sizes, ...Object.fromEntries(data) }
    process.stdout.write(`${JSON.stringify(result, null, 2)}\n`)
    return
  }
  process.stdout.write(`${MACHINE}\nTimes: median (lowest–highest).\n\n`)
  for (const report of reports.values()) process.stdout.write(`${renderReport(report)}\n`)
}

/** The other parts are measured nevertheless. */
function failed(part: Part, error: unknown): Report {
  process.exitCode = 1
  const reason = error instanceof TypeError ? error.message : String(error)
  progress(`${part} FAILED: ${reason}`)
  return {
    ...{ title: `FAILED: ${reason}`, columns: ['nothing was measured'], rows: [], notes: [] },
    data: { failed: reason },
  }
}
