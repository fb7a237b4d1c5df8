import { Agent, request } from 'node:http'

/** One request of many. */
export interface Ask {
  readonly url: URL
  readonly method?: 'GET' | 'POST'
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** A caller that keeps so many connections to a server busy. */
export function createLoad(connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  return { ask, run, close: () => agent.destroy() }

  /** Each request of the list, as many at once as there are connections, and the statuses of the answers. */
  async function run(count: number, askOf: (number: number) => Ask): Promise<Map<number, number>> {
    const statuses = new Map<number, number>()
    let next = 0
    const worker = async () => {
      while (next < count) {
        const { status } = await ask(askOf(next++))
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    await Promise.all(Array.from({ length: connections }, worker))
    return statuses
  }

  function ask({ url, method = 'GET', headers = {}, body }: Ask) {
    return new Promise<{ status: number; text: string; cookies: readonly string[] }>(
      (resolve, reject) => {
        const asked = request(url, { method, agent, headers }, (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (chunk: string) => (text += chunk))
          response.on('error', reject)
          response.on('end', () =>
            resolve({
              ...{ status: response.statusCode ?? 0, text },
              cookies: response.headers['set-cookie'] ?? [],
            }),
          )
        })
        asked.on('error', reject)
        asked.end(body)
      },
    )
  }
}

/** An address of a network of its own: the limits per client are kept, and met by nobody. */
export function clientOf(number: number): string {
  return `11.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`
}
