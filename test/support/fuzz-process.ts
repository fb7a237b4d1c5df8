import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fuzzEnvironment, readFuzzReport, type FuzzOrder, type FuzzReport } from './fuzz-order.ts'

/** In milliseconds: for the start of a process, and for what a property does after its time is up. */
const GRACE = 90_000
/** Of what a process printed, its end is shown. */
const SHOWN = 4_000

export interface FuzzedFile {
  readonly reports: readonly FuzzReport[]
  /** The end of what the process printed. */
  readonly output: string
  readonly isTooSlow: boolean
}

/** Runs the property tests of a file in a process of their own. */
export async function fuzzFile(
  file: string,
  order: FuzzOrder,
  onReport: (report: FuzzReport) => void = () => {},
): Promise<FuzzedFile> {
  const child = fork(file, {
    execArgv: ['--import', import.meta.resolve('tsx'), '--test-name-pattern=\\(property\\)$'],
    env: fuzzEnvironment(order),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  const reports: FuzzReport[] = []
  child.on('message', (message) => {
    const report = readFuzzReport(message)
    reports.push(report)
    onReport(report)
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-SHOWN)
    })
  }
  const limit = limitOf(order)
  let isTooSlow = false
  const timer =
    limit === undefined
      ? undefined
      : setTimeout(() => {
          isTooSlow = true
          child.kill('SIGKILL')
        }, limit)
  await once(child, 'close')
  clearTimeout(timer)
  return { reports, output, isTooSlow }
}

function limitOf(order: FuzzOrder): number | undefined {
  if (order.do === 'list') return GRACE
  if (order.milliseconds === undefined) return undefined
  return order.milliseconds * order.names.length + GRACE
}
