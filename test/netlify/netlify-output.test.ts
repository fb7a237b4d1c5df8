import assert from 'node:assert/strict'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { netlifyFunctions } from '../../lib/eleventy/netlify-functions.ts'
import {
  finishForNetlify,
  formatFunction,
  removeNetlifyOutput,
  writeNetlifyOutput,
} from '../../lib/eleventy/netlify-output.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { listFiles } from '../support/site.ts'
import { SECRET, SETTINGS } from './settings.ts'

const ALL = { hasSecret: true, hasOwner: true }
const folder = mkdtempSync(join(tmpdir(), 'private-posts-netlify-output-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let count = 0

function newSite(files: Readonly<Record<string, string>> = {}): string {
  const cwd = join(folder, String(count++))
  mkdirSync(cwd)
  write(cwd, files)
  return cwd
}

function write(cwd: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true })
    writeFileSync(join(cwd, path), text)
  }
}

function emit(cwd: string, variables: Readonly<Record<string, string>>, settings = SETTINGS) {
  const deployFolder = join(cwd, '.private-posts/deploy')
  return writeNetlifyOutput({ cwd, settings, deployFolder, variables })
}

const VARIABLES = { PRIVATE_POSTS_SECRET: SECRET, PRIVATE_POSTS_OWNER: 'scrypt' }

describe('netlifyFunctions()', () => {
  const names = (...args: Parameters<typeof netlifyFunctions>) =>
    netlifyFunctions(...args).map(({ name }) => name)
  const pathsOf = (name: string, settings = SETTINGS) => {
    const config = netlifyFunctions(settings, ALL).find((each) => each.name === name)?.config
    return config && 'path' in config ? config.path : []
  }

  it('uses none without a secret to sign with', () => {
    assert.deepEqual(names(SETTINGS, { hasSecret: false, hasOwner: true }), [])
    assert.ok(names(SETTINGS, ALL).includes('gate'))
  })

  it('authorizes other software only where the owner can sign in, and has no other server', () => {
    assert.ok(names(SETTINGS, ALL).includes('authorization'))
    assert.ok(!names(SETTINGS, { ...ALL, hasOwner: false }).includes('authorization'))
    assert.ok(!names({ ...SETTINGS, indieauth: false }, ALL).includes('authorization'))
    const elsewhere = { ...SETTINGS, indieauth: 'https://login.example/' }
    assert.ok(!names(elsewhere, ALL).includes('authorization'))
  })

  it('stands before the whole prefix of the gate', () => {
    assert.deepEqual(pathsOf('gate'), ['/private', '/private/*'])
    assert.deepEqual(pathsOf('gate', { ...SETTINGS, gatePrefix: '/only/friends/' }), [
      '/only/friends',
      '/only/friends/*',
    ])
  })

  it('answers where the options say, below the path of the site', () => {
    const paths = { ...SETTINGS.paths, indieauth: '/id/', webmention: '/wm' }
    const settings = { ...SETTINGS, pathPrefix: '/blog/', paths }
    assert.deepEqual(pathsOf('token', settings), ['/blog/id/token'])
    assert.deepEqual(pathsOf('webmention', settings), ['/blog/wm', '/blog/wm/*'])
    assert.deepEqual(pathsOf('mentions', settings), ['/blog/mentions.json'])
  })

  it('has metadata where OAuth clients look, where it authorizes, and behind a page of the author', () => {
    const settings = { ...SETTINGS, pathPrefix: '/blog/' }
    const place = '/.well-known/oauth-authorization-server'
    assert.deepEqual(pathsOf('well-known', settings), [
      ...[`${place}/blog`, `${place}/blog/`],
      ...[`${place}/blog/indieauth`, `${place}/blog/indieauth/`],
    ])
    const each = netlifyFunctions(SETTINGS, ALL).find(({ name }) => name === 'well-known')
    assert.ok(each && 'preferStatic' in each.config && each.config.preferStatic)
    assert.match(formatFunction(each, SETTINGS), /^ {2}"preferStatic": true$/m)
    assert.ok(!names({ ...SETTINGS, indieauth: false }, ALL).includes('well-known'))
    assert.ok(!names(SETTINGS, { ...ALL, hasOwner: false }).includes('well-known'))
  })

  it('has a file for each function that it can use, and the other way round', () => {
    const files = readdirSync('netlify/functions').map((name) => name.replace(/\.ts$/, ''))
    assert.deepEqual(names(SETTINGS, ALL).toSorted(), files.toSorted())
  })
})

