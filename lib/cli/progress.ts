import { Writable } from 'node:stream'
import { SingleBar } from 'cli-progress'
import { redactSecrets } from '../web/redaction.ts'
import type { SendProgress } from '../deploy/send.ts'
import type { Terminal } from './command.ts'

/** Shows on standard error how far a run has come. */
export interface ProgressDisplay {
  report(progress: SendProgress): void
  /** Leaves the terminal as it was. */
  end(): void
}

/** A bar for people who watch, lines for logs. */
export function createProgressDisplay(terminal: Terminal): ProgressDisplay {
  return terminal.isInteractive ? createBar(terminal) : createLines(terminal)
}

function createBar(terminal: Terminal): ProgressDisplay {
  const bar = new SingleBar({
    format: '{bar} {value}/{total} {now}',
    barsize: 24,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    hideCursor: true,
    stream: terminalStream(terminal),
  })
  return {
    report(progress) {
      if (progress.step === 'planned' && progress.total > 0) {
        bar.start(progress.total, 0, { now: '' })
      } else if (progress.step === 'waiting') {
        bar.update({ now: waitingFor(progress.source) })
      } else if (progress.step === 'settled') {
        bar.increment({ now: progress.row.target })
      }
    },
    end() {
      if (bar.isActive) bar.stop()
    },
  }
}

function createLines(terminal: Terminal): ProgressDisplay {
  let total = 0
  let settled = 0
  return {
    report(progress) {
      if (progress.step === 'planned') total = progress.total
      else if (progress.step === 'waiting') terminal.error(`${waitingFor(progress.source)}\n`)
      else {
        const { target, outcome } = progress.row
        terminal.error(`${++settled}/${total} ${outcome} ${target}\n`)
      }
    },
    end() {},
  }
}

function waitingFor(source: URL): string {
  return `waiting until ${redactSecrets(source.href)} is live`
}

/** The bar writes to a stream and asks it whether it is a terminal. */
function terminalStream(terminal: Terminal): NodeJS.WritableStream {
  const stream = new Writable({
    write(chunk, _encoding, done) {
      terminal.error(String(chunk))
      done()
    },
  })
  return Object.assign(stream, { isTTY: true, columns: 80 })
}
