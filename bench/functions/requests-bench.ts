import { join } from 'node:path'
import { SERVER_MODULE } from '../build/plugin.ts'
import { pathToFileURL } from 'node:url'
import { clientOf, createLoad, type Ask } from '../load.ts'
import { startServer, type MeasuredServer } from '../measured-server.ts'
import { atLeast, progress, type Aim } from '../report.ts'
import { buildServedSite, freePort, serveSite } from '../serve/site.ts'
import { describeSpread, ratioOf, spreadOf } from '../statistics.ts'
import { TSX } from '../send/crowd.ts'

const CONNECTIONS = 16
const REQUESTS = 3_000
const TURNS = 5
const FORM = 'application/x-www-form-urlencoded'
const CODE = new URLSearchParams({
  ...{ grant_type: 'authorization_code', code: 'x'.repeat(43) },
  redirect_uri: 'https://client.example/callback',
  client_id: 'https://client.example/',
  code_verifier: 'y'.repeat(43),
}).toString()

interface Subject {
  readonly name: string
  readonly server: MeasuredServer
  readonly askOf: (number: number) => Ask
  /** The status of a request that went all its way. */
  readonly status: number
}

/** Requests that one second of CPU answers, by an empty handler and by ours in the same server. */
export async function benchRequests(
  work: string,
): Promise<{ readonly aims: readonly Aim[]; readonly note: string; readonly data: object }> {
  const folder = await buildServedSite(work)
  const port = await freePort()
  const module = pathToFileURL(SERVER_MODULE).href
  const program = join(import.meta.dirname, 'empty-server.ts')
  const empty = await startServer({
    args: ['--import', TSX, program, module, String(port)],
    cwd: folder,
    port,
  })
  const served = await serveSite(folder, ['--trust-proxy'])
  const load = createLoad(CONNECTIONS)
  const subjects: readonly Subject[] = [
    { name: 'empty', server: empty, askOf: () => ({ url: empty.url }), status: 200 },
    {
      name: 'gate',
      server: served,
      askOf: (number) => ({
        url: new URL('/private/abcdefghijkl/', served.url),
        headers: { 'x-forwarded-for': clientOf(number) },
      }),
      status: 401,
    },
    {
      name: 'token',
      server: served,
      askOf: (number) => ({
        ...{ url: new URL('/indieauth/token', served.url), method: 'POST', body: CODE },
        headers: { 'content-type': FORM, 'x-forwarded-for': clientOf(number) },
      }),
      status: 400,
    },
  ]
  const rates = new Map<Subject, number[]>(subjects.map((subject) => [subject, []]))
  try {
    for (let turn = 0; turn <= TURNS; turn++) {
      progress(`functions: requests ${turn}/${TURNS}`)
      for (const subject of subjects) {
        const rate = await measure(subject, turn)
        // The first turn warms up.
        if (turn > 0) rates.get(subject)?.push(rate)
      }
    }
  } finally {
    load.close()
    await empty.stop()
    await served.stop()
  }
  const [first, ...others] = subjects
  const peer = (first && rates.get(first)) ?? []
  const results = others.map((subject) => {
    const own = rates.get(subject) ?? []
    return { name: subject.name, perCpuSecond: spreadOf(own), ratio: ratioOf(own, peer) }
  })
  const described = results.map(
    ({ name, perCpuSecond }) => `${name} ${describeSpread(perCpuSecond, { digits: 0 })}`,
  )
  return {
    aims: results.map(({ name, ratio }) =>
      atLeast(
        `requests that a CPU second of ${name} answers`,
        0.5,
        ratio.median,
        '× empty handler',
      ),
    ),
    note: `Requests that one second of the server’s CPU answers, over ${CONNECTIONS} connections: an empty handler ${describeSpread(spreadOf(peer), { digits: 0 })}, ${described.join(', ')}. The gate is asked without a token, the token endpoint with a code that it does not know, each request by another client.`,
    data: { empty: spreadOf(peer), results },
  }

  async function measure({ name, server, askOf, status }: Subject, turn: number): Promise<number> {
    const before = await server.usage()
    const statuses = await load.run(REQUESTS, (number) => askOf(turn * REQUESTS + number))
    const after = await server.usage()
    if (statuses.get(status) !== REQUESTS) {
      throw new TypeError(`${name} answered ${JSON.stringify([...statuses])}`)
    }
    return REQUESTS / (after.cpuSeconds - before.cpuSeconds)
  }
}
