/**
 * The journal: what a sender did since the ledger was written last, one line for each fact.
 *
 * 1. {@link JournalHome.begin} – a run of a sender begins a journal of its own, in the state folder
 *    (journal-file.ts) or in a store (journal-record.ts)
 * 2. {@link JournalWriter.append} – before each request that could tell somebody: what is to be assumed if no other
 *    line follows; after it: what came of it. Lines that wait at the same moment share one write
 * 3. {@link replayJournals} – whoever reads the ledger reads it with all that the journals say
 * 4. `fold` (journaled-ledger.ts) – at the end of the run, and at the next start after a crash, the ledger learns it
 *    for good, and the journal is removed
 *
 * To replay a journal twice changes nothing: each line holds the whole record of its pair, and the last one counts.
 *
 * @module
 */
import * as v from 'valibot'
import { DeliveryRecord, RouteRecord, type Ledger } from './ledger.ts'

const JournalLine = v.union([
  v.object({
    record: DeliveryRecord,
    /** The protocol that this delivery has taught us. */
    learned: v.optional(RouteRecord),
  }),
  /** The pair is forgotten: a last send has come to its end, or the first came to nothing. */
  v.object({ over: v.object({ source: v.string(), target: v.string() }) }),
])
export type JournalLine = v.InferOutput<typeof JournalLine>

/** What one run of a sender has written. */
export interface Journal {
  readonly name: string
  readonly lines: readonly JournalLine[]
  /** Its run has certainly ended: nothing more is written to it. */
  readonly hasEnded: boolean
}

export interface JournalWriter {
  /** Resolves when the line would survive a power cut. */
  append(line: JournalLine): Promise<void>
  /** From now on, the journal has ended. */
  close(): Promise<void>
}

/** Where journals are kept. */
export interface JournalHome {
  /** All journals that there are, in the order of their runs. */
  read(): Promise<readonly Journal[]>
  /** Nothing is written before the first line. */
  begin(): JournalWriter
  remove(journals: readonly Journal[]): Promise<void>
}

/** The pair of a delivery, by which its record is found. */
export function pairOf({ source, target }: { source: URL | string; target: URL | string }): string {
  return `${String(source)} ${String(target)}`
}

/** A line from its text; `undefined` if it is none. */
export function parseJournalLine(text: string): JournalLine | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // fail closed because the parser's own message could quote a token
    return undefined
  }
  const result = v.safeParse(JournalLine, value)
  return result.success ? result.output : undefined
}

/** The ledger with what journals say, which is newer. */
export function replayJournals(ledger: Ledger, journals: readonly Journal[]): Ledger {
  const lines = journals.flatMap((journal) => journal.lines)
  if (lines.length === 0) return ledger
  const deliveries = new Map(ledger.deliveries.map((record) => [pairOf(record), record]))
  const routes = new Map(ledger.routes.map((route) => [endOf(route), route]))
  for (const line of lines) {
    if ('over' in line) {
      deliveries.delete(pairOf(line.over))
      continue
    }
    deliveries.set(pairOf(line.record), line.record)
    if (!line.learned) continue
    routes.delete(endOf(line.learned))
    routes.set(endOf(line.learned), line.learned)
  }
  return { ...ledger, deliveries: [...deliveries.values()], routes: [...routes.values()] }
}

/** One route is remembered for each other end and kind of post. */
function endOf({ to, exposure }: RouteRecord): string {
  return `${exposure} ${to}`
}
