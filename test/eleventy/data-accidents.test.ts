import assert from 'node:assert/strict'
import { posix } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { load } from 'js-yaml'
import { filesFound } from '../support/check-findings.ts'
import { createSite, post, type BuildOptions, type Files, type Site } from '../support/site.ts'
import { DATA_ACCIDENTS, DATA_AS_USUAL, type DataAccident } from './data-accident-table.ts'

const secret = (number: number) =>
  `The zanzibar lanterns of number${number} hang over the long table.`
const OPEN = { 'open.md': '---\ntitle: Open\n---\nAn open letter.\n' }

let site: Site | undefined
afterEach(() => site?.dispose())

const nameOf = (number: number) =>
  `wide${String.fromCharCode(97 + Math.floor(number / 26), 97 + (number % 26))}er`
const pathOf = ({ path }: DataAccident, number: number) => path.replaceAll('NAME', nameOf(number))

/** Each row in a folder of its own, beside a post that says nothing itself. */
function filesOf(rows: readonly DataAccident[]): Files {
  const files = rows.flatMap((row, number): [string, string][] => [
    [`${nameOf(number)}/a.md`, post(`title: Post ${number}`, secret(number))],
    [pathOf(row, number), row.content],
  ])
  return { ...OPEN, ...Object.fromEntries(files) }
}

function build(files: Files, options: BuildOptions = {}) {
  site = createSite(files)
  return site.build(options)
}

async function refused(files: Files, options: BuildOptions = {}): Promise<string> {
  return build(files, options).then(
    () => assert.fail('the build went through'),
    (error: Error) => error.message,
  )
}

describe('a data file that reaches no post stops the build', () => {
  let message: Promise<string> | undefined
  for (const [number, row] of DATA_ACCIDENTS.entries()) {
    it(`${row.path}: ${JSON.stringify(row.content)}`, async () => {
      message ??= refused(filesOf(DATA_ACCIDENTS))
      const path = pathOf(row, number)
      const said = (await message)
        .split('\n')
        .filter((line) => line.startsWith(`${path}: `) || line.startsWith(`${path}, line`))
      assert.equal(said.length, 1, await message)
      assert.match(said[0] ?? '', /\. To do: /)
      assert.doesNotMatch(said[0] ?? '', /Mum|bob|zanzibar/)
    })
  }

  it('and under its right name it makes the posts private', async () => {
    const files = filesOf(
      DATA_ACCIDENTS.map(() => ({ path: 'NAME/NAME.json', content: '{"visibility": "private"}' })),
    )
    const built = await build(files)
    assert.match(built.publicBytes(), /An open letter/)
    assert.doesNotMatch(built.publicBytes(), /zanzibar/)
  })

  it('names the file that Eleventy would read', async () => {
    const wish = '{"visibility": "private"}'
    const of = (path: string) => ({ ...OPEN, 'posts/a.md': secret(1), [path]: wish })
    assert.match(
      await refused(of('posts/posts.yaml')),
      /call it posts\/posts\.json, .*"addDataExtension"/,
    )
    assert.match(
      await refused(of('posts.json')),
      /call it posts\/posts\.json, and write it as JSON\./,
    )
    assert.match(await refused(of('posts/a.md.json')), /call it posts\/a\.json/)
    assert.match(await refused(of('letter.yaml')), /front matter of each post/)
    const config: BuildOptions['config'] = (eleventyConfig) => {
      eleventyConfig.setDataFileBaseName('index')
      eleventyConfig.setDataFileSuffixes(['.data'])
    }
    const renamed = await refused(of('posts/posts.json'), { config })
    assert.match(renamed, /call it posts\/index\.data\.json/)
    const built = await build(of('posts/index.data.json'), { config })
    assert.doesNotMatch(built.publicBytes(), /zanzibar/)
  })
})

describe('a data file is no accident', () => {
  const config: BuildOptions['config'] = (eleventyConfig) => {
    eleventyConfig.addPassthroughCopy('**/copied.json')
  }
  const files: Files = {
    ...filesOf(DATA_AS_USUAL),
    'scripts/read.mjs': "readFileSync('named.json')",
    'package.json': '{"private": true, "type": "commonjs"}',
  }

  it('where Eleventy reads it, or it is about something else', async () => {
    const built = await build(files, { config })
    for (const number of DATA_AS_USUAL.keys()) {
      assert.match(
        built.publicBytes(),
        new RegExp(`number${number} hang`),
        pathOf(DATA_AS_USUAL[number] ?? assert.fail(), number),
      )
    }
    assert.deepEqual(built.printed, [])
  })

  it('where the configuration teaches Eleventy its format', async () => {
    const built = await build(
      { ...OPEN, 'posts/a.md': secret(1), 'posts/posts.yaml': 'visibility: private' },
      {
        config: (eleventyConfig) =>
          eleventyConfig.addDataExtension('yaml', (text: string) => load(text)),
      },
    )
    assert.match(built.publicBytes(), /An open letter/)
    assert.doesNotMatch(built.publicBytes(), /zanzibar/)
  })

  it('where every post says itself who may read it, or is private by another way', async () => {
    const built = await build({
      ...OPEN,
      'posts/posts.yaml': 'visibility: private',
      'posts/a.md': post('visibility: private', secret(1)),
      'posts/b.md': post('visibility: public', secret(2)),
      'private/private.yaml': 'visibility: private',
      'private/c.md': secret(3),
    })
    assert.match(built.publicBytes(), /number2/)
    assert.doesNotMatch(built.publicBytes(), /number[13]/)
  })
})

describe('private-posts check, where data files reach no post', () => {
  const check = (kinds = ['front-matter']) => filesFound(site?.folder ?? '', kinds)

  it('finds each of them', async () => {
    await build(filesOf(DATA_ACCIDENTS), { withoutPlugin: true })
    const found = await check()
    for (const [number, row] of DATA_ACCIDENTS.entries()) {
      const isFound = found.includes(pathOf(row, number))
      assert.equal(isFound, !row.isUnseenByCheck, posix.join(row.path, row.content))
    }
    const published = await check(['natural-path'])
    for (const [number, row] of DATA_ACCIDENTS.entries()) {
      if (!/tydata\.[cm]js$/.test(row.path) || !row.isUnseenByCheck) continue
      assert.ok(published.includes(`${nameOf(number)}/a/index.html`), row.content)
    }
  })

  it('and none that is about something else', async () => {
    const config: BuildOptions['config'] = (eleventyConfig) => {
      eleventyConfig.addPassthroughCopy('**/copied.json')
    }
    await build(
      { ...filesOf(DATA_AS_USUAL), 'scripts/read.mjs': "readFileSync('named.json')" },
      { config, withoutPlugin: true },
    )
    assert.deepEqual(await check(), [])
  })
})
