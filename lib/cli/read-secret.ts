import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'

/** Whatever a person types, it is one line of this length at most. */
const MAX_LENGTH = 1024

/**
 * Reads one line. From a terminal it is asked for and not shown; from a pipe it is just read.
 */
export async function readSecret(
  prompt: string,
  input: NodeJS.ReadStream,
  output: NodeJS.WriteStream,
): Promise<string> {
  const isTerminal = input.isTTY === true
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input, output: silent, terminal: isTerminal })
  try {
    if (isTerminal) output.write(prompt)
    for await (const line of reader) return line.slice(0, MAX_LENGTH)
    return ''
  } finally {
    if (isTerminal) output.write('\n')
    reader.close()
  }
}
