import * as v from 'valibot'
import { createRateLimit, type Rate } from '../store/rate-limit.ts'
import { RequestError } from '../web/errors.ts'
import { readJsonBody } from '../web/json-body.ts'
import { parseDomain } from '../web/user-address.ts'
import type { FmtpClient } from './connection.ts'
import type { FmtpOptions, FmtpSession } from './fmtp.ts'
import { MAX_VIA } from './parent.ts'

/** The servers that a question or a message has come through. */
export const Via = v.optional(
  v.pipe(v.array(v.pipe(v.string(), v.maxLength(260))), v.maxLength(2 * MAX_VIA)),
  [],
)

/**
 * Lets pass only a server that is set up as a child of ours, and no more often than it may. Others are told so:
 * who our children are is no secret to those who are not.
 *
 * @throws {RequestError} 403, 429
 */
export async function requireChild(
  { server }: FmtpSession,
  rate: Rate,
  { settings, store, now }: Pick<FmtpOptions, 'settings' | 'store' | 'now'>,
): Promise<void> {
  const isChild = settings.fmtp.children.some((child) => parseDomain(child) === server)
  if (!isChild) {
    throw new RequestError('access_denied', 'this is for the children of this server', {
      status: 403,
    })
  }
  const retryAfter = await createRateLimit(store, now)(rate, server)
  if (retryAfter === undefined) return
  throw new RequestError('rate_limit_exceeded', 'too many', { status: 429, retryAfter })
}

/**
 * Reads what a child sends.
 *
 * @throws {RequestError} 400, 413, 415
 */
export async function readChildRequest<Schema extends v.GenericSchema>(
  request: Request,
  schema: Schema,
  maxBytes: number,
): Promise<v.InferOutput<Schema>> {
  const result = v.safeParse(schema, await readJsonBody(request, { maxBytes }))
  if (result.success) return result.output
  const [issue] = result.issues
  const name = v.getDotPath(issue) ?? 'the request'
  throw new RequestError('invalid_request', `${name} is not of the expected form`)
}

/** Ourselves, as we ask others in the name of a child: nobody whom the question came from is asked again. */
export function clientFor(
  options: FmtpOptions,
  { server }: FmtpSession,
  via: readonly string[],
): FmtpClient {
  const { settings, ...rest } = options
  return { ...rest, fmtp: settings.fmtp, via: [...new Set([...via, server])] }
}

/** Whether it has been here before, or has come too far. */
export function isAstray(via: readonly string[], { address }: Pick<FmtpOptions, 'address'>) {
  return via.includes(address.domain) || via.length > MAX_VIA
}
