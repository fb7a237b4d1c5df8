import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import * as v from 'valibot'
import { hashPassphrase } from '../../lib/indieauth/owner-passphrase.ts'
import { createInbox } from '../../lib/inbox/inbox.ts'
import { createSecrets } from '../../lib/jwt/secrets.ts'
import { createMemoryStore } from '../../lib/store/memory-store.ts'
import { createBlobsStore } from '../../netlify/blobs-store.ts'
import { listFiles, post } from '../support/site.ts'
import { startBlobs, type LocalBlobs } from './blobs-server.ts'
import {
  callFunctions,
  createNetlifySite,
  emulate,
  readJson,
  type FunctionAnswer,
  type FunctionCall,
  type NetlifySite,
} from './netlify-site.ts'
import { SECRET } from './settings.ts'
import { unzip } from './zip.ts'

const URL_ = 'https://alice.example'
const VARIABLES = { URL: URL_, PRIVATE_POSTS_SECRET: SECRET, PRIVATE_POSTS_OWNER: '' }
const SECRET_WORDS = /Zanzibar|Quokka|quokka/

/** Every route that a site with all of it has. A function that is not in here answers nowhere. */
const ROUTES: Readonly<Record<string, readonly string[]>> = {
  gate: ['/private', '/private/*'],
  invitation: ['/invitation', '/invitation/*'],
  'sign-in': ['/indieauth/sign-in'],
  callback: ['/indieauth/callback'],
  'sign-out': ['/indieauth/sign-out'],
  token: ['/indieauth/token'],
  ticket: ['/indieauth/ticket'],
  authorization: ['/indieauth/auth', '/indieauth/authorize'],
  'well-known': [
    '/.well-known/oauth-authorization-server',
    '/.well-known/oauth-authorization-server/',
    '/.well-known/oauth-authorization-server/indieauth',
    '/.well-known/oauth-authorization-server/indieauth/',
  ],
  indieauth: [
    ...['/indieauth', '/indieauth/', '/indieauth/metadata', '/indieauth/client.json'],
    ...['/indieauth/logo.svg', '/indieauth/introspect', '/indieauth/revoke'],
  ],
  webmention: ['/webmention', '/webmention/*'],
  mentions: ['/mentions.json'],
  inbox: ['/inbox', '/inbox/*'],
  pm: ['/pm', '/pm/*'],
  messages: ['/messages'],
  keys: ['/keys', '/keys/*', '/intertalk-key-*'],
  'messages-token': ['/token'],
  fmtp: ['/fmtp', '/fmtp/*'],
  outbound: [],
  work: [],
  deliver: [],
  retry: [],
  sweep: [],
}

/** Functions that must start fast, because a person or a machine waits for each of them. */
const SMALL = [
  ...['gate', 'invitation', 'sign-in', 'callback', 'sign-out', 'token', 'ticket', 'authorization'],
  ...['well-known', 'indieauth', 'keys', 'messages-token', 'mentions', 'webmention'],
]

const Manifest = v.object({
  functions: v.array(
    v.object({
      name: v.string(),
      path: v.string(),
      invocationMode: v.string(),
      schedule: v.optional(v.string()),
      routes: v.optional(
        v.array(v.object({ pattern: v.string(), expression: v.optional(v.string()) })),
        [],
      ),
    }),
  ),
})

let site: NetlifySite
let blobs: LocalBlobs
let built: { exitCode: number; output: string }
let functions: v.InferOutput<typeof Manifest>['functions']
let keys: readonly string[]

before(async () => {
  VARIABLES.PRIVATE_POSTS_OWNER = await hashPassphrase('correct horse battery staple')
  site = await createNetlifySite({
    'index.md': post('title: Home', 'Welcome.'),
    'private/dinner.md': post(
      'title: Quokka\nvisibility: private\naccess: gate\naudience: [https://bob.example/]',
      'We meet in Zanzibar.',
    ),
    'private/lunch.md': post(
      'title: Lunch\nvisibility: private\naudience: [https://bob.example/]',
      'We meet in town.',
    ),
  })
  built = await site.build(VARIABLES)
  assert.equal(built.exitCode, 0, built.output)
  functions = v.parse(Manifest, readJson(site.folder, '.netlify/functions/manifest.json')).functions
  for (const { name, path } of functions) unzip(path, join(site.folder, 'unpacked', name))
  blobs = await startBlobs()
  keys = await blobs.upload(join(site.folder, '.netlify/v1/blobs/deploy'))
})
after(async () => {
  await blobs?.stop()
  site?.dispose()
})

