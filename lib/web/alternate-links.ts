import type { PageReading } from './page-parser.ts'

/** What a page names as another form of itself, or as a feed (`rel=alternate`, `rel=feed`). */
export interface AlternateLink {
  /** Absolute, and of the web. */
  readonly href: string
  /** As the page has it. */
  readonly reference: string
  readonly type?: string
  readonly title?: string
}

export const ALTERNATES_IN_PAGE: PageReading<
  { readonly html: string; readonly url: string },
  readonly AlternateLink[],
  'alternates'
> = { name: 'alternates' }
