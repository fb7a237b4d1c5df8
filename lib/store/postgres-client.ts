import { setTimeout as sleep } from 'node:timers/promises'
import type postgres from 'postgres'
import { ConfigurationError } from '../web/errors.ts'
import { parseUrl } from '../web/parse-url.ts'
import { loadOptional } from './optional-package.ts'
import { isLost, postgresError } from './postgres-trouble.ts'

/** Connections of one process. Each statement takes a millisecond or two. */
const CONNECTIONS = 4
/** Seconds until a server counts as gone that does not take a connection. */
const CONNECT_SECONDS = 5
/** Seconds between two attempts to connect. */
const RECONNECT_SECONDS = 0.25
/** Milliseconds for one statement, the wait for a connection included. */
const DEADLINE = 15_000
/** Milliseconds before each further attempt, where the connection was lost. */
const PAUSES = [50, 250, 1_000]
/** Seconds that the process waits at its end for statements under way. */
const GOOD_BYE_SECONDS = 5

type Parameter = string | number | null

export interface PostgresClient {
  /** Host and database, for messages. */
  readonly place: string
  /**
   * Runs one statement, again where the connection is lost. So each statement must mean the same when it runs twice.
   *
   * @throws {StoreError} where it cannot be done now
   * @throws {ConfigurationError} where the server refuses the URL
   */
  query(text: string, parameters: readonly Parameter[]): Promise<readonly postgres.Row[]>
  /** Runs several statements in one transaction. */
  transact(statements: readonly string[]): Promise<void>
  /** Hears what is notified. `onConnect` is called when that begins, also after the connection was lost. */
  listen(channel: string, onNotify: (payload: string) => void, onConnect: () => void): void
  close(): Promise<void>
}

export interface PostgresClientOptions {
  /** `postgres://user:password@host:port/database?sslmode=…` */
  readonly url: string
  /** Milliseconds for one statement. */
  readonly deadline?: number
}

/**
 * Opens connections when they are needed.
 *
 * @throws {ConfigurationError} where the URL is none, or the package is not installed
 * @see [Postgres.js](https://github.com/porsager/postgres#readme)
 */
export async function openPostgres({
  url: text,
  deadline = DEADLINE,
}: PostgresClientOptions): Promise<PostgresClient> {
  const url = readPostgresUrl(text)
  const place = `PostgreSQL at ${url.host}${url.pathname}`
  const { default: connect } = await loadOptional('postgres', {
    load: () => import('postgres'),
    purpose: 'A store in PostgreSQL',
  })
  const sql = connect(url.href, {
    max: CONNECTIONS,
    connect_timeout: CONNECT_SECONDS,
    backoff: () => RECONNECT_SECONDS,
    // Spares a question at each connection: no types but those of PostgreSQL itself are used.
    fetch_types: false,
    onnotice: () => {},
    connection: { application_name: 'private-posts' },
  })

  return {
    place,
    query: (statement, parameters) => attempt(() => within(statement, parameters)),
    transact: (statements) =>
      attempt(async () => {
        await sql.begin(async (transaction) => {
          for (const statement of statements) await transaction.unsafe(statement)
        })
      }),
    listen(channel, onNotify, onConnect) {
      // @NOTE Where this fails, the client tries again by itself until `close`.
      sql.listen(channel, onNotify, onConnect).catch(() => {})
    },
    close: () => sql.end({ timeout: GOOD_BYE_SECONDS }),
  }

  async function attempt<Result>(action: () => Promise<Result>): Promise<Result> {
    for (const pause of PAUSES) {
      try {
        return await action()
      } catch (error) {
        if (!isLost(error)) throw postgresError(place, error)
      }
      await sleep(pause)
    }
    try {
      return await action()
    } catch (error) {
      throw postgresError(place, error)
    }
  }

  /** Also where the connection is silent, and the server cannot tell that it is slow. */
  async function within(
    statement: string,
    parameters: readonly Parameter[],
  ): Promise<readonly postgres.Row[]> {
    const query = sql.unsafe(statement, [...parameters], { prepare: true })
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        query.cancel()
        reject(Object.assign(new Error('no answer'), { code: '57014' }))
      }, deadline)
    })
    try {
      return await Promise.race([query, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

/** Whether this names a PostgreSQL database, and no folder. */
export function isPostgresUrl(text: string): boolean {
  return /^postgres(ql)?:/i.test(text)
}

/**
 * @throws {ConfigurationError} which does not quote it: there is a password in it
 */
function readPostgresUrl(text: string): URL {
  const url = parseUrl(text)
  if (!url || !isPostgresUrl(text) || url.host === '' || url.pathname.length < 2) {
    throw new ConfigurationError(
      'The URL of the PostgreSQL database cannot be read. It looks like postgres://user:password@host:5432/database. ' +
        'Letters such as "@", "/" or "#" in the password are written as %40, %2F, %23.',
    )
  }
  // For other clients only: the server would refuse it as a parameter of its own.
  url.searchParams.delete('channel_binding')
  return url
}
