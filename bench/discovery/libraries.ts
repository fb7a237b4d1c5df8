import { createGuardedFetch } from '../../lib/web/guarded-fetch.ts'
import { discoverWebmentionEndpoint } from '../../lib/webmention/discovery.ts'
import { HOST } from './host.ts'

/** Finds an endpoint, finds none, or rejects. */
export type Discover = (target: URL) => Promise<string | undefined>

export interface Library {
  readonly name: string
  readonly discover: Discover
}

/** The peer that times are compared with. */
export const PEER = 'get-webmention-url 2.0.0'

/** Ours first. The others are called as their documentation says, or as their own sender calls them. */
export async function loadLibraries(
  ports: readonly number[],
): Promise<readonly (Library | { readonly missing: string })[]> {
  return [
    { name: 'this plugin', discover: ours(ports) },
    await load(PEER, getWebmentionUrl),
    await load('@remy/webmention 1.5.0', remy),
    await load('@whalecoiner/…-discovery 1.0.0', whalecoiner),
  ]
}

/** As in a delivery, with all that guards it, except that this machine may be visited. */
function ours(ports: readonly number[]): Discover {
  const lookup = async (name: string) => (name === HOST ? ['127.0.0.1'] : [])
  const { fetch } = createGuardedFetch({ allowLoopback: true, ports, lookup })
  return async (target) => (await discoverWebmentionEndpoint(target, { fetch }))?.href
}

async function getWebmentionUrl(): Promise<Discover> {
  const { default: lookUp } = await import('get-webmention-url')
  return (target) =>
    new Promise((resolve, reject) => {
      lookUp(target.href, (error, endpoint) => (error ? reject(error) : resolve(endpoint)))
    })
}

/** Remembers every target as long as the process lives. A pingback endpoint is another thing. */
async function remy(): Promise<Discover> {
  const { default: lookUp } = await import('@remy/webmention/shared/lib/endpoint.js')
  return async (target) => {
    const { endpoint } = await lookUp(target.href)
    return endpoint?.type === 'webmention' ? endpoint.url : undefined
  }
}

/** Says by rejecting with `false` that there is no endpoint. */
async function whalecoiner(): Promise<Discover> {
  const { default: lookUp } = await import('@whalecoiner/webmention-endpoint-discovery')
  return (target) => lookUp(target.href)
}

async function load(
  name: string,
  create: () => Promise<Discover>,
): Promise<Library | { readonly missing: string }> {
  try {
    return { name, discover: await create() }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') return { missing: name }
    throw error
  }
}
