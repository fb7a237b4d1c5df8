import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findRoute, withRoutes, type Route } from '../../lib/web/routes.ts'

const endpointOf = (name: string) => async () => new Response(name)
const routes: Route[] = [
  { path: '/webmention', endpoint: endpointOf('receiver') },
  { path: '/webmention/*', endpoint: endpointOf('status') },
  { path: '/private/*', endpoint: endpointOf('gate') },
]

async function nameAt(path: string): Promise<string | undefined> {
  return (await findRoute(routes, path)?.(new Request('https://alice.example')))?.text()
}

describe('findRoute()', () => {
  for (const [path, name] of [
    ['/webmention', 'receiver'],
    ['/webmention/', 'receiver'],
    ['/webmention/7', 'status'],
    ['/private/', 'gate'],
    ['/private', 'gate'],
    ['/private/a/b.png', 'gate'],
    ['/private-life/', undefined],
    ['/webmentions', undefined],
    ['/', undefined],
  ] as const) {
    it(`${path} is ${name ?? 'nobody'}'s`, async () => assert.equal(await nameAt(path), name))
  }
})

describe('withRoutes()', () => {
  const pages = async ({ url }: Request) => {
    const isThere = url.endsWith('/a') || url.endsWith('/b')
    return new Response('page', { status: isThere ? 200 : 404 })
  }
  const site = withRoutes(
    [
      { path: '/a', endpoint: endpointOf('function') },
      ...['/b', '/c'].map((path) => ({
        ...{ path, endpoint: endpointOf('behind'), preferStatic: true },
      })),
    ],
    pages,
  )
  for (const [path, status, text] of [
    ['/a', 200, 'function'],
    ['/b', 200, 'page'],
    ['/c', 200, 'behind'],
    ['/d', 404, 'page'],
  ] as const) {
    it(`answers ${path} with the ${text}`, async () => {
      const response = await site(new Request(`https://alice.example${path}`))
      assert.deepEqual([response.status, await response.text()], [status, text])
    })
  }
})
