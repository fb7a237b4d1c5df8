import { randomBytes } from 'node:crypto'
import { createGroupCommit } from '../store/group-commit.ts'
import type { Store, Stored } from '../store/store.ts'
import { ConfigurationError } from '../web/errors.ts'
import { parseJournalLine, type JournalHome, type JournalLine } from './journal.ts'

const PREFIX = 'journal/'

/**
 * Keeps journals as entries of a store, where a host has no lasting files. Each write makes one entry,
 * `journal/RUN/NUMBER`, with the lines that waited at the same moment: at most two small writes for a delivery.
 */
export function openJournalRecord(store: Store): JournalHome {
  /** Entries that this process has written, of a run that is over. Of others it cannot know. */
  const closed = new Set<string>()

  return {
    read: async () =>
      (await store.list(PREFIX)).map((entry) => ({
        name: entry.key,
        lines: linesOf(entry),
        hasEnded: closed.has(entry.key),
      })),

    begin() {
      let run: string | undefined
      const written: string[] = []
      const append = createGroupCommit(async (lines: readonly JournalLine[]) => {
        run ??= await nameRun()
        const key = `${PREFIX}${run}/${number(written.length + 1)}`
        if (!(await store.createIfAbsent(key, lines))) {
          throw new Error('An entry of a journal that has just begun is there already')
        }
        written.push(key)
      })
      return { append, close: async () => written.forEach((key) => closed.add(key)) }
    },

    async remove(journals) {
      await Promise.all(journals.map(({ name }) => store.delete(name)))
    },
  }

  async function nameRun(): Promise<string> {
    const last = Number.parseInt((await store.list(PREFIX)).map(runOf).at(-1) ?? '0', 10)
    return `${number(last + 1)}-${randomBytes(6).toString('hex')}`
  }
}

function number(value: number): string {
  return String(value).padStart(6, '0')
}

function runOf({ key }: Stored): string {
  return key.split('/')[1] ?? ''
}

/** @throws {ConfigurationError} if another version, or nobody of ours, wrote the entry */
function linesOf({ key, value }: Stored): readonly JournalLine[] {
  const lines = Array.isArray(value)
    ? value.map((line) => parseJournalLine(JSON.stringify(line)))
    : []
  const known = lines.flatMap((line) => line ?? [])
  if (known.length > 0 && known.length === lines.length) return known
  throw new ConfigurationError(
    `${key} in the store: this is no part of a journal of deliveries. To do: delete this entry; what it says was sent may then be sent once more.`,
  )
}
