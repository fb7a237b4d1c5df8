// Serves a site with Netlify's own emulator, asks it for some paths, and prints what it answered. In a
// process of its own, because the emulator leaves handles open.
import { NetlifyDev } from '@netlify/dev'

const [projectRoot, ...paths] = process.argv.slice(2)
const off = { enabled: false }
const dev = new NetlifyDev({
  projectRoot,
  serverAddress: 'http://localhost:8888',
  ...{ edgeFunctions: off, images: off, database: off, aiGateway: off, geolocation: off },
  logger: { log() {}, warn: console.error, error: console.error },
})
await dev.start()
const answers = []
for (const argument of paths) {
  const [path, authorization] = argument.split(' Authorization: ')
  const headers = authorization === undefined ? {} : { authorization }
  const request = new Request(`http://localhost:8888${path}`, { redirect: 'manual', headers })
  const { response, type } = (await dev.handleAndIntrospect(request)) ?? {}
  answers.push({ path, type, status: response?.status, body: await response?.text() })
}
console.log(JSON.stringify(answers))
process.exit()
