import { checkCommand } from '../../lib/cli/check.ts'
import { run } from '../../lib/cli/run.ts'

/** Files that `private-posts check` names in a folder, for findings of such kinds. */
export async function filesFound(folder: string, kinds: readonly string[]): Promise<string[]> {
  let out = ''
  await run([checkCommand], ['check', '--json'], {
    cwd: folder,
    environment: {},
    terminal: { out: (text) => void (out += text), error: () => undefined, isInteractive: false },
    now: () => new Date('2026-11-21T12:00:00Z'),
    readSecret: async () => '',
    signal: new AbortController().signal,
  })
  const { findings } = JSON.parse(out) as { findings: { file: string; kind: string }[] }
  return findings.filter(({ kind }) => kinds.includes(kind)).map(({ file }) => file)
}
