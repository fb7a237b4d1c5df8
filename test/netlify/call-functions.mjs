// Calls functions as Netlify does, in a process that has nothing but them: a list of calls comes in on the
// standard input as JSON, the answers go out in the same way, with the files that were loaded for them.
import { register } from 'node:module'
import { basename } from 'node:path'
import { text } from 'node:stream/consumers'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'

const { port1, port2 } = new MessageChannel()
const HOOKS = `
  let port
  export const initialize = (data) => { port = data.port }
  export const load = (url, context, next) => {
    port.postMessage(url)
    return next(url, context)
  }`
register(`data:text/javascript,${encodeURIComponent(HOOKS)}`, {
  data: { port: port2 },
  transferList: [port2],
})

const calls = JSON.parse(await text(process.stdin))

// A function finds the other functions of its site at their own addresses.
const { fetch } = globalThis
globalThis.fetch = async (url, init) => {
  const name = /^\/\.netlify\/functions\/([a-z-]+)$/.exec(new URL(url).pathname)?.[1]
  if (name === undefined) return fetch(url, init)
  const own = basename(calls[0].file, '.mjs')
  const file = calls[0].file.replaceAll(`/${own}`, `/${name}`)
  const { default: answer } = await import(file)
  return answer(new Request(url, init), {})
}

const answers = []
for (const { file, context, url, ...init } of calls) {
  process.env.NETLIFY_BLOBS_CONTEXT = context
  const { default: answer } = await import(file)
  const work = []
  const request = new Request(url, { redirect: 'manual', ...init })
  const response = await answer(request, { ip: '192.0.2.7', waitUntil: (left) => work.push(left) })
  await Promise.all(work)
  const headers = Object.fromEntries(response.headers)
  answers.push({ status: response.status, headers, body: await response.text() })
}
const loaded = []
for (let told = receiveMessageOnPort(port1); told; told = receiveMessageOnPort(port1)) {
  loaded.push(told.message)
}
port1.close()
const files = loaded.filter((url) => url.startsWith('file:')).map((url) => new URL(url).pathname)
console.log(JSON.stringify({ answers, loaded: files }))
