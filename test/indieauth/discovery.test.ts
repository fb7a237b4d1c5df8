import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { discoverIndieAuth, discoverIndieAuthEndpoints } from '../../lib/indieauth/discovery.ts'
import { FetchError, ResponseError } from '../../lib/web/errors.ts'
import { followRedirects } from '../support/web-redirects.ts'
import { createWeb } from '../support/web.ts'

const bob = new URL('https://bob.example/')
const HTML = { 'content-type': 'text/html' }
const METADATA = {
  issuer: 'https://bob.example/',
  authorization_endpoint: 'https://bob.example/auth',
  token_endpoint: 'https://bob.example/token',
}
const LINK_TO_METADATA = '<link rel=indieauth-metadata href=/metadata>'
const LEGACY =
  '<link rel=authorization_endpoint href=/legacy-auth><link rel=token_endpoint href=/legacy-token>'

interface Site {
  readonly page?: string
  readonly link?: string
  readonly status?: number
  readonly metadata?: unknown
  readonly metadataInit?: ResponseInit
}

/** Bob's site: a page, and metadata at `/metadata`, as JSON unless it is a text. */
function site({ page = '', link, status = 200, metadata = METADATA, metadataInit }: Site) {
  const body = typeof metadata === 'string' ? metadata : JSON.stringify(metadata)
  return createWeb({
    'https://bob.example': async (request) =>
      new URL(request.url).pathname === '/metadata'
        ? new Response(body, metadataInit)
        : new Response(page, { status, headers: { ...HTML, ...(link && { link }) } }),
  })
}

const discover = (options: Site) => discoverIndieAuth(bob, site(options))

describe('discoverIndieAuth()', () => {
  it('takes the metadata and leaves the legacy rels, wherever either stands', async () => {
    const legacyHeader = '</legacy-auth>; rel="authorization_endpoint"'
    for (const options of [
      { page: LEGACY + LINK_TO_METADATA },
      { page: LINK_TO_METADATA, link: legacyHeader },
      { page: LEGACY, link: `${legacyHeader}, </metadata>; rel="indieauth-metadata"` },
    ]) {
      const web = site(options)
      const server = await discoverIndieAuth(bob, web)
      assert.deepEqual(server, {
        authorizationEndpoint: new URL('https://bob.example/auth'),
        tokenEndpoint: new URL('https://bob.example/token'),
        issuer: 'https://bob.example/',
        requiresIss: false,
        urls: [bob],
      })
      assert.deepEqual(web.log, ['GET https://bob.example/', 'GET https://bob.example/metadata'])
    }
  })

  it('MUST take the first Link header before the first <link> element', async () => {
    const link = '</metadata>; rel="indieauth-metadata", </no>; rel="indieauth-metadata"'
    const server = await discover({ link, page: '<link rel=indieauth-metadata href=/no>' })
    assert.equal(server?.issuer, METADATA.issuer)
    const twice = `${LINK_TO_METADATA}<link rel=indieauth-metadata href=/no>`
    assert.equal((await discover({ page: twice }))?.issuer, METADATA.issuer)
  })

  it('SHOULD look for the legacy rels in the event that there is no metadata', async () => {
    const web = site({ page: LEGACY })
    assert.deepEqual(await discoverIndieAuth(bob, web), {
      authorizationEndpoint: new URL('https://bob.example/legacy-auth'),
      tokenEndpoint: new URL('https://bob.example/legacy-token'),
      requiresIss: false,
      urls: [bob],
    })
    assert.deepEqual(web.log, ['GET https://bob.example/'])
    const inHeader = await discover({
      page: LEGACY,
      link: '<a?b=1,2>; rel="authorization_endpoint"',
    })
    assert.equal(inHeader?.authorizationEndpoint.href, 'https://bob.example/a?b=1,2')
  })

  it('finds nothing where nobody says anything, and no server without an authorization endpoint', async () => {
    assert.equal(await discover({ page: '<p>Bob' }), undefined)
    assert.equal(await discover({ page: '<link rel=token_endpoint href=/token>' }), undefined)
    const metadata = { ...METADATA, authorization_endpoint: undefined }
    assert.equal(await discover({ page: LINK_TO_METADATA, metadata }), undefined)
  })

  it('counts <link> alone: an <a> may be in a comment of a visitor', async () => {
    const visitor = '<a rel=authorization_endpoint href="https://eve.example/auth">hi</a>'
    assert.equal(await discover({ page: visitor }), undefined)
    const both = await discover({ page: visitor + LEGACY })
    assert.equal(both?.authorizationEndpoint.href, 'https://bob.example/legacy-auth')
  })

  it('reads pages that are not for everybody', async () => {
    assert.ok(await discover({ page: LEGACY, status: 401 }))
    assert.ok(await discover({ page: LEGACY, status: 404 }))
  })

  it('reads everything that others need of the metadata', async () => {
    const metadata = {
      ...METADATA,
      ticket_endpoint: 'https://bob.example/ticket',
      grant_types_supported: ['authorization_code', 'ticket'],
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      service_documentation: 5,
    }
    assert.deepEqual(await discover({ page: LINK_TO_METADATA, metadata }), {
      authorizationEndpoint: new URL('https://bob.example/auth'),
      tokenEndpoint: new URL('https://bob.example/token'),
      ticketEndpoint: new URL('https://bob.example/ticket'),
      issuer: 'https://bob.example/',
      requiresIss: true,
      grantTypes: ['authorization_code', 'ticket'],
      codeChallengeMethods: ['S256'],
      urls: [bob],
    })
    const text = { ...metadata, authorization_response_iss_parameter_supported: 'true' }
    assert.equal((await discover({ page: LINK_TO_METADATA, metadata: text }))?.requiresIss, true)
  })

  it('lets the endpoints lie with somebody else, as those of hosted servers do', async () => {
    const metadata = { ...METADATA, authorization_endpoint: 'https://hosted.example/auth' }
    const server = await discover({ page: LINK_TO_METADATA, metadata })
    assert.equal(server?.authorizationEndpoint.href, 'https://hosted.example/auth')
  })

  it('resolves against the final URL, and knows both', async () => {
    const www = site({ page: LEGACY })
    const web = createWeb({
      'https://bobby.example': async () =>
        new Response(null, { status: 301, headers: { location: bob.href } }),
      'https://bob.example': async (request) => www.fetch(new URL(request.url)),
    })
    const bobby = new URL('https://bobby.example/')
    const server = await discoverIndieAuth(bobby, followRedirects(web))
    assert.equal(server?.authorizationEndpoint.href, 'https://bob.example/legacy-auth')
    assert.deepEqual(server?.urls, [bobby, bob])
  })
})

