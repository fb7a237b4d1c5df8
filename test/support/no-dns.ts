import type { DnsResolver } from '../../lib/web/dns.ts'

/** A world in which no name has a record of any kind. */
export const NO_DNS: DnsResolver = { txt: async () => [], mx: async () => [] }
