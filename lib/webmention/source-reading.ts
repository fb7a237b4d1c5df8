import type { PageReading } from '../web/page-parser.ts'
import type { ReceivedEntry } from './received-entry.ts'

/** A source as it was fetched. Addresses and times as text: it goes to another thread. */
export interface SourcePage {
  readonly type: 'html' | 'json' | 'text'
  readonly body: string
  /** Where it really came from, after redirects. */
  readonly url: string
  readonly source: string
  readonly target: string
  /** The owner's profile URL. */
  readonly me: string
  /** Whether the target is our home page: what goes there is meant for us, not about it. */
  readonly isHome: boolean
  /** ISO 8601. */
  readonly now: string
}

/** What a page says of who may read it. */
export interface PageSigns {
  /** Every visibility that it names, of whatever part of it, in lower case. */
  readonly visibilities: readonly string[]
  /** It keeps itself out of search engines. */
  readonly isNoindex: boolean
}

/** What a source says: of itself, and of the target. */
export type SourceReading =
  | { readonly outcome: 'mentions'; readonly signs: PageSigns; readonly entry: ReceivedEntry }
  | {
      readonly outcome: 'absent'
      readonly status: 'gone' | 'no_link_found'
      /** How it links to the target's page instead. */
      readonly spelling?: string
    }
  | { readonly outcome: 'failed'; readonly status: 'too_large' | 'invalid_content' }

export const SOURCE_PAGE: PageReading<SourcePage, SourceReading, 'source'> = { name: 'source' }