describe('discoverIndieAuth() where the metadata is broken, with legacy rels beside it', () => {
  const page = LINK_TO_METADATA + LEGACY

  it('reads it where it is not', async () => {
    assert.equal((await discover({ page }))?.issuer, METADATA.issuer)
  })

  for (const [name, options] of Object.entries<Site>({
    'is not there': { metadataInit: { status: 404 } },
    'is an error': { metadataInit: { status: 500 } },
    'is no JSON': { metadata: '<html>' },
    'is empty': { metadata: '' },
    'is no object': { metadata: [METADATA] },
    'names no issuer': { metadata: { ...METADATA, issuer: undefined } },
    'names an issuer that is no text': { metadata: { ...METADATA, issuer: 1 } },
    'names the issuer of somebody else': {
      metadata: { ...METADATA, issuer: 'https://eve.example/' },
    },
    'names an authorization endpoint that is no text': {
      metadata: { ...METADATA, authorization_endpoint: {} },
    },
    'names a relative authorization endpoint': {
      metadata: { ...METADATA, authorization_endpoint: '/auth' },
    },
    'names an authorization endpoint that is no web address': {
      metadata: { ...METADATA, authorization_endpoint: 'javascript:alert(1)' },
    },
    'names an authorization endpoint without encryption': {
      metadata: { ...METADATA, authorization_endpoint: 'http://bob.example/auth' },
    },
    'names an authorization endpoint with a fragment': {
      metadata: { ...METADATA, authorization_endpoint: 'https://bob.example/auth#x' },
    },
    'names an authorization endpoint with a password': {
      metadata: { ...METADATA, authorization_endpoint: 'https://a:b@bob.example/auth' },
    },
    'is at no web address': { page: `<link rel=indieauth-metadata href="data:,{}">${LEGACY}` },
    'is at an address without encryption': {
      page: `<link rel=indieauth-metadata href="http://bob.example/metadata">${LEGACY}`,
    },
  })) {
    it(`does not fall back to something weaker: ${name}`, async () => {
      await assert.rejects(discover({ page, ...options }), ResponseError)
    })
  }

  it('does not fall back if it cannot be reached, or never ends', async () => {
    const elsewhere = `<link rel=indieauth-metadata href="https://gone.example/metadata">${LEGACY}`
    await assert.rejects(discover({ page: elsewhere }), FetchError)
    const metadata = JSON.stringify({ ...METADATA, padding: 'x'.repeat(64 * 1024) })
    await assert.rejects(discover({ page, metadata }), FetchError)
  })

  it('does not mind a broken endpoint that is not needed', async () => {
    const metadata = { ...METADATA, token_endpoint: 'nonsense', ticket_endpoint: null }
    const server = await discover({ page, metadata })
    assert.deepEqual([server?.tokenEndpoint, server?.ticketEndpoint], [undefined, undefined])
  })

  it('rejects a legacy authorization endpoint that is of no use', async () => {
    for (const href of [
      'mailto:bob@bob.example',
      'http://bob.example/auth',
      'https://[',
    ] as const) {
      const broken = `<link rel=authorization_endpoint href="${href}">`
      await assert.rejects(discover({ page: broken }), ResponseError, href)
    }
  })
})

