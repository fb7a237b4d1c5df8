const TEXT_TYPE = /^text\/|^application\/(javascript|json|xml)|[+](json|xml)$/
/** What a browser runs scripts in when somebody opens it. */
const DOCUMENT_TYPE = /^text\/html$|[/+]xml$|^text\/xsl$/
/** A document beside the post was not made by the site's own templates: it may show, not act. The post may frame it. */
const SANDBOX =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"

/**
 * Answers with a file of a gated post. Whole, or in the part that was asked for: players of sound and
 * film insist on parts.
 *
 * @param path Below the post; `''`, and what ends in `/`, is a page of its own.
 * @see [RFC 9110 §14](https://www.rfc-editor.org/rfc/rfc9110#section-14)
 */
export async function fileResponse(
  request: Request,
  path: string,
  content: Uint8Array,
  headers: Headers,
): Promise<Response> {
  const isPage = path === '' || path.endsWith('/')
  const type = isPage ? 'text/html' : await typeOf(path)
  headers.set('content-type', TEXT_TYPE.test(type) ? `${type}; charset=utf-8` : type)
  const isForeign = !isPage && DOCUMENT_TYPE.test(type)
  headers.set('content-security-policy', isForeign ? SANDBOX : "frame-ancestors 'none'")
  headers.set('accept-ranges', 'bytes')

  const range = parseRange(request, content.length)
  if (range === 'unsatisfiable') {
    headers.set('content-range', `bytes */${content.length}`)
    headers.set('content-length', '0')
    return new Response(null, { status: 416, headers })
  }
  const part = range ? content.subarray(range.first, range.last + 1) : content
  headers.set('content-length', String(part.length))
  if (range) headers.set('content-range', `bytes ${range.first}-${range.last}/${content.length}`)
  return new Response(new Uint8Array(part), { status: range ? 206 : 200, headers })
}

/** The list of types is a tenth of what the gate loads, so it is loaded for attachments only. */
async function typeOf(path: string): Promise<string> {
  const { lookup } = await import('mrmime')
  return lookup(path) ?? 'application/octet-stream'
}

interface Range {
  readonly first: number
  readonly last: number
}

/** One range of bytes. Anything else is ignored, as the specification allows: the whole file is right, too. */
function parseRange(request: Request, length: number): Range | 'unsatisfiable' | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(request.headers.get('range') ?? '') ?? []
  // Nothing here has a validator, so that "if it is still the same" cannot be answered with yes.
  if (from === undefined || to === undefined || request.headers.has('if-range')) return undefined
  if (from === '' && to === '') return undefined
  const first = from === '' ? Math.max(0, length - Number(to)) : Number(from)
  const last = from === '' || to === '' ? length - 1 : Math.min(Number(to), length - 1)
  if (from !== '' && to !== '' && Number(from) > Number(to)) return undefined
  return first <= last ? { first, last } : 'unsatisfiable'
}
