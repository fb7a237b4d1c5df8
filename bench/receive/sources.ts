/**
 * The pages that mention us, in a process of their own: every host, every path. `node sources.ts TARGET`; it says its
 * port on standard output, and on `GET /asked` when it was first and last asked for a page, and how often.
 *
 * @module
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const [target = ''] = process.argv.slice(2)
const WORDS = '<p>Some words that somebody writes about it, and more of them.</p>\n'.repeat(20)
let asked = 0
let last = 0

const server = createServer((request, response) => {
  if (request.url === '/asked') {
    response.end(JSON.stringify({ asked, last }))
    asked = 0
    return
  }
  if (request.url?.startsWith('/post-')) {
    asked++
    last = Date.now()
  }
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' })
  response.end(`<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Reply</title></head><body>
<article class="h-entry"><h1 class="p-name">A reply</h1><a class="u-in-reply-to" href="${target}">to Alice</a>
<p class="p-author h-card"><a class="u-url p-name" href="/">Bob</a></p><div class="e-content">${WORDS}</div></article></body></html>`)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
})