describe('netlify build --offline', () => {
  it('has a route for every endpoint', () => {
    const found = functions.map(({ name, routes }) => [
      name.replace('private-posts-', ''),
      routes.map(({ pattern }) => pattern),
    ])
    assert.deepEqual(Object.fromEntries(found), ROUTES)
  })

  it('routes whatever lies below the prefix of the gate', () => {
    const gate = functions.find(({ name }) => name === 'private-posts-gate')
    const expressions = gate?.routes.flatMap(({ expression }) => expression ?? []) ?? []
    const isRouted = (path: string) => expressions.some((text) => new RegExp(text).test(path))
    assert.ok(['/private/', '/private/a', '/private/a/b/c.jpg'].every(isRouted))
    assert.ok(!['/', '/privately/'].some(isRouted))
  })

  it('routes the keys of intertalk at the root, and no other page there', () => {
    const found = functions.find(({ name }) => name === 'private-posts-keys')
    const expressions = found?.routes.flatMap(({ expression }) => expression ?? []) ?? []
    const isRouted = (path: string) => expressions.some((text) => new RegExp(text).test(path))
    assert.ok(isRouted('/intertalk-key-x_1') && isRouted('/keys/x'))
    assert.ok(!['/', '/intertalk', '/intertalk-keys', '/a/intertalk-key-x'].some(isRouted))
  })

  it('runs the deliver function in the background, and two functions by the clock', () => {
    const of = (name: string) => functions.find((each) => each.name === `private-posts-${name}`)
    assert.equal(of('deliver')?.invocationMode, 'background')
    assert.match(of('retry')?.schedule ?? '', /^\*\/\d+ \* \* \* \*$/)
    assert.match(of('sweep')?.schedule ?? '', /^\*\/\d+ \* \* \* \*$/)
  })

  it('leaves no byte of a gated post in the publish folder, the functions or the log', () => {
    const published = listFiles(join(site.folder, '_site'))
    assert.ok(published.includes('index.html'))
    for (const file of published) {
      const text = `${file}\n${readFileSync(join(site.folder, '_site', file), 'utf8')}`
      assert.doesNotMatch(text, SECRET_WORDS, file)
    }
    for (const file of listFiles(join(site.folder, '.netlify/v1/functions'))) {
      const text = readFileSync(join(site.folder, '.netlify/v1/functions', file), 'utf8')
      assert.doesNotMatch(text, SECRET_WORDS, file)
    }
    assert.doesNotMatch(built.output, SECRET_WORDS)
    assert.ok(!built.output.includes(SECRET))
  })

  it('lets gated posts and letters travel with the deploy', () => {
    assert.ok(keys.includes('private-posts/gate.json'))
    assert.ok(keys.includes('private-posts/targets.json'))
    assert.ok(keys.includes('private-posts/plan.json'))
    assert.ok(keys.some((key) => /^private-posts\/gate\/.+\.html$/.test(key)))
    assert.ok(keys.some((key) => /^private-posts\/letters\/[0-9a-f]{32}\.json$/.test(key)))
    assert.ok(keys.every((key) => key.startsWith('private-posts/')))
  })

  it('says nothing after a build that was not deployed', () => {
    assert.doesNotMatch(built.output, /Private posts: /)
  })
})

