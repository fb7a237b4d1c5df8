import type { PostgresClient } from './postgres-client.ts'
import type { Store } from './store.ts'

/** One for the whole database; the payload is a key, which shows nothing and is short enough. */
const CHANNEL = 'private_posts'

export interface PostgresWatch {
  readonly watch: NonNullable<Store['watch']>
  /** The statement, which returns keys, so that it also tells all processes of them when it is committed. */
  announcing(statement: string): string
}

/**
 * Tells the processes that share a database of new entries.
 *
 * @see [PostgreSQL, NOTIFY](https://www.postgresql.org/docs/15/sql-notify.html)
 */
export function createPostgresWatch(client: PostgresClient): PostgresWatch {
  const watchers = new Set<{ readonly prefix: string; readonly listener: () => void }>()
  let isListening = false

  return {
    watch(prefix, listener) {
      const watcher = { prefix, listener }
      watchers.add(watcher)
      if (!isListening) {
        isListening = true
        // What was announced while the connection was lost is not told again: so all look.
        client.listen(CHANNEL, wake, () => wake(''))
      }
      return () => watchers.delete(watcher)
    },
    announcing: (statement) =>
      `WITH written AS (${statement}) SELECT pg_notify('${CHANNEL}', key) FROM written`,
  }

  function wake(key: string): void {
    for (const { prefix, listener } of watchers) {
      if (key === '' || key.startsWith(prefix)) listener()
    }
  }
}
