import * as v from 'valibot'
import { ResponseError } from './errors.ts'
import { readJsonOrForm } from './json-or-form.ts'

/** Longer than any token that we have seen, and short enough for a header. */
const MAX_TOKEN_LENGTH = 4096
/** What can stand in an `Authorization` header, and nothing that could end it. */
const Token = v.pipe(v.string(), v.maxLength(MAX_TOKEN_LENGTH), v.regex(/^[\x21-\x7e]+$/))
/** Some servers write numbers as text, in form encoding all of them do. */
const Seconds = v.pipe(
  v.union([v.number(), v.pipe(v.string(), v.regex(/^\d{1,10}$/), v.transform(Number))]),
  v.minValue(1),
)

const TokenAnswer = v.object({
  access_token: Token,
  token_type: v.optional(v.pipe(v.string(), v.regex(/^bearer$/i)), 'Bearer'),
  expires_in: v.nullish(Seconds),
  refresh_token: v.nullish(Token),
  me: v.nullish(v.string()),
})

/** What a token endpoint of somebody else gave us. */
export type ReceivedToken = v.InferOutput<typeof TokenAnswer>

/**
 * Judges the answer of a token endpoint. Where it names no type, Bearer is meant: the founding document
 * of private webmentions knows no other.
 *
 * @throws {ResponseError} if there is no token in it that could be used; it says nothing of the answer's text
 * @see [RFC 6749 §5.1](https://www.rfc-editor.org/rfc/rfc6749#section-5.1)
 */
export async function processTokenResponse(response: Response): Promise<ReceivedToken> {
  const result = v.safeParse(TokenAnswer, await readJsonOrForm(response))
  if (result.success) return result.output
  const name = v.getDotPath(result.issues[0]) ?? 'access_token'
  throw new ResponseError(`the token endpoint gave no usable "${name}"`)
}
