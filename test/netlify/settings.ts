import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { secretText } from '../support/secrets.ts'

/** Alice's site, as its build left it in the ledger. */
export const SETTINGS: SiteRecord = {
  ...SITE_DEFAULTS,
  me: 'https://alice.example/',
  posts: ['private/**'],
  prefix: '/p/',
  pathPrefix: '/',
  input: '.',
  output: '_site',
  tokens: 'derived',
  exposure: 'refuse',
  auditExceptions: [
    {
      file: 'feed.xml',
      kind: 'title',
      post: 'private/dinner.md',
      why: 'the title is a common word',
    },
  ],
}

/** 32 bytes that nobody should use. */
export const SECRET = secretText()
