import dns, { type LookupAddress } from 'node:dns'

/** One library refuses `127.0.0.1` and `localhost` as no URLs, so the server has a name as on the web. */
export const HOST = 'rocks.example'

const ADDRESS = '127.0.0.1'

type Done = (error: null, address: string | LookupAddress[], family?: number) => void

/** From now on, {@link HOST} is this machine for everything in this process that asks the system. */
export function answerForHost(): void {
  const { lookup } = dns
  const lookupWithHost = (hostname: string, options: dns.LookupOptions | Done, done?: Done) => {
    const answer = typeof options === 'function' ? options : done
    if (hostname !== HOST || !answer) return Reflect.apply(lookup, dns, [hostname, options, done])
    const isAll = typeof options === 'object' && options.all === true
    process.nextTick(() => {
      if (isAll) answer(null, [{ address: ADDRESS, family: 4 }])
      else answer(null, ADDRESS, 4)
    })
  }
  Object.assign(dns, { lookup: lookupWithHost })
}
