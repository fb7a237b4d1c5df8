/** Peers that publish no types: what is called of them. */
declare module 'get-webmention-url' {
  export default function getWebmentionUrl(
    target: string,
    done: (error: unknown, endpoint: string | undefined) => void,
  ): void
}

declare module '@remy/webmention/shared/lib/endpoint.js' {
  interface Found {
    readonly endpoint?: { readonly url: string; readonly type: 'webmention' | 'pingback' } | null
  }
  export default function endpoint(target: string): Promise<Found>
}

declare module '@whalecoiner/webmention-endpoint-discovery' {
  export default function resolveEndpoint(target: string): Promise<string | undefined>
}
