import assert from 'node:assert/strict'
import type { RequestListener, ServerResponse } from 'node:http'
import { describe, it, type TestContext } from 'node:test'
import { startServer } from '../support/web-server.ts'
import { openRunningSite } from './running-site.ts'

const HTML = { 'content-type': 'text/html; charset=UTF-8' }

function answer(
  response: ServerResponse,
  status: number,
  headers: Record<string, string | readonly string[]> = {},
  body = '',
): void {
  const lists = Object.entries(headers).map(([name, value]) => [name, [value].flat()] as const)
  response.writeHead(status, { ...HTML, ...Object.fromEntries(lists) }).end(body)
}

interface Shape {
  readonly what: string
  /** Whether the inbox says that there is something to be opened there. */
  readonly isNoticed: boolean
  readonly listener: RequestListener
  readonly code?: string
}

const SHAPES: readonly Shape[] = [
  {
    what: "WordPress with a plugin that answers a stranger's request with a plain 401",
    isNoticed: true,
    listener: (_, response) =>
      answer(
        response,
        401,
        { 'cache-control': 'no-cache, must-revalidate, max-age=0' },
        '<!DOCTYPE html><html lang="en-GB"><head><title>Members only</title></head><body id="error-page"><div class="wp-die-message">You have to be logged in to read this.</div></body></html>',
      ),
  },
  {
    what: 'WordPress with its IndieAuth plugin, whose 401 names a token endpoint of its REST interface that takes no such code',
    isNoticed: true,
    listener: (request, response) => {
      if (request.method === 'POST') {
        const json = { 'content-type': 'application/json; charset=UTF-8' }
        return answer(
          response,
          400,
          json,
          '{"error":"invalid_request","error_description":"Missing client_id"}',
        )
      }
      const link = '</wp-json/indieauth/1.0/token>; rel="token_endpoint"'
      return answer(response, 401, { link }, '<p>Log in to read this post.</p>')
    },
  },
  {
    what: "WordPress's own private post, which nobody else is told of",
    isNoticed: false,
    listener: (_, response) =>
      answer(response, 404, {}, '<body class="error404"><h1>Oops! That page is not here.</h1>'),
  },
  {
    what: 'WordPress with a plugin that sends everybody to its login form',
    isNoticed: false,
    listener: ({ url = '' }, response) =>
      url.startsWith('/wp-login.php')
        ? answer(response, 200, {}, '<form name="loginform"><input name="log" /></form>')
        : answer(response, 302, {
            location: `/wp-login.php?redirect_to=${encodeURIComponent(url)}`,
          }),
  },
  {
    what: 'a plugin that answers 403',
    isNoticed: false,
    listener: (_, response) => answer(response, 403, {}, '<a href="/wp-login.php">to login</a>'),
  },
  {
    what: 'Publ, whose 401 is a page with a login form and names its token endpoint, which refuses the code',
    isNoticed: true,
    listener: (request, response) => {
      if (request.method === 'POST') return answer(response, 400, {}, 'Unknown grant type')
      const headers = {
        'www-authenticate': 'Bearer, realm="posts", scope="read"',
        link: ['</_tokens>; rel="token_endpoint"', '</_tokens>; rel="ticket_endpoint"'],
      }
      return answer(response, 401, headers, '<h1>Please log in</h1><form action="/_login/"></form>')
    },
  },
  {
    what: 'a token endpoint at a service for tokens, on another host',
    isNoticed: true,
    listener: (_, response) =>
      answer(response, 401, {
        'www-authenticate': 'Bearer',
        link: '<https://tokens.example/token>; rel="token_endpoint"',
      }),
  },
  {
    what: 'the same, with a code of its own',
    isNoticed: true,
    code: 'x7Jc-2mQ9',
    listener: (_, response) =>
      answer(response, 401, { link: '<https://tokens.example/token>; rel="token_endpoint"' }),
  },
  {
    what: "a web server's password (Basic)",
    isNoticed: true,
    listener: (_, response) =>
      answer(
        response,
        401,
        { 'www-authenticate': 'Basic realm="Family"', server: 'Apache' },
        '<html><head><title>401 Unauthorized</title></head><body><h1>Unauthorized</h1></body></html>',
      ),
  },
  {
    what: 'a blog on Micro.blog, which knows no private posts: a page without the link',
    isNoticed: false,
    listener: (_, response) =>
      answer(
        response,
        200,
        {},
        '<article class="h-entry"><p class="e-content">Hello</p></article>',
      ),
  },
]

