/** A cookie of ours: never for scripts, never for requests that other sites make in the background. */
export interface CookieOptions {
  /** Whether the site is served over https: then the cookie is, too, and bound to this host alone. */
  readonly secure: boolean
  /** Seconds; 0 removes the cookie. */
  readonly maxAge: number
}

/** The name on the wire. A browser accepts `__Host-` only with Secure, without Domain and for `/`. */
function wireName(name: string, secure: boolean): string {
  return secure ? `__Host-${name}` : name
}

/** The value of a `Set-Cookie` header. `value` must be base64url or a JWT. */
export function setCookie(name: string, value: string, { secure, maxAge }: CookieOptions): string {
  const flags = `Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`
  return `${wireName(name, secure)}=${value}; ${flags}`
}

export function readCookie(
  request: Request,
  name: string,
  { secure }: Pick<CookieOptions, 'secure'>,
): string | undefined {
  const prefix = `${wireName(name, secure)}=`
  const pairs = (request.headers.get('cookie') ?? '').split(';').map((pair) => pair.trim())
  return pairs.find((pair) => pair.startsWith(prefix))?.slice(prefix.length)
}
