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

declare module '@remy/webmention/shared/lib/send/index.js' {
  export default function send(notification: {
    readonly source: string
    readonly target: string
    readonly endpoint: { readonly url: string; readonly type: 'webmention' | 'pingback' }
  }): Promise<unknown>
}

declare module 'send-webmention' {
  export default function sendWebmention(
    source: string,
    target: string,
    done: (
      error: unknown,
      result?: { readonly success: boolean; readonly res?: { resume(): void } },
    ) => void,
  ): void
}
