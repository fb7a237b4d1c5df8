import { measureNode } from './measured-process.ts'

/** CPU of new processes that import a file, or nothing, in milliseconds. */
export async function importTimes(
  file: string | undefined,
  cwd: string,
  turns: number,
): Promise<readonly number[]> {
  const code = file === undefined ? '' : `await import(${JSON.stringify(file)})`
  const times: number[] = []
  for (let turn = 0; turn < turns; turn++) {
    const result = await measureNode(['--input-type=module', '--eval', code], cwd)
    if (result.exitCode !== 0) throw new TypeError(result.stderr)
    times.push(result.cpuSeconds * 1000)
  }
  return times
}