describe('the functions as they were bundled', () => {
  const file = (name: string) =>
    join(
      site.folder,
      `unpacked/private-posts-${name}/.netlify/v1/functions/private-posts-${name}.mjs`,
    )
  const call = (name: string, path: string, init: Partial<FunctionCall> = {}): FunctionCall => ({
    ...{ file: file(name), context: blobs.context, url: URL_ + path },
    ...init,
  })
  const form = (fields: Record<string, string>): Partial<FunctionCall> => ({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })

  it('each loads by itself and answers', async () => {
    const rows: readonly [name: string, call: FunctionCall, status: number][] = [
      ['gate', call('gate', '/private/'), 401],
      ['invitation', call('invitation', '/invitation/0123456789abcdefghjkmnpqrs'), 410],
      ['sign-in', call('sign-in', '/indieauth/sign-in', form({})), 400],
      ['callback', call('callback', '/indieauth/callback'), 400],
      ['sign-out', call('sign-out', '/indieauth/sign-out'), 200],
      ['token', call('token', '/indieauth/token', form({})), 400],
      ['ticket', call('ticket', '/indieauth/ticket', form({})), 400],
      ['authorization', call('authorization', '/indieauth/auth', form({})), 400],
      ['indieauth', call('indieauth', '/indieauth/metadata'), 200],
      ['well-known', call('well-known', '/.well-known/oauth-authorization-server'), 200],
      ['webmention', call('webmention', '/webmention', form({ source: 'x', target: 'y' })), 400],
      ['mentions', call('mentions', '/mentions.json'), 200],
      ['inbox', call('inbox', '/inbox'), 401],
      ['pm', call('pm', '/pm', form({ message: 'x' })), 400],
      ['messages', call('messages', '/messages', { method: 'POST', body: '{}' }), 401],
      ['keys', call('keys', '/keys'), 200],
      ['messages-token', call('messages-token', '/token', form({})), 400],
      ['fmtp', call('fmtp', '/fmtp/objects'), 200],
      ['outbound', call('outbound', '/', { method: 'POST' }), 401],
      ['work', call('work', '/', { method: 'POST' }), 401],
      ['deliver', call('deliver', '/', { method: 'POST' }), 401],
      ['retry', call('retry', '/', { context: blobs.emptyContext }), 204],
      ['sweep', call('sweep', '/', { context: blobs.emptyContext }), 204],
    ]
    const { answers, log } = await callFunctions(
      rows.map(([, each]) => each),
      VARIABLES,
    )
    const statuses = rows.map(([name], index) => [name, answers[index]?.status])
    assert.deepEqual(
      statuses,
      rows.map(([name, , status]) => [name, status]),
      log,
    )
    assert.deepEqual(rows.map(([name]) => name).toSorted(), Object.keys(ROUTES).toSorted())
  })

  it('the gate shows a reader their copy, and everybody else the same 401', async () => {
    const register = v.parse(
      v.object({ posts: v.record(v.string(), v.unknown()) }),
      readJson(site.folder, '.private-posts/deploy/gate.json'),
    )
    const [segment] = Object.keys(register.posts)
    const now = () => new Date()
    const secrets = createSecrets({
      ...{ keys: [Buffer.from(SECRET, 'base64url')], site: new URL(URL_), now },
      store: createMemoryStore({ now }),
    })
    const token = (me: string) => secrets.issue('access-token', { me, scope: ['read'] })
    const as = async (me: string) => ({ headers: { authorization: `Bearer ${await token(me)}` } })
    const there = `/private/${segment}/`
    const { answers, log } = await callFunctions(
      [
        call('gate', there, await as('https://bob.example/')),
        call('gate', there, await as('https://eve.example/')),
        call('gate', there),
        call('gate', '/private/nothing/'),
      ],
      VARIABLES,
    )
    const [bob, eve, stranger, nowhere] = answers
    assert.equal(bob?.status, 200, log)
    assert.match(bob?.body ?? '', /We meet in Zanzibar/)
    assert.equal(eve?.status, 403)
    assert.doesNotMatch(eve?.body ?? '', SECRET_WORDS)
    assert.deepEqual(withoutDate(stranger), withoutDate(nowhere))
    assert.equal(stranger?.status, 401)
    assert.doesNotMatch(log, SECRET_WORDS)
  })

  it("have strangers' markup read by the function that carries the worker program", async () => {
    const now = () => new Date()
    const store = createBlobsStore({ store: blobs.open('private-posts'), now })
    const me = new URL(URL_)
    const policy = { allow: ['bob.example'], deny: [], hold: [], otherwise: 'hold' } as const
    await createInbox({ store, policy, me, now }).accept('webmention x', {
      ...{ protocol: 'webmention', privacy: 'public', type: 'reply', host: 'bob.example' },
      ...{ source: 'https://bob.example/reply', target: `${URL_}/post/`, author: { name: 'Bob' } },
      ...{ text: 'Yes', html: '<b class="x">Yes</b>' },
    })
    const { answers, loaded, log } = await callFunctions(
      [call('mentions', '/mentions.json')],
      VARIABLES,
    )
    assert.match(answers[0]?.body ?? '', /"html":"<b>Yes<\/b>"/, log)
    const workers = loaded.filter((path) => path.includes('page-worker-program'))
    assert.deepEqual(
      workers.map((path) => path.includes('/unpacked/private-posts-outbound/')),
      [true],
    )
    assert.ok(!loaded.some((path) => path.endsWith('page-worker.js')))
  })

  it('says which variable is missing as soon as it is loaded', async () => {
    const { PRIVATE_POSTS_SECRET: _, ...rest } = VARIABLES
    await assert.rejects(
      callFunctions([call('gate', '/private/')], rest),
      /ConfigurationError.*PRIVATE_POSTS_SECRET is missing/s,
    )
  })

  it('token, gate and authorization load less than 100 KB to answer', async () => {
    const calls: Readonly<Record<string, FunctionCall>> = {
      gate: call('gate', '/private/'),
      token: call(
        'token',
        '/indieauth/token',
        form({ grant_type: 'refresh_token', refresh_token: 'x' }),
      ),
      authorization: call('authorization', '/indieauth/auth', form({ code: 'x' })),
    }
    const { loaded } = await callFunctions(Object.values(calls), VARIABLES)
    for (const name of Object.keys(calls)) {
      const files = loaded.filter((path) => path.includes(`/unpacked/private-posts-${name}/`))
      const bytes = files.map((path) => statSync(path).size).reduce((sum, size) => sum + size, 0)
      assert.ok(files.length > 5 && bytes > 50_000, `${name}: ${files.length} files`)
      assert.ok(bytes < 100_000, `${name}: ${bytes} bytes`)
    }
  })

  it('hold 300 KB at most, and no HTTP client, where they answer requests', () => {
    const bytesOf = (name: string) => {
      const folder = join(site.folder, `unpacked/private-posts-${name}`)
      return listFiles(folder)
        .filter((file) => !file.startsWith('___netlify'))
        .map((file) => statSync(join(folder, file)).size)
        .reduce((sum, size) => sum + size, 0)
    }
    for (const name of SMALL) {
      const bytes = bytesOf(name)
      assert.ok(bytes > 50_000 && bytes < 300_000, `${name}: ${bytes} bytes`)
    }
    // The HTTP client alone is larger.
    assert.ok(bytesOf('outbound') > 600_000)
    const all = readdirSync(join(site.folder, '.netlify/functions'))
    assert.equal(all.filter((name) => name.endsWith('.zip')).length, Object.keys(ROUTES).length)
  })
})

