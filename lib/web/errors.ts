/** Codes that a client of ours can see. They are the wire values of OAuth 2.0, not ours. */
export type RequestErrorCode =
  | 'invalid_request'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_scope'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'access_denied'
  | 'unauthorized'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'
  | 'rate_limit_exceeded'
  | 'temporarily_unavailable'

/** A request made to us breaks the protocol. `code`, `status` and the message go on the wire, `cause` never. */
export class RequestError extends Error {
  override readonly name = 'RequestError'
  readonly code: RequestErrorCode
  readonly status: number
  /** How many seconds the client should wait, for 429 and 503. */
  readonly retryAfter: number | undefined

  constructor(
    code: RequestErrorCode,
    message: string,
    options?: ErrorOptions & { status?: number; retryAfter?: number },
  ) {
    super(message, options)
    this.code = code
    this.status = options?.status ?? 400
    this.retryAfter = options?.retryAfter
  }
}

/** A response given to us breaks the protocol. It is never turned into an answer of our own. */
export class ResponseError extends Error {
  override readonly name = 'ResponseError'
}

/** The network failed, or a peer was too slow, too large, or at an address that we do not visit. */
export class FetchError extends Error {
  override readonly name = 'FetchError'
  /** `refused`: we would not go there, and trying again changes nothing. */
  readonly kind: 'refused' | 'failed'
  /** When the peer asked to be left alone until then. */
  readonly notBefore: Date | undefined

  constructor(
    message: string,
    options?: ErrorOptions & { kind?: 'refused' | 'failed'; notBefore?: Date | undefined },
  ) {
    super(message, options)
    this.kind = options?.kind ?? 'failed'
    this.notBefore = options?.notBefore
  }
}

/**
 * What we keep cannot be read or written now: the disk is full, for example. Whoever asked is answered 503, and may
 * come again; the message, for the owner's log, names the place, the cause and the remedy.
 */
export class StoreError extends Error {
  override readonly name = 'StoreError'
}

/** The site is set up wrongly. The message names the file or option, the value and the remedy. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  /** Asks Eleventy to print the message alone: where in our code it was thrown helps no author. */
  readonly skipOriginalStack = true
}
