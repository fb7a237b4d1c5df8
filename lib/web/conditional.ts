/** By what a client that has seen an answer asks whether there is a newer one. */
export interface Validators {
  /** With its quotes. */
  readonly etag: string
  readonly lastModified: Date | undefined
}

/**
 * Whether the client has this answer already, and is told so by 304. The date counts only where the client names no
 * entity tag.
 *
 * @see [RFC 9110 §13.2.2](https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2)
 */
export function isKnownToClient(
  { headers }: Pick<Request, 'headers'>,
  { etag, lastModified }: Validators,
): boolean {
  const tags = headers.get('if-none-match')
  if (tags !== null) {
    const known = tags.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
    return known.includes('*') || known.includes(etag)
  }
  const since = Date.parse(headers.get('if-modified-since') ?? '')
  // A date of HTTP has whole seconds.
  return lastModified !== undefined && since >= Math.floor(lastModified.getTime() / 1000) * 1000
}

export function validatorHeaders({ etag, lastModified }: Validators): Record<string, string> {
  return { etag, ...(lastModified && { 'last-modified': lastModified.toUTCString() }) }
}
