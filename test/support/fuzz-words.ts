import type { FuzzOptions } from './fuzz-options.ts'
import type { Failure, FuzzReport } from './fuzz-order.ts'

export function describeAmount({ minutes, seedCount, seed, runs }: FuzzOptions): string {
  const seeds = seed === undefined ? `${seedCount ?? 'new'} seeds` : `seed ${seed}`
  const time = minutes === undefined ? '' : `, at most ${minutes} minutes`
  return `${seeds}, ${runs} runs for each${time}`
}

/** What one property has passed so far. */
export function describePassed(file: string, name: string, reports: readonly FuzzReport[]): string {
  const passed = reports.flatMap((one) => (one.kind === 'passed' && one.name === name ? one : []))
  const runs = passed.reduce((sum, one) => sum + one.runs, 0)
  const time = passed.reduce((sum, one) => sum + one.milliseconds, 0)
  const cost = runs === 0 ? '' : `, ${(time / runs).toFixed(2)} ms a run`
  return `${passed.length} seeds, ${runs} runs${cost}: ${file}: ${name}`
}

/** Everything that somebody needs who wants to see the failure again. */
export function describeFailure(file: string, { name, seed, path, message }: Failure): string {
  return `${file}: "${name}" does not hold.
seed ${seed}, path "${path}"
Repeat it: ${commandFor(file, name, seed, path)}
${message}`
}

export function describeUnfinished(
  file: string,
  name: string,
  { seed, isTooSlow, output }: { seed: number | undefined; isTooSlow: boolean; output: string },
): string {
  const why = isTooSlow ? 'did not come to an end' : 'was not run to its end'
  const command = seed === undefined ? '' : `\nRepeat it: ${commandFor(file, name, seed)}`
  return `${file}: "${name}" ${why}.${command}\n${output}`
}

function commandFor(file: string, name: string, seed: number, path = ''): string {
  const property = `'${name.replaceAll("'", `'\\''`)}'`
  const at = path === '' ? '' : ` --path=${path}`
  return `npm run test:fuzz -- ${file} --property ${property} --seed=${seed}${at}`
}