describe('formatFunction()', () => {
  const [gate] = netlifyFunctions(SETTINGS, ALL)

  it('writes the config as a plain literal', () => {
    const text = formatFunction(gate ?? assert.fail(), SETTINGS)
    const literal = /^export const config = (\{[^]*\})\n$/m.exec(text)?.[1] ?? ''
    assert.deepEqual(JSON.parse(literal), gate?.config)
  })

  it('tells the function nothing of the sources', () => {
    const text = formatFunction(gate ?? assert.fail(), SETTINGS)
    assert.doesNotMatch(text, /dinner|feed\.xml|\*\*|_site/)
    assert.match(text, /https:\/\/alice\.example\//)
  })
})

describe('writeNetlifyOutput()', () => {
  it('writes a function for each endpoint, and the deploy files as blobs', async () => {
    const cwd = newSite({
      '.private-posts/deploy/gate.json': '{"version":1,"posts":{}}',
      '.private-posts/deploy/gate/0abc/1/index.html': '<p>Secret',
      '.private-posts/deploy/.gitignore': '*',
      '.private-posts/deploy/gate/.0123.tmp': 'half',
    })
    const functions = await emit(cwd, VARIABLES)
    assert.deepEqual(
      readdirSync(join(cwd, '.netlify/v1/functions')),
      functions.map(({ name }) => `private-posts-${name}.mjs`).toSorted(),
    )
    const blobs = join(cwd, '.netlify/v1/blobs/deploy')
    assert.deepEqual(
      listFiles(blobs).filter((file) => file.endsWith('/blob')),
      ['private-posts/gate.json/blob', 'private-posts/gate/0abc/1/index.html/blob'],
    )
    const page = join(blobs, 'private-posts/gate/0abc/1/index.html/blob')
    assert.equal(readFileSync(page, 'utf8'), '<p>Secret')
    assert.equal(readFileSync(join(blobs, 'private-posts/.gitignore'), 'utf8'), '*\n')
  })

  it('refuses a secret with which no function would start, and does not say which', async () => {
    await assert.rejects(
      emit(newSite(), { PRIVATE_POSTS_SECRET: 's3cret' }),
      (error: unknown) =>
        error instanceof ConfigurationError &&
        error.message.includes('PRIVATE_POSTS_SECRET') &&
        !error.message.includes('s3cret'),
    )
  })

  it('writes nothing without a secret, and nothing secret with one', async () => {
    const bare = newSite({ '.private-posts/deploy/gate.json': '{}' })
    assert.deepEqual(await emit(bare, { PRIVATE_POSTS_SECRET: ' ' }), [])
    assert.equal(existsSync(join(bare, '.netlify')), false)
    const cwd = newSite()
    await emit(cwd, VARIABLES)
    const all = listFiles(cwd).map((file) => readFileSync(join(cwd, file), 'utf8'))
    assert.ok(all.length > 5 && !all.some((text) => text.includes(SECRET)))
  })

  it('removes what an earlier build left, and nothing that is not ours', async () => {
    const theirs = {
      '.netlify/v1/functions/theirs.mjs': 'export default 1',
      '.netlify/v1/blobs/deploy/theirs/blob': 'theirs',
      '.netlify/v1/config.json':
        '{"images":{"remote_images":["x"]},"headers":[{"for":"/a","values":{"b":"c"}}]}',
    }
    const cwd = newSite({ ...theirs, '.private-posts/deploy/gate.json': '{}' })
    const before = JSON.parse(theirs['.netlify/v1/config.json'])
    await emit(cwd, VARIABLES)
    rmSync(join(cwd, '.private-posts'), { recursive: true })
    write(cwd, { '.private-posts/deploy/targets.json': '{}' })
    await emit(cwd, { PRIVATE_POSTS_SECRET: SECRET })
    const names = readdirSync(join(cwd, '.netlify/v1/functions'))
    assert.ok(names.includes('theirs.mjs') && names.includes('private-posts-gate.mjs'))
    assert.ok(!names.includes('private-posts-authorization.mjs'))
    assert.deepEqual(listFiles(join(cwd, '.netlify/v1/blobs/deploy')), [
      'private-posts/.gitignore',
      'private-posts/targets.json/blob',
      'theirs/blob',
    ])

    await removeNetlifyOutput(cwd)
    assert.deepEqual(
      listFiles(join(cwd, '.netlify')),
      Object.keys(theirs)
        .map((file) => file.slice('.netlify/'.length))
        .toSorted(),
    )
    const config = JSON.parse(readFileSync(join(cwd, '.netlify/v1/config.json'), 'utf8'))
    assert.deepEqual(config, before)
  })

  it('keeps what lies below the prefix of the gate out of caches and indexes', async () => {
    const cwd = newSite()
    await emit(cwd, VARIABLES)
    await emit(cwd, VARIABLES, { ...SETTINGS, gatePrefix: '/friends/' })
    const { headers } = JSON.parse(readFileSync(join(cwd, '.netlify/v1/config.json'), 'utf8'))
    assert.equal(headers.length, 1)
    assert.equal(headers[0].for, '/friends/*')
    assert.equal(headers[0].values['Cache-Control'], 'private, no-store')
    await removeNetlifyOutput(cwd)
    assert.equal(existsSync(join(cwd, '.netlify/v1/config.json')), false)
  })

  it('is for Netlify where the build runs there, or the option says so', async () => {
    const cwd = newSite()
    const finish = (netlify: boolean | undefined, variables: Record<string, string>) =>
      finishForNetlify({
        ...{ cwd, settings: SETTINGS, deployFolder: join(cwd, 'none'), netlify },
        variables: { ...VARIABLES, ...variables },
      })
    const isWritten = () => existsSync(join(cwd, '.netlify/v1/functions/private-posts-gate.mjs'))
    await finish(undefined, { NETLIFY: 'true' })
    assert.equal(isWritten(), true)
    await finish(undefined, {})
    assert.equal(isWritten(), false)
    await finish(true, {})
    assert.equal(isWritten(), true)
    await finish(false, { NETLIFY: 'true' })
    assert.equal(isWritten(), false)
  })

  it('leaves a site alone that has nothing of ours', async () => {
    const cwd = newSite()
    await removeNetlifyOutput(cwd)
    assert.deepEqual(readdirSync(cwd), [])
  })
})
