import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, mock } from 'node:test'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { openSite, toFunction } from '../../netlify/site.ts'
import { openWorkerSite } from '../../netlify/worker-site.ts'
import { startBlobs, type LocalBlobs } from './blobs-server.ts'
import { SECRET, SETTINGS } from './settings.ts'
import { secretText } from '../support/secrets.ts'

const OTHER_SECRET = secretText(2)
const VARIABLES = { URL: 'https://alice.example', PRIVATE_POSTS_SECRET: SECRET }

let blobs: LocalBlobs
before(async () => {
  blobs = await startBlobs()
  process.env['NETLIFY_BLOBS_CONTEXT'] = blobs.context
})
after(async () => {
  delete process.env['NETLIFY_BLOBS_CONTEXT']
  await blobs.stop()
})

describe('openSite()', () => {
  const rows: readonly [name: string, variables: Record<string, string>, names: RegExp][] = [
    ['no secret', { URL: 'https://alice.example' }, /PRIVATE_POSTS_SECRET is missing/],
    ['an empty secret', { ...VARIABLES, PRIVATE_POSTS_SECRET: '' }, /PRIVATE_POSTS_SECRET/],
    ['a weak secret', { ...VARIABLES, PRIVATE_POSTS_SECRET: 's3cret' }, /PRIVATE_POSTS_SECRET /],
    [
      'a weak previous secret',
      { ...VARIABLES, PRIVATE_POSTS_SECRET_PREVIOUS: 's3cret' },
      /PRIVATE_POSTS_SECRET_PREVIOUS/,
    ],
    ['no address', { PRIVATE_POSTS_SECRET: SECRET }, /URL is missing/],
    ['a broken address', { ...VARIABLES, URL: 's3cret' }, /URL/],
    [
      'a broken build hook',
      { ...VARIABLES, PRIVATE_POSTS_BUILD_HOOK: 's3cret' },
      /PRIVATE_POSTS_BUILD_HOOK/,
    ],
  ]
  for (const [name, variables, names] of rows) {
    it(`refuses ${name} at once, by the variable's name and without its value`, () => {
      assert.throws(
        () => openSite(SETTINGS, variables),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          names.test(error.message) &&
          !error.message.includes('s3cret'),
      )
    })
  }

  it('knows where the site is, below the path that it was built for', () => {
    assert.equal(openSite(SETTINGS, VARIABLES).site.href, 'https://alice.example/')
    const settings = { ...SETTINGS, pathPrefix: '/blog' }
    assert.equal(openSite(settings, VARIABLES).site.href, 'https://alice.example/blog/')
  })

  it('opens what the previous secret signed, and signs with the current one', async () => {
    const before = openSite(SETTINGS, { ...VARIABLES, PRIVATE_POSTS_SECRET: OTHER_SECRET })
    const old = await before.secrets.issue('ticket', { subject: 'a', resource: 'b' })
    const alone = openSite(SETTINGS, VARIABLES)
    assert.equal((await alone.secrets.open('ticket', old)).valid, false)
    const rotating = { ...VARIABLES, PRIVATE_POSTS_SECRET_PREVIOUS: OTHER_SECRET }
    const both = openSite(SETTINGS, rotating)
    assert.equal((await both.secrets.open('ticket', old)).valid, true)
    const recent = await both.secrets.issue('ticket', { subject: 'a', resource: 'b' })
    assert.equal((await alone.secrets.open('ticket', recent)).valid, true)
  })

  it('keeps what it has to keep in Blobs', async () => {
    const site = openSite(SETTINGS, VARIABLES)
    assert.equal(await site.store.createIfAbsent('a/b', 1), true)
    assert.equal(await site.store.createIfAbsent('a/b', 2), false)
    assert.deepEqual((await openSite(SETTINGS, VARIABLES).store.get('a/b'))?.value, 1)
    assert.equal((await site.store.list('a/')).length, 1)
    await site.store.delete('a/b')
    assert.equal(await site.store.get('a/b'), undefined)
  })

  it('finds the deploy files where the build put them', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'private-posts-deploy-blobs-'))
    mkdirSync(join(folder, 'private-posts/gate.json'), { recursive: true })
    writeFileSync(join(folder, 'private-posts/gate.json/blob'), '{"version":1}')
    await blobs.upload(folder)
    rmSync(folder, { recursive: true })
    const { files } = openSite(SETTINGS, VARIABLES)
    assert.equal(Buffer.from((await files('gate.json')) ?? []).toString(), '{"version":1}')
    assert.equal(await files('nothing.json'), undefined)
    assert.equal(await files('x/../gate.json'), undefined)
  })

  it('visits no site on this machine, unless it is developed on', async () => {
    const url = new URL('http://localhost:1/')
    const inProduction = openWorkerSite(SETTINGS, VARIABLES)
    await assert.rejects(inProduction.fetch(url), /is on this machine/)
    const inDevelopment = openWorkerSite(SETTINGS, { ...VARIABLES, NETLIFY_DEV: 'true' })
    await assert.rejects(inDevelopment.fetch(url), /did not answer/)
  })
})

describe('toFunction()', () => {
  const request = new Request('https://alice.example/private/')

  it('hands on the address of the client, and what is left to be done', async () => {
    const left: Promise<unknown>[] = []
    const answer = toFunction(async (_, context) => {
      context?.waitUntil(Promise.resolve(1))
      return new Response(context?.clientAddress)
    })
    const context = { ip: '192.0.2.7', waitUntil: (work: Promise<unknown>) => void left.push(work) }
    assert.equal(await (await answer(request, context)).text(), '192.0.2.7')
    assert.equal(left.length, 1)
    assert.equal((await answer(request, {})).status, 200)
  })

  it('writes what went wrong to the log, without tokens, and tells nobody else', async () => {
    const log = mock.method(console, 'error', () => {})
    const token = '0123456789abcdefghjkmnpqrs'
    const fail = async () => {
      throw new Error(`no /p/${token}/`)
    }
    const answer = await toFunction(fail)(request, {})
    const left: Promise<unknown>[] = []
    const later = toFunction(async (_, context) => {
      context?.waitUntil(fail())
      return new Response('')
    })
    await later(request, { waitUntil: (work) => void left.push(work) })
    await Promise.all(left)
    log.mock.restore()
    const lines = log.mock.calls.map((call) => String(call.arguments[0]))
    assert.equal(answer.status, 500)
    assert.doesNotMatch(await answer.text(), /no \/p\//)
    assert.equal(lines.length, 2)
    assert.ok(lines.every((line) => line.includes('no /p/0123') && !line.includes(token)))
  })
})
