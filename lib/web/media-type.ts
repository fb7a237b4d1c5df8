const HTML_TYPES = ['text/html', 'application/xhtml+xml']

/** The type and subtype of a response in lower case, or `''` if it names none. */
export function mediaType(response: Response): string {
  return (response.headers.get('content-type') ?? '').split(';', 1).join('').trim().toLowerCase()
}

export function isHtml(response: Response): boolean {
  return HTML_TYPES.includes(mediaType(response))
}

export function isJson(response: Response): boolean {
  return /^application\/(.+\+)?json$/.test(mediaType(response))
}
