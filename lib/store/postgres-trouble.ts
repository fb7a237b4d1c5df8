/** What PostgreSQL, or the way to it, says when something cannot be done: what it means, and what helps. */
import { ConfigurationError, StoreError } from '../web/errors.ts'

/** Codes for which the same may be asked again: the connection is lost, or the server is just starting or stopping. */
const LOST =
  /^(CONNECTION_CLOSED|CONNECTION_ENDED|CONNECTION_DESTROYED|CONNECT_TIMEOUT|E[A-Z_]+|08...|57P0[1-3]|53300)$/

const STORE_CAUSES: Readonly<Record<string, readonly [cause: string, remedy: string]>> = {
  '25006': ['this server is read-only', 'name the primary server'],
  '42501': ['this role lacks a right', 'grant it SELECT, INSERT, UPDATE and DELETE on the table'],
  '42P01': ['the table has gone', 'restart this process, which creates it'],
  '53100': ['no space is left on its disk', 'free some space there'],
  '53200': ['no memory is left', 'give that machine more memory'],
  '53300': ['it has too many connections', 'raise max_connections, or run fewer processes'],
  '57014': ['it took too long', 'look at what that server does'],
}
const SETUP_CAUSES: Readonly<Record<string, readonly [cause: string, remedy: string]>> = {
  '28P01': ['it refuses the password', 'correct the user and the password in the URL'],
  '28000': ['it refuses this user', 'allow the user in pg_hba.conf, or correct the URL'],
  '3D000': ['there is no such database', 'create it (createdb), or correct the URL'],
  '42704': ['it does not know a parameter of the URL', 'correct what follows the "?" in the URL'],
  '22023': ['it refuses a parameter of the URL', 'correct what follows the "?" in the URL'],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'its certificate is signed by nobody who is known here',
    'name the file of that authority in NODE_EXTRA_CA_CERTS',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'its certificate is signed by itself',
    'name its file in NODE_EXTRA_CA_CERTS',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'its certificate is signed by nobody who is known here',
    'name the file of that authority in NODE_EXTRA_CA_CERTS',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'its certificate is for another name',
    'use the name of the certificate in the URL',
  ],
}

export function isLost(error: unknown): boolean {
  return LOST.test(codeOf(error))
}

/** The code of PostgreSQL, of the client, or of the system. */
export function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}

/**
 * The error for whoever called. `place` is where, without user and password.
 *
 * The cause is made anew: what the client throws also carries the values of the statement.
 */
export function postgresError(place: string, error: unknown): ConfigurationError | StoreError {
  if (error instanceof StoreError || error instanceof ConfigurationError) return error
  const code = codeOf(error)
  const setup = SETUP_CAUSES[code]
  const [cause, remedy] =
    setup ??
    STORE_CAUSES[code] ??
    (isLost(error)
      ? ['it does not answer', 'start the server, or correct the URL']
      : ['the cause is not known', 'look into the log of that server'])
  const message = `${place}: cannot be used (${code}: ${cause}). To do: ${remedy}.`
  const options = { cause: Object.assign(new Error(`PostgreSQL: ${code}`), { code }) }
  return setup ? new ConfigurationError(message, options) : new StoreError(message, options)
}
