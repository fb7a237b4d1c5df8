import * as v from 'valibot'
import { canParseUrl } from './parse-url.ts'

/** A URL as it is kept in JSON. */
export const UrlText = v.pipe(
  v.string(),
  v.check((text) => canParseUrl(text), 'no URL'),
)