describe('a build on Netlify without an owner', () => {
  it('has no authorization endpoint, nor anything that an earlier build left', async () => {
    site.remove('private/dinner.md')
    const { PRIVATE_POSTS_OWNER: _, ...variables } = VARIABLES
    const { exitCode, output } = await site.eleventy(variables)
    assert.equal(exitCode, 0, output)
    const names = readdirSync(join(site.folder, '.netlify/v1/functions'))
    assert.ok(names.includes('private-posts-gate.mjs'))
    assert.ok(!names.includes('private-posts-authorization.mjs'))
    const deployed = join(site.folder, '.netlify/v1/blobs/deploy/private-posts/gate')
    assert.equal(existsSync(deployed), false)
  })
})

describe("Netlify's emulator", () => {
  it('lets no file through below the prefix of the gate', async () => {
    for (const name of ['gate', 'mentions']) {
      const file = `functions/private-posts-${name}.mjs`
      const text = readFileSync(join(site.folder, '.netlify/v1', file), 'utf8')
      // The emulator knows functions in the folder of the user only.
      site.write({ [`netlify/${file}`]: text })
    }
    site.write({ '_site/private/decoy/index.html': 'decoy' })
    const answers = await emulate(site, ['/', '/private/decoy/', '/mentions.json'], {
      ...VARIABLES,
      URL: 'http://localhost:8888',
    })
    assert.deepEqual(
      answers.map(({ type, status }) => [type, status]),
      [
        ['static', 200],
        ['function', 401],
        ['function', 200],
      ],
    )
    assert.match(answers[0]?.body ?? '', /Welcome/)
    assert.doesNotMatch(answers[1]?.body ?? 'decoy', /decoy/)
    assert.deepEqual(JSON.parse(answers[2]?.body ?? '').children, [])
  })
})

function withoutDate({ headers, ...answer }: FunctionAnswer = assert.fail()): unknown {
  const { date: _, ...rest } = headers
  return { ...answer, headers: rest }
}
