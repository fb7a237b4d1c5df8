import type { OwnerSignIn } from '../../lib/indieauth/owner-sign-in.ts'
import { createInboxEndpoint, type InboxEndpointOptions } from '../../lib/inbox/endpoint.ts'
import { startSession } from '../../lib/jwt/session.ts'
import { cookieOf, createBench, ME, SITE, type Bench } from './messages.ts'

export const PASSPHRASE = 'twelve mighty words'

export interface Owner extends Bench {
  /** Asks as the owner's browser does. */
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  /** Presses a button of the page at `path`, with its form's own fields unless told otherwise. */
  press(button: string, fields?: Readonly<Record<string, string>>, path?: string): Promise<Response>
  /** Asks without being signed in, or as told. */
  ask(path: string, init?: RequestInit): Promise<Response>
  readonly cookie: string
}

/** The owner in front of their inbox. */
export async function createOwner(
  options: Partial<InboxEndpointOptions> & { readonly bench?: Bench } = {},
): Promise<Owner> {
  const bench = options.bench ?? createBench()
  const { inbox, secrets, store, now } = bench
  const signInOwner: OwnerSignIn = async (passphrase) => {
    if (passphrase === 'too often') return { signedIn: false, retryAfter: 60 }
    if (passphrase !== PASSPHRASE) return { signedIn: false }
    const claims = { reader: ME.href, by: 'passphrase' } as const
    return {
      signedIn: true,
      cookies: [await startSession(claims, { secrets, site: SITE }), 'device=ddddd; Path=/'],
    }
  }
  const endpoint = createInboxEndpoint({
    ...{ site: SITE, me: ME, paths: { inbox: '/inbox' }, inbox, secrets, store, now },
    signInOwner,
    ...options,
  })
  const cookie = await cookieOf(bench)
  const ask = (path: string, init: RequestInit = {}) =>
    endpoint(new Request(new URL(path, SITE), init))
  const get: Owner['get'] = (path, headers = {}) => ask(path, { headers: { cookie, ...headers } })

  return {
    ...bench,
    cookie,
    ask,
    get,
    async press(button, fields = {}, path = '/inbox') {
      const page = await (await get(path)).text()
      const body = new URLSearchParams({ do: button, ...hiddenFields(page), ...fields })
      return ask('/inbox', { method: 'POST', headers: { cookie }, body })
    },
  }
}

/** Of the first form of a page. */
export function hiddenFields(page: string): Record<string, string> {
  const [form = ''] = /<form[^>]*action="\/inbox"[\s\S]*?<\/form>/.exec(page) ?? []
  const fields = form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]))
}

/** Values of the buttons of a page. */
export function buttonsOf(page: string): string[] {
  return [...page.matchAll(/name="do"\s+value="([^"]*)"/g)].map(([, value = '']) => value)
}
