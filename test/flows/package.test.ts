import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { listFiles, REPOSITORY } from '../support/site.ts'

const run = promisify(execFile)
const ELEVENTY = JSON.parse(
  readFileSync(join(REPOSITORY, 'node_modules/@11ty/eleventy/package.json'), 'utf8'),
).version as string
const { CI: _, NETLIFY: __, GITHUB_ACTIONS: ___, NODE_TEST_CONTEXT: ____, ...env } = process.env

/** Five lines, as a newcomer writes them. */
const CONFIG = `import privatePosts from 'eleventy-plugin-private-posts'

export default function (eleventyConfig) {
  eleventyConfig.addPlugin(privatePosts, { me: 'https://alice.example/' })
}
`

let folder = ''
const inFolder = (command: string, ...args: string[]) =>
  run(command, args, { cwd: folder, env, maxBuffer: 64 * 1024 * 1024 })

describe('the package, in an empty folder with Eleventy', () => {
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'private-posts-package-'))
    const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: REPOSITORY,
      env,
      maxBuffer: 64 * 1024 * 1024,
    })
    const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n'))) as [{ filename: string }]
    writeFileSync(join(folder, 'package.json'), '{ "type": "module", "private": true }')
    writeFileSync(join(folder, 'eleventy.config.js'), CONFIG)
    mkdirSync(join(folder, 'private'))
    writeFileSync(join(folder, 'private/hello.md'), '---\naudience: [Bob]\n---\nHello, Bob!\n')
    writeFileSync(join(folder, 'index.md'), 'Hello, world!\n')
    await inFolder(
      'npm',
      ...['install', '--no-audit', '--no-fund', '--prefer-offline'],
      ...[`./${filename}`, `@11ty/eleventy@${ELEVENTY}`],
    )
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('builds a capability page and nothing else of the post', async () => {
    await inFolder('npx', 'eleventy')
    const files = listFiles(join(folder, '_site'))
    assert.equal(files.length, 4, 'with the page that lists no link')
    assert.equal(readFileSync(join(folder, '_site/p/index.html'), 'utf8').includes('Hello'), false)
    const page = files.find((file) => /^p\/[0-9a-hjkmnp-tv-z]{26}\/index\.html$/.test(file))
    assert.match(readFileSync(join(folder, '_site', page ?? ''), 'utf8'), /Hello, Bob!/)
    assert.match(readFileSync(join(folder, '_site/index.html'), 'utf8'), /Hello, world!/)
  })

  it('brings the command line', async () => {
    const { stdout } = await inFolder('npx', 'private-posts', 'links', '--json')
    const { links } = JSON.parse(stdout)
    assert.equal(links.length, 1)
    assert.match(links[0].url, /^https:\/\/alice\.example\/p\/[0-9a-hjkmnp-tv-z]{26}\/$/)
    const check = await inFolder('npx', 'private-posts', 'check', '--json')
    assert.deepEqual(JSON.parse(check.stdout).findings, [])
  })

  it('brings declarations', () => {
    const types = join(folder, 'node_modules/eleventy-plugin-private-posts/dist/index.d.ts')
    assert.match(readFileSync(types, 'utf8'), /PrivatePostsOptions/)
  })

  it('builds and checks without its optional packages, and says which one "serve" needs', async () => {
    for (const name of ['lmdb', 'postgres']) {
      const place = join(folder, 'node_modules', name)
      assert.ok(existsSync(place), 'npm installs it')
      rmSync(place, { recursive: true })
    }
    await inFolder('npx', 'eleventy')
    await inFolder('npx', 'private-posts', 'check')
    for (const { store, missing } of [
      { store: 'folder', missing: 'lmdb' },
      { store: 'postgres://alice:xxxxxxx@127.0.0.1/blog', missing: 'postgres' },
    ]) {
      const serving = run('npx', ['private-posts', 'serve', '--port', '0', '--store', store], {
        cwd: folder,
        env: { ...env, PRIVATE_POSTS_SECRET: randomBytes(32).toString('base64url') },
      })
      const { stderr, code } = (await serving.catch((error: unknown) => error)) as {
        readonly stderr: string
        readonly code?: number
      }
      assert.equal(code, 1)
      assert.match(stderr, new RegExp(`npm install ${missing}`))
      assert.doesNotMatch(stderr, /xxxxxxx/)
    }
  })
})