/** Alice's site, and a stranger that behaves like this. */
async function openBoth(t: TestContext, listener: RequestListener, allow: readonly string[] = []) {
  const policy = { allow: [...allow], deny: [], hold: [], otherwise: 'hold' as const }
  const alice = await openRunningSite(t, {
    host: '127.0.0.1',
    settings: { indieauth: true, policy },
  })
  const stranger = await startServer(t, listener)
  const source = new URL('/2026/dinner/', stranger)
  async function send(fields: Record<string, string> = {}) {
    const body = new URLSearchParams({ source: source.href, target: alice.url.href, ...fields })
    const response = await fetch(new URL('webmention', alice.url), { method: 'POST', body })
    assert.equal(response.status, 201)
    await alice.settle()
    const status = await fetch(response.headers.get('location') ?? '', {
      headers: { accept: 'application/json' },
    })
    return (await status.json()) as { status: string; private: boolean }
  }
  const mentions = async () =>
    (await fetch(new URL('mentions.json', alice.url))).text().catch(() => '')
  return { alice, source, send, mentions }
}

describe("strangers' private posts that this site cannot open", () => {
  for (const { what, isNoticed, listener, code } of SHAPES) {
    it(`${isNoticed ? 'leave a notice' : 'leave nothing'}: ${what}`, async (t) => {
      const { alice, source, send, mentions } = await openBoth(t, listener)
      const status = await send(code === undefined ? {} : { code })
      assert.deepEqual(await alice.received(), isNoticed ? [source.href] : [])
      if (isNoticed) assert.deepEqual(status, { ...status, status: 'processed', private: true })
      assert.ok(!(await mentions()).includes(source.href))
    })
  }

  for (const [allow, isOpened] of [
    [['127.0.0.1'], true],
    [['127.0.0.1/2026/**'], false],
    [[], false],
  ] as const) {
    it(`are ${isOpened ? 'opened' : 'left alone'} where the token endpoint is elsewhere and ${JSON.stringify(allow)} is allowed`, async (t) => {
      const codes: string[] = []
      const tokens = await startServer(t, async (request, response) => {
        for await (const chunk of request) codes.push(String(chunk))
        answer(response, 200, { 'content-type': 'application/json' }, '{"access_token":"t0ken-t0"}')
      })
      const target = { href: '' }
      const { alice, source, send } = await openBoth(
        t,
        ({ headers }, response) =>
          headers.authorization === 'Bearer t0ken-t0'
            ? answer(
                response,
                200,
                {},
                `<div class="h-entry"><a href="${target.href}">Dinner?</a></div>`,
              )
            : answer(response, 401, { link: `<${tokens.href}>; rel="token_endpoint"` }),
        allow,
      )
      target.href = alice.url.href
      await send()
      assert.deepEqual(await alice.received(), [source.href])
      assert.deepEqual(await alice.types(), [isOpened ? 'mention' : 'unopened'])
      assert.equal(codes.length, isOpened ? 1 : 0)
    })
  }

  it('take the notice back when they are gone', async (t) => {
    let status = 401
    const { alice, source, send } = await openBoth(t, (_, response) => answer(response, status))
    await send()
    assert.deepEqual(await alice.received(), [source.href])
    status = 410
    const body = new URLSearchParams({ source: source.href, target: `${alice.url}?again` })
    await fetch(new URL('webmention', alice.url), { method: 'POST', body })
    await alice.settle()
    assert.deepEqual(await alice.received(), [])
  })
})
