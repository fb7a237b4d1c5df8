import { RequestError } from './errors.ts'

/** What the host tells of a request besides the request. */
export interface RequestContext {
  /** Keeps the process alive, after the answer is sent, until the work is done. */
  waitUntil(work: Promise<unknown>): void
  /** The client's network address, where the host knows it: for rate limits only. */
  readonly clientAddress?: string
}

/** Answers requests. Every server of ours, and every site in a test, is one of these. */
export type Endpoint = (request: Request, context?: RequestContext) => Promise<Response>

type Methods = Partial<Record<'GET' | 'HEAD' | 'POST' | 'OPTIONS', Endpoint>>

/**
 * Routes by method; `answer` is how this endpoint's spec words a refusal. Where there is a GET, HEAD
 * is answered like it, without the body.
 */
export function endpoint(
  methods: Methods,
  answer: (error: RequestError, request: Request) => Response,
): Endpoint {
  const head: Methods = methods.GET ? { HEAD: withoutBody(methods.GET) } : {}
  const all: Methods = { ...head, ...methods }
  const allow = Object.keys(all).join(', ')

  return async (request, context) => {
    const respond = Object.hasOwn(all, request.method)
      ? all[request.method as keyof Methods]
      : undefined
    if (!respond) return new Response(null, { status: 405, headers: { allow } })
    try {
      return await respond(request, context)
    } catch (error) {
      if (error instanceof RequestError) return answer(error, request)
      throw error
    }
  }
}

function withoutBody(get: Endpoint): Endpoint {
  return async (request, context) => {
    const { status, headers } = await get(request, context)
    return new Response(null, { status, headers })
  }
}
