import { randomBytes } from 'node:crypto'
import { ConfigurationError, StoreError } from '../web/errors.ts'
import { openPostgres, type PostgresClientOptions } from './postgres-client.ts'
import { preparePostgresTable, TABLE } from './postgres-table.ts'
import { createPostgresWatch } from './postgres-watch.ts'
import {
  isStoreKey,
  parseEntryText,
  serializeEntry,
  type ListOptions,
  type Store,
  type Stored,
  type StoreOptions,
} from './store.ts'

/** So many writes of a process lie between two looks at what has expired… */
const SWEEP_INTERVAL = 50
/** …of which at most so many go at once. */
const SWEPT = 500
/** Behind every letter that a key may hold. */
const BEHIND = '~'

/** Parameters: key, value, version, expires, now. */
const ALIVE = `(expires IS NULL OR expires > $5)`
/**
 * @NOTE `OR version = $3`: each write has a version of its own, so one that is sent again, because the connection was
 *   lost before the answer came, is told what the first one did; or `false`, where another writer came in between: never
 *   are two told `true`.
 */
const CREATE = `INSERT INTO ${TABLE} AS old (key, value, version, expires) VALUES ($1, $2, $3, $4)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, version = excluded.version, expires = excluded.expires
WHERE old.expires <= $5 OR old.version = $3`
const REPLACE = `UPDATE ${TABLE} SET value = $2, version = $3, expires = $4
WHERE key = $1 AND (version = $3 OR (version = $6 AND ${ALIVE}))`
const DELETE = `DELETE FROM ${TABLE} WHERE key = $1`
const GET = `SELECT value, version FROM ${TABLE} WHERE key = $1 AND (expires IS NULL OR expires > $2)`
const SWEEP = `DELETE FROM ${TABLE} WHERE expires <= $1 AND key IN
(SELECT key FROM ${TABLE} WHERE expires <= $1 ORDER BY expires LIMIT ${SWEPT} FOR UPDATE SKIP LOCKED)`

export interface PostgresStoreOptions extends PostgresClientOptions {
  readonly now: () => Date
  /** For the owner's log. */
  readonly report?: (line: string) => void
}

export interface PostgresStore extends Store {
  readonly watch: NonNullable<Store['watch']>
  close(): Promise<void>
}

/**
 * Keeps entries in a table of PostgreSQL, which several processes on several machines share. A write that was answered
 * is on that server's disk. Where the server is away, each method fails, and works again when the server is back.
 *
 * @throws {ConfigurationError} where the package, the role or the database is missing, or the server refuses it
 */
export async function createPostgresStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const { now, report } = options
  const client = await openPostgres(options)
  const watch = createPostgresWatch(client)
  let writes = 0
  let ready: Promise<void> | undefined
  await prepare().catch(async (error: unknown) => {
    if (error instanceof StoreError) return report?.(error.message)
    await client.close()
    throw error
  })

  return {
    async get(key) {
      if (!isStoreKey(key)) return undefined
      const [row] = await query(GET, [key, now().getTime()])
      return row && toStored({ key, ...row })
    },
    createIfAbsent: (key, value, storeOptions) => write(CREATE, key, value, storeOptions),
    replaceIf: (key, value, version, storeOptions) =>
      write(REPLACE, key, value, storeOptions, version),
    async delete(key) {
      if (isStoreKey(key)) await query(DELETE, [key])
    },
    async list(prefix, listOptions) {
      return (await listRows('key, value, version', prefix, listOptions)).map(toStored)
    },
    async listKeys(prefix, listOptions) {
      return (await listRows('key', prefix, listOptions)).map(({ key }) => String(key))
    },
    ...(report && { report }),
    watch: watch.watch,
    close: () => client.close(),
  }

  async function write(
    statement: string,
    key: string,
    value: unknown,
    { expires, announce = false }: StoreOptions = {},
    ...before: readonly string[]
  ): Promise<boolean> {
    const text = serializeEntry(key, value)
    const time = now().getTime()
    writes += 1
    if (writes % SWEEP_INTERVAL === 0) await query(SWEEP, [time])
    const version = randomBytes(9).toString('base64url')
    const returning = `${statement} RETURNING key`
    const rows = await query(announce ? watch.announcing(returning) : returning, [
      ...[key, text, version],
      expires?.getTime() ?? null,
      time,
      ...before,
    ])
    return rows.length > 0
  }

  async function listRows(
    columns: string,
    prefix: string,
    { after, limit = Infinity, reverse = false }: ListOptions = {},
  ) {
    // No key begins with anything else.
    if (!/^[\w./-]*$/.test(prefix) || limit <= 0) return []
    const order = reverse ? 'DESC' : 'ASC'
    const rest = after === undefined ? '' : `AND key ${reverse ? '<' : '>'} $5`
    return query(
      `SELECT ${columns} FROM ${TABLE} WHERE key >= $1 AND key < $2 AND (expires IS NULL OR expires > $3) ${rest}
ORDER BY key ${order} LIMIT $4`,
      [
        ...[prefix, prefix + BEHIND, now().getTime(), limit === Infinity ? null : limit],
        ...(after === undefined ? [] : [after]),
      ],
    )
  }

  async function query(statement: string, parameters: readonly (string | number | null)[]) {
    try {
      await (ready ?? prepare())
      return await client.query(statement, parameters)
    } catch (error) {
      // What was set up well at the start is trouble of the store now: whoever asked may come again.
      if (!(error instanceof ConfigurationError)) throw error
      throw new StoreError(error.message, { cause: error.cause })
    }
  }

  function prepare(): Promise<void> {
    ready = preparePostgresTable(client)
    // Where the server was away, the next call tries again.
    ready.catch(() => (ready = undefined))
    return ready
  }
}

function toStored(row: { readonly [column: string]: unknown }): Stored {
  return {
    key: String(row['key']),
    value: parseEntryText(row['value']),
    version: String(row['version']),
  }
}
