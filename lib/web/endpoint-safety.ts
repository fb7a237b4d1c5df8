import { isLoopbackHost } from './address-text.ts'

/** Whether an endpoint is no weaker than the page that names it: what an https page says must not depend on a plain connection. */
export function isAsSafeAs(page: URL, endpoint: URL): boolean {
  if (endpoint.username !== '' || endpoint.password !== '') return false
  if (endpoint.protocol === 'https:') return true
  if (endpoint.protocol !== 'http:') return false
  return page.protocol === 'http:' || isLoopbackHost(endpoint.hostname)
}
