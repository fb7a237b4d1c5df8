/** Where sites keep their address: `metadata.url`, `site.baseUrl`, … */
const PLACES = ['metadata', 'meta', 'site', 'siteConfig', 'config']
const KEYS = ['url', 'baseUrl', 'baseURL', 'base', 'origin', 'domain', 'host', 'siteUrl']

/** What the data of a page call the address of the site. */
export function addressesInData(data: Readonly<Record<string | symbol, unknown>>): string[] {
  return PLACES.flatMap((place) => {
    const value = data[place]
    if (typeof value !== 'object' || value === null) return []
    return KEYS.flatMap((key) => {
      const address: unknown = Reflect.get(value, key)
      return typeof address === 'string' || address instanceof URL ? [String(address)] : []
    })
  })
}
