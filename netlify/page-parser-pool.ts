import type { PageParser } from '../lib/web/page-parser.ts'
import { readOutbound } from './outbound.ts'

/**
 * Stands in for `lib/web/page-parser-pool.ts` in the functions that answer requests (see bundle.ts): another function
 * reads the pages, and these carry no parser.
 */
export const pool: { readonly parse: PageParser } = { parse: readOutbound(process.env) }
