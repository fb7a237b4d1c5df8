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

/** The site is set up wrongly. The message names the file or option, the value and the remedy. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
}
