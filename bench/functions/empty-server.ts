/**
 * The server of `serve` with nothing in it. `node empty-server.ts MODULE PORT`.
 *
 * @module
 */
const [module = '', port = '0'] = process.argv.slice(2)
const { listen } = (await import(module)) as typeof import('../../lib/web/node-server.ts')
await listen(async () => new Response('nothing'), { port: Number(port) })
