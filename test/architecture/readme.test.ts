import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { load } from 'js-yaml'
import { resolveOptions } from '../../lib/eleventy/options.ts'
import { readPost } from '../../lib/post/post.ts'

const readme = readFileSync('README.md', 'utf8')
/** Rows for which the README has no room. */
const standards = readFileSync('docs/standards.md', 'utf8')
const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
const blocks = [...readme.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ([, language = '', code = '']) => ({ language, code }),
)
const codeIn = (language: string) =>
  blocks.filter((block) => block.language === language).map(({ code }) => code)

describe('the README', () => {
  it('is short', () => {
    assert.ok(readme.split('\n').length < 300)
  })

  it('shows options that the plugin takes', () => {
    const [, options = ''] = /addPlugin\(privatePosts, (\{\n[\s\S]*?^\})\)/m.exec(readme) ?? []
    const value: unknown = new Function(`return ${options}`)()
    const { me, ...rest } = resolveOptions(value)
    assert.equal(me.href, 'https://alice.example/')
    assert.ok(Object.keys(rest).length >= 10)
  })

  it('shows front matter that makes a private post', () => {
    const [yaml = ''] = codeIn('yaml')
    const data = load(yaml.replace(/^---$/gm, '')) as Record<string, unknown>
    const post = readPost('dinner.md', data, {
      me: new URL('https://alice.example/'),
      groups: {},
      isNamedPrivate: () => false,
    })
    assert.deepEqual(
      post?.recipients.map(({ id }) => id),
      ['https://bob.example/', 'mailto:mum@example.com', 'Grandma'],
    )
  })

  it('names commands, scripts, files and functions that exist', () => {
    const commands = readFileSync('lib/cli/main.ts', 'utf8')
    for (const [, name = ''] of readme.matchAll(/^\| `(\w+)[ `]/gm)) {
      if (existsSync(`lib/cli/${name}.ts`)) assert.ok(commands.includes(`${name}Command`))
    }
    for (const [, name = ''] of readme.matchAll(
      /private-posts (init|send|links|routes|status|revoke|rotate|check|inbox|serve)\b/g,
    )) {
      assert.ok(commands.includes(`${name}Command`), name)
    }
    for (const [, name = ''] of readme.matchAll(/npm run ([\w:]+)/g)) {
      assert.ok(name in manifest.scripts, name)
    }
    for (const [, path = ''] of `${readme}${standards}`.matchAll(
      /`((?:lib|test|example-site|bench)\/[\w/.*-]*)`/g,
    )) {
      assert.ok(existsSync(path.replace(/[^/]*\*.*$/, '')), path)
    }
    for (const [, path = ''] of readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      assert.ok(existsSync(path), path)
    }
  })

  it('names tests for each step of the founding documents, and each test is there', () => {
    for (const room of ['rel-pm', 'intertalk', 'fmtp', 'private-webmention']) {
      const tests = [...readme.matchAll(/`(test\/[\w-]+\/[\w.-]+\.ts)`/g)].map(
        ([, path = '']) => path,
      )
      assert.ok(tests.filter((path) => path.includes(`/${room}/`)).length > 3, room)
      assert.ok(tests.every((path) => existsSync(path)))
    }
  })

  it('gives a reason for each dependency, and names no other', () => {
    const dependencies = { ...manifest.dependencies, ...manifest.optionalDependencies }
    const rows = [...readme.matchAll(/^\| ((?:`[\w@/.-]+`(?:, )?)+)\s+\| /gm)].map(
      ([, names = '']) => names,
    )
    const named = rows
      .flatMap((names) => [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
      .filter((name) => name in dependencies)
    assert.deepEqual(named.sort(), Object.keys(dependencies).sort())
  })
})
