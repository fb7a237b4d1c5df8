import { Resolver } from 'node:dns/promises'
import { withDeadline } from './deadline.ts'
import { FetchError } from './errors.ts'

/** What we ask DNS besides addresses. */
export interface DnsResolver {
  /**
   * The TXT records of a name, each in one piece. Empty if the name has none, or does not exist.
   *
   * @throws {FetchError} where nobody could tell: no answer, or a broken one
   */
  txt(name: string): Promise<readonly string[]>
  /**
   * The mail exchangers of a domain, the preferred one first. Empty if it has none.
   *
   * @throws {FetchError} as for `txt`
   */
  mx(domain: string): Promise<readonly string[]>
}

export interface DnsResolverOptions {
  /** `address` or `address:port`; by default those of the system. */
  readonly servers?: readonly string[]
  /** Milliseconds for the first try. The system's resolver takes its time with the next one. */
  readonly timeout?: number
  readonly tries?: number
  /** Milliseconds for all tries at all servers. */
  readonly deadline?: number
}

/** A domain name server that is up answers in a tenth of it. */
const TIMEOUT = 2_000
const TRIES = 2
/** Two tries at one server. Where three are silent, it would be three times as long: who asks us does not wait. */
const DEADLINE = 7_000
/** More than any domain needs; a stranger's answer is as long as they like. */
const MAX_RECORDS = 20
/** That there is no such record, or no such name, is an answer. */
const ABSENCE = ['ENODATA', 'ENOTFOUND']

/** Asks real name servers. */
export function createDnsResolver({
  servers,
  timeout = TIMEOUT,
  tries = TRIES,
  deadline = DEADLINE,
}: DnsResolverOptions = {}): DnsResolver {
  const resolver = new Resolver({ timeout, tries })
  if (servers) resolver.setServers([...servers])

  return {
    async txt(name) {
      const records = await ask(name, () => withDeadline(resolver.resolveTxt(name), deadline))
      return records.slice(0, MAX_RECORDS).map((chunks) => chunks.join(''))
    },
    async mx(domain) {
      const records = await ask(domain, () => withDeadline(resolver.resolveMx(domain), deadline))
      return records
        .toSorted((one, other) => one.priority - other.priority)
        .map(({ exchange }) => exchange.toLowerCase().replace(/\.$/, ''))
        .filter((exchange) => exchange !== '')
        .slice(0, MAX_RECORDS)
    },
  }
}

async function ask<Answer>(name: string, query: () => Promise<Answer[]>): Promise<Answer[]> {
  try {
    return await query()
  } catch (error) {
    const code = codeOf(error)
    if (ABSENCE.includes(code)) return []
    throw new FetchError(`DNS did not answer for ${name} (${code})`, { cause: error })
  }
}

function codeOf(error: unknown): string {
  if (error instanceof FetchError) return 'ETIMEOUT'
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
}
