import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findRoute, type Route } from '../../lib/web/routes.ts'

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
