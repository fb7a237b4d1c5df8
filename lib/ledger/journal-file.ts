import { constants } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { open, readdir, readFile, rm, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { syncFolder } from '../store/durable-file.ts'
import { createGroupCommit } from '../store/group-commit.ts'
import { makePrivateFolder, OWNER_ONLY_FILE } from '../store/private-folder.ts'
import { describeCause, systemCodeOf } from '../store/store-error.ts'
import { ConfigurationError } from '../web/errors.ts'
import { ifVanished } from '../web/vanished.ts'
import {
  parseJournalLine,
  type Journal,
  type JournalHome,
  type JournalLine,
  type JournalWriter,
} from './journal.ts'
import { isSending } from './send-lock.ts'
import { journalFolderOf, stateFolderAt } from './state-folder.ts'

/** Its place in the order of the runs, and what makes its name one of a kind: none is removed in another's place. */
const NAME = /^(\d{6,})-[0-9a-f]{12}\.jsonl$/

const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants
/** Each write ends when it is on the disk, where the system knows how; elsewhere {@link createWriter} sees to it. */
const APPEND_DURABLY = O_APPEND | O_CREAT | O_EXCL | O_WRONLY | (constants.O_DSYNC ?? 0)

/** Keeps journals in the state folder beside the ledger `file`, one file for each run. */
export function openJournalFolder(ledger: string): JournalHome {
  const folder = journalFolderOf(ledger)
  /** Those that this process has begun, and closed. */
  const closed = new Set<string>()
  const names = async () =>
    (await readdir(folder).catch(ifVanished([]))).filter((name) => NAME.test(name)).toSorted()

  return {
    async read() {
      // In this order: a journal that was there while nobody was sending has ended.
      const found = await names()
      if (found.length === 0) return []
      const isQuiet = !(await isSending(ledger))
      const journals = await Promise.all(
        found.map((name) => readJournal(name, isQuiet || closed.has(name))),
      )
      return journals.flatMap((journal) => journal ?? [])
    },

    begin() {
      let name: string | undefined
      const create = async () => {
        makePrivateFolder(stateFolderAt(ledger))
        makePrivateFolder(folder)
        const last = Number(NAME.exec((await names()).at(-1) ?? '')?.[1] ?? 0)
        const number = String(last + 1).padStart(6, '0')
        name = `${number}-${randomBytes(6).toString('hex')}.jsonl`
        const handle = await open(join(folder, name), APPEND_DURABLY, OWNER_ONLY_FILE)
        await syncFolder(folder)
        return handle
      }
      return createWriter(create, folder, () => closed.add(name ?? ''))
    },

    async remove(journals) {
      await Promise.all(journals.map(({ name }) => rm(join(folder, name), { force: true })))
    },
  }

  async function readJournal(name: string, hasEnded: boolean): Promise<Journal | undefined> {
    const file = join(folder, name)
    const text = await readFile(file, 'utf8').catch(ifVanished(undefined))
    return text === undefined ? undefined : { name, hasEnded, lines: parseJournal(text, file) }
  }
}

/**
 * The lines of a journal. What stands after the last end of a line is left out: it was being written when the
 * process or the machine stopped, and nobody went on before it was written.
 *
 * @throws {ConfigurationError} if another line cannot be read; nothing is lost then
 */
function parseJournal(text: string, file: string): readonly JournalLine[] {
  return text
    .split('\n')
    .slice(0, -1)
    .map((line, index) => {
      const parsed = parseJournalLine(line)
      if (parsed) return parsed
      throw new ConfigurationError(
        `${file}, line ${index + 1}: this is no line of a journal of deliveries; the file was changed or damaged. To do: restore the line, or delete it; what it says was sent may then be sent once more.`,
      )
    })
}

/** Appends to a file that is made with the first line. Lines that wait at the same moment share one `fsync`. */
function createWriter(
  create: () => Promise<FileHandle>,
  place: string,
  onClose: () => void,
): JournalWriter {
  let handle: FileHandle | undefined
  /** Bytes that are there for certain. */
  let length = 0
  let isTorn = false

  const append = createGroupCommit(async (lines: readonly string[]) => {
    try {
      handle ??= await create()
      if (isTorn) await handle.truncate(length)
      isTorn = true
      const bytes = Buffer.from(lines.join(''))
      await handle.appendFile(bytes)
      if (constants.O_DSYNC === undefined) await handle.datasync()
      length += bytes.byteLength
      isTorn = false
    } catch (cause) {
      if (systemCodeOf(cause) === undefined) throw cause
      throw new ConfigurationError(describeCause(place, systemCodeOf(cause)), { cause })
    }
  })
  return {
    append: (line) => append(`${JSON.stringify(line)}\n`),
    async close() {
      await handle?.close()
      onClose()
    },
  }
}
