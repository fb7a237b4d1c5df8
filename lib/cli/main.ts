#!/usr/bin/env node
/**
 * `private-posts`: the process around the commands. Nothing else in `lib` knows the process.
 *
 * @module
 */
import { checkCommand } from './check.ts'
import type { CommandContext } from './command.ts'
import { initCommand } from './init.ts'
import { inboxCommand } from './inbox.ts'
import { ledgerCommand } from './ledger.ts'
import { linksCommand } from './links.ts'
import { readSecret } from './read-secret.ts'
import { revokeCommand } from './revoke.ts'
import { rotateCommand } from './rotate.ts'
import { routesCommand } from './routes.ts'
import { run } from './run.ts'
import { sendCommand } from './send.ts'
import { serveCommand } from './serve.ts'
import { shareCommand } from './share.ts'
import { statusCommand } from './status.ts'

const COMMANDS = [
  initCommand,
  sendCommand,
  linksCommand,
  statusCommand,
  routesCommand,
  revokeCommand,
  rotateCommand,
  shareCommand,
  checkCommand,
  ledgerCommand,
  inboxCommand,
  serveCommand,
]

const interruption = new AbortController()
// Once: the second time, the process dies as any other.
process.once('SIGINT', () => interruption.abort())
process.once('SIGTERM', () => interruption.abort())

const context: CommandContext = {
  cwd: process.cwd(),
  environment: process.env,
  terminal: {
    out: writer(process.stdout),
    error: writer(process.stderr),
    isInteractive: process.stdout.isTTY === true,
  },
  now: () => new Date(),
  readSecret: (prompt) => readSecret(prompt, process.stdin, process.stderr),
  signal: interruption.signal,
}

// Not `process.exit`, which cuts off what a pipe has not taken yet.
process.exitCode = await run(COMMANDS, process.argv.slice(2), context)

/** `private-posts links | head`: the reader may go, the work must still be done and recorded. */
function writer(stream: NodeJS.WriteStream): (text: string) => void {
  let isOpen = true
  stream.on('error', () => {
    isOpen = false
  })
  return (text) => {
    if (isOpen) stream.write(text)
  }
}
