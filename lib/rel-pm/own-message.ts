import { endpoint, type Endpoint } from '../web/endpoint.ts'
import { FetchError, RequestError } from '../web/errors.ts'
import { field, readForm } from '../web/form.ts'
import { bearerToken, NO_STORE } from '../web/oauth.ts'
import { timeLimit } from '../web/time-limit.ts'
import { pushStanding } from './bring.ts'
import { discoverPmEndpoint } from './discovery.ts'
import { MAX_FORM_BYTES, WORK_TIMEOUT } from './limits.ts'
import { findCurrentLetter, looksLikeName } from './message-name.ts'
import { parsePlace } from './profile.ts'
import { CALL_PURPOSE, type PmOptions } from './rel-pm.ts'
import { openSentStates } from './sent-state.ts'

/**
 * One message of the owner's, for whoever shows a call that we signed ourselves: a `send` at the terminal.
 *
 * - `GET ?version=`: what became of that version of it
 * - `POST ?version=` with `to`: brings it at once, if there is a standing token for that recipient; the answer
 *   is the same. Where it says `waiting`, nothing was done, and it has to be announced
 */
export function ownMessage(
  name: string,
  options: PmOptions,
  refuse: (error: RequestError) => Response,
): Endpoint {
  const { secrets, fetch, allowLoopback = false } = options
  return endpoint({ GET: show, POST: bring }, refuse)

  async function show(request: Request): Promise<Response> {
    return stateOf(await versionIn(request))
  }

  async function bring(request: Request): Promise<Response> {
    const version = await versionIn(request)
    const form = await readForm(request, { maxBytes: MAX_FORM_BYTES })
    const to = parsePlace(field(form, 'to'), allowLoopback)
    if (!to) throw new RequestError('invalid_request', '"to" has to be a profile URL')
    const addressed = await findCurrentLetter(name, to, options)
    if (addressed?.letter.version !== version) return Response.json(WAITING, { headers: NO_STORE })

    const web = { fetch, signal: timeLimit(WORK_TIMEOUT) }
    try {
      const place = await discoverPmEndpoint(to, { ...options, ...web })
      const answer = place && (await pushStanding(addressed, place, options, web))
      if (answer?.status !== 'taken') return Response.json(WAITING, { headers: NO_STORE })
    } catch (error) {
      if (!(error instanceof FetchError)) throw error
      return Response.json(WAITING, { headers: NO_STORE })
    }
    await openSentStates(options).record(name, version, { state: 'handed over' })
    return stateOf(version)
  }

  async function stateOf(version: string): Promise<Response> {
    return Response.json(await openSentStates(options).find(name, version), { headers: NO_STORE })
  }

  async function versionIn(request: Request): Promise<string> {
    const call = await secrets.open('call', bearerToken(request) ?? '')
    if (!call.valid || call.claims.purpose !== CALL_PURPOSE) {
      throw new RequestError('invalid_token', 'this is for the owner', { status: 401 })
    }
    const version = new URL(request.url).searchParams.get('version')
    if (!looksLikeName(name) || version === null) {
      throw new RequestError('invalid_request', 'there is no such message', { status: 404 })
    }
    return version
  }
}

/** Also what is answered where an attempt failed: an announcement tells the author more of that than we could. */
const WAITING = { state: 'waiting' } as const