describe('discoverIndieAuth() without encryption', () => {
  const legacy = (href: string) => async () =>
    new Response(`<link rel=authorization_endpoint href="${href}">`, { headers: HTML })

  it('takes a plain endpoint of a plain page, and none of an encrypted one', async () => {
    const web = createWeb({
      'http://bob.example': legacy('http://bob.example/auth'),
      'https://bob.example': legacy('http://bob.example/auth'),
    })
    assert.ok(await discoverIndieAuth(new URL('http://bob.example/'), web))
    await assert.rejects(discoverIndieAuth(bob, web), ResponseError)
  })

  it('does not follow an encrypted page to a plain one', async () => {
    const web = createWeb({
      'http://bob.example': legacy('https://bob.example/auth'),
      'https://bob.example': async () =>
        new Response(null, { status: 302, headers: { location: 'http://bob.example/' } }),
      'https://www.bob.example': legacy('https://bob.example/auth'),
    })
    await assert.rejects(discoverIndieAuth(bob, followRedirects(web)), ResponseError)
    assert.ok(await discoverIndieAuth(new URL('http://bob.example/'), web))
  })

  it('allows it on loopback, where that is allowed', async () => {
    const me = new URL('http://bob.localhost:8380/')
    const issuer = `${me.href}indieauth/`
    const web = createWeb({
      [me.origin]: async ({ url }) =>
        new URL(url).pathname === '/'
          ? new Response('<link rel=indieauth-metadata href=/indieauth/metadata>', {
              headers: HTML,
            })
          : Response.json({ issuer, authorization_endpoint: `${issuer}auth` }),
    })
    const server = await discoverIndieAuth(me, { ...web, allowLoopback: true })
    assert.equal(server?.issuer, issuer)
    await assert.rejects(discoverIndieAuth(me, web), ResponseError)
  })
})

describe('discoverIndieAuthEndpoints()', () => {
  it('knows of servers that nobody can sign in with, such as those that take tickets only', async () => {
    const link = '</tickets>; rel="ticket_endpoint"'
    assert.deepEqual(await discoverIndieAuthEndpoints(bob, site({ link })), {
      ticketEndpoint: new URL('https://bob.example/tickets'),
      requiresIss: false,
      urls: [bob],
    })
  })
})

describe('the issuer', () => {
  it('is judged by where the metadata was served, not by where it was asked for', async () => {
    const web = createWeb({
      'https://bob.example': async ({ url }) =>
        new URL(url).pathname === '/'
          ? new Response(LINK_TO_METADATA, { headers: HTML })
          : new Response(null, { status: 302, headers: { location: 'https://eve.example/m' } }),
      'https://eve.example': async () => Response.json(METADATA),
    })
    await assert.rejects(discoverIndieAuth(bob, followRedirects(web)), ResponseError)
  })
})
