import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import { join } from 'node:path'

export interface Measurement {
  /** Wall time from before the process started until it was gone. */
  readonly seconds: number
  /** Time of all its threads on a processor. */
  readonly cpuSeconds: number
  /** Largest resident set; 0 for a process that is not Node. */
  readonly peakBytes: number
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

const RESOURCE_USAGE = pathToFileURL(join(import.meta.dirname, 'resource-usage.mjs')).href
/** On a build server the plugin asks for a place to keep its ledger, which has nothing to do with speed. */
const BUILD_SERVER_VARIABLES = ['CI', 'NETLIFY', 'GITHUB_ACTIONS']

/** On descriptor 3 the shell says in the end what its child used, in seconds of user and system time. */
const TIMED = `TIMEFORMAT='0 %3U %3S'; exec 4>&1 5>&2; { time "$@" >&4 2>&5 3>&-; } 2>&3`

/** Runs a script in a Node process of its own. */
export function measureNode(args: readonly string[], cwd: string): Promise<Measurement> {
  return measure(process.execPath, ['--import', RESOURCE_USAGE, ...args], cwd)
}

/** Runs a command that is not Node and waits for its end, whatever its exit code; 127: there is no such command. */
export function measureCommand(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<Measurement> {
  return measure('bash', ['-c', TIMED, 'bash', command, ...args], cwd)
}

async function measure(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<Measurement> {
  const env = { ...process.env }
  for (const name of BUILD_SERVER_VARIABLES) delete env[name]

  const start = performance.now()
  const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] })
  const gone = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve(code ?? 1))
  })
  const [, stdout, stderr, usage] = child.stdio
  if (!stdout || !stderr || !usage || !('read' in usage)) throw new TypeError('no pipes')
  const [exitCode, ...texts] = await Promise.all([gone, text(stdout), text(stderr), text(usage)])
  const seconds = (performance.now() - start) / 1000
  const [peakBytes = 0, ...cpu] = texts[2].split(' ').map(Number)
  const cpuSeconds = cpu.reduce((sum, each) => sum + each, 0)
  return { seconds, cpuSeconds, peakBytes, exitCode, stdout: texts[0], stderr: texts[1] }
}

/** What a failed process said last, for a table. */
export function lastWords({ stdout, stderr, exitCode }: Measurement): string {
  const lines = `${stdout}\n${stderr}`.split('\n').map((line) => line.trim())
  const errors = lines.filter((line) => /error|cannot|wrong/i.test(line))
  return `exit code ${exitCode}: ${(errors[0] ?? lines.findLast(Boolean) ?? '').slice(0, 100)}`
}
