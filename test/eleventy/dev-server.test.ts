import assert from 'node:assert/strict'
import { once } from 'node:events'
import { afterEach, describe, it } from 'node:test'
import { WebSocket } from 'ws'
import { createSite, post, type Site } from '../support/site.ts'
import { until, watch, type Watcher } from '../support/watch.ts'

const WORD = /quokka/
const TITLE = 'title: The quokka\naudience: ["mailto:quokka@bob.example"]'

let site: Site | undefined
let watcher: Watcher | undefined
let socket: WebSocket | undefined
afterEach(() => {
  socket?.terminate()
  watcher?.stop()
  site?.dispose()
})

/** What Eleventy's own server tells the browsers that show its pages, with the overlay of errors among it. */
async function serve(): Promise<readonly string[]> {
  site = createSite({
    'index.md': post('title: Home', 'Hello.'),
    'private/x.md': post(TITLE, 'A quokka whistles.'),
    'private/private.json': '{"place": "here"}',
  })
  await site.eleventy()
  watcher = watch(site, ['--serve', '--port=0'])
  const { log } = watcher
  await until(() => /Server at http:\/\/localhost:\d+/.test(log()), log)
  const [, port] = /Server at http:\/\/localhost:(\d+)/.exec(log()) ?? []
  const told: string[] = []
  socket = new WebSocket(`ws://localhost:${port}/`)
  socket.on('message', (data) => void told.push(String(data)))
  await once(socket, 'open')
  return told
}

/** Writes a file, and waits for the next message of this type. */
async function write(told: readonly string[], type: string, path: string, text: string) {
  const before = told.length
  const fresh = () => told.slice(before).find((message) => JSON.parse(message).type === type)
  await until(
    () => fresh() !== undefined,
    () => `${watcher?.log()}\n${told.join('\n')}`,
    () => site?.write({ [path]: text }),
  )
  return fresh() ?? assert.fail()
}

describe("Eleventy's own server", () => {
  it('tells a browser no word of a private post, whether or not it can be built', async () => {
    const told = await serve()
    const letter = 'private/x.md'
    const fails = async (path: string, text: string) => {
      const error = await write(told, 'eleventy.error', path, text)
      assert.ok(error.includes(path), error)
      assert.match(error, /To do: /, text)
      assert.doesNotMatch(error, WORD, text)
    }
    await fails(letter, post(TITLE, 'one\n{% quokka %}'))
    await fails(letter, post(TITLE, '{{ "a quokka" | quokka }}'))
    await fails(letter, '---\ntitle: [quokka\naudience: [Mum]\nplace: here\n---\n')
    await fails(letter, post('title: The quokka\naudience: [quokka.example]', 'Hello.'))
    await write(told, 'eleventy.reload', letter, post(TITLE, 'Another quokka whistles.'))
    await fails('private/private.json', '{"title": "a quokka')
    assert.doesNotMatch(told.join('\n'), WORD)
  })

  it('tells it in full what is wrong with a public post', async () => {
    const told = await serve()
    const text = post('title: Home', '{% quokka %}')
    assert.match(await write(told, 'eleventy.error', 'index.md', text), WORD)
  })
})
