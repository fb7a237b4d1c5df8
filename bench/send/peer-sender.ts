/**
 * Sends with another library what our `send` sends, as politely: 4 requests at once for a host, 64 in all. Its caller
 * gives it the name of the library and a file with the pairs.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import { createHostLimit } from '../../lib/deploy/host-limit.ts'

interface Pair {
  readonly source: string
  readonly target: string
}
type Send = (pair: Pair) => Promise<unknown>

const SENDERS: Readonly<Record<string, () => Promise<Send>>> = {
  /** The two modules that its own command calls for each link. */
  async '@remy/webmention'() {
    const { default: lookUp } = await import('@remy/webmention/shared/lib/endpoint.js')
    const { default: send } = await import('@remy/webmention/shared/lib/send/index.js')
    return async ({ source, target }) => {
      const { endpoint } = await lookUp(target)
      if (!endpoint) throw new TypeError(`no endpoint at ${target}`)
      return send({ source, target, endpoint })
    }
  },
  async 'send-webmention'() {
    const { default: send } = await import('send-webmention')
    return ({ source, target }) =>
      new Promise<void>((resolve, reject) => {
        send(source, target, (error, { success, res } = { success: false }) => {
          res?.resume()
          if (error || !success) reject(error ?? new TypeError(`not sent to ${target}`))
          else resolve()
        })
      })
  },
}

const [name = '', file = ''] = process.argv.slice(2)
const pairs = JSON.parse(readFileSync(file, 'utf8')) as readonly Pair[]
const send = await SENDERS[name]?.()
if (!send) throw new TypeError(`there is no sender "${name}"`)
const limit = createHostLimit()
await Promise.all(pairs.map((pair) => limit.run(new URL(pair.target), () => send(pair))))
process.exit(0)
