import { ConfigurationError } from '../web/errors.ts'
import { codeOf } from './postgres-trouble.ts'
import type { PostgresClient } from './postgres-client.ts'

/** In the first schema of the connection's `search_path`: `public`, if nothing else is said. */
export const TABLE = 'private_posts_entries'

/** Any number, the same in every process: one of them creates the table, the others wait. */
const LOCK = 7_246_915_382

/** "C": keys are compared byte by byte, so that what begins with a prefix is one range of the index. */
const CREATE = [
  `CREATE TABLE IF NOT EXISTS ${TABLE} (
  key text COLLATE "C" PRIMARY KEY,
  value text NOT NULL,
  version text NOT NULL,
  expires bigint
)`,
  `CREATE INDEX IF NOT EXISTS ${TABLE}_expires ON ${TABLE} (expires) WHERE expires IS NOT NULL`,
]

/**
 * Creates the table of the entries, unless it is there.
 *
 * @throws {ConfigurationError} where the role may not, with the SQL for one who may
 */
export async function preparePostgresTable(client: PostgresClient): Promise<void> {
  if (await isThere(client)) return
  try {
    await client.transact([`SELECT pg_advisory_xact_lock(${LOCK})`, ...CREATE])
  } catch (error) {
    // No right to create, or no schema to create it in.
    const { cause } = error instanceof Error ? error : {}
    if (!['42501', '3F000'].includes(codeOf(cause))) throw error
    throw new ConfigurationError(
      `${client.place}: this role may not create the table "${TABLE}". To do: let the owner of the database run\n\n` +
        `${CREATE.join(';\n')};\nGRANT SELECT, INSERT, UPDATE, DELETE ON ${TABLE} TO <role>;\n`,
      { cause },
    )
  }
}

async function isThere({ query }: PostgresClient): Promise<boolean> {
  const rows = await query('SELECT to_regclass($1) IS NOT NULL AS there', [TABLE])
  return rows[0]?.['there'] === true
}
