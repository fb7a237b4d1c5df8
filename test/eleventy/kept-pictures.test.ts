import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { eleventyImageTransformPlugin } from '@11ty/eleventy-img'
import { createSite, post, REPOSITORY, type BuildOptions, type Site } from '../support/site.ts'

const FOLDER = join(REPOSITORY, 'example-site/alice/photos')
const [TABLE = '', GARDEN = ''] = readdirSync(FOLDER).map((name) => join(FOLDER, name))
const DINNER = 'private/dinner.md'
const dinner = (more = '', text = '![the table](photo.jpg)') =>
  post(`audience: [Bob]\n${more}`, text)

let site: Site | undefined
afterEach(() => site?.dispose())

/** Builds with an image plugin, and counts the pictures that it encodes. */
async function build(
  settings: Readonly<Record<string, unknown>> = {},
  more: BuildOptions['config'] = () => {},
) {
  if (!site) throw new TypeError('no site')
  const counted = { encoded: 0 }
  const options: BuildOptions = {
    config(eleventyConfig) {
      more(eleventyConfig)
      eleventyConfig.addPlugin(eleventyImageTransformPlugin, {
        formats: ['webp', 'jpeg'],
        widths: [64],
        transform: () => {
          counted.encoded += 1
        },
        ...settings,
      })
    },
  }
  const built = await site.build(options)
  const token = built.tokens(DINNER)['Bob'] ?? ''
  const pictures = built.files.filter((file) => /\.(?:webp|jpeg)$/.test(file))
  return { built, token, pictures, ...counted }
}

function kept(): string[] {
  const root = join(site?.folder ?? '', '.private-posts/cache')
  if (!existsSync(root)) return []
  return readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:webp|jpeg)~/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

for (const access of ['link', 'gate']) {
  describe(`pictures that were made beside a private page, access ${access}`, () => {
    const more = access === 'gate' ? 'access: gate\naudience: ["https://bob.example/"]' : ''
    const text = more === '' ? dinner() : post(more, '![the table](photo.jpg)')
    const files = { [DINNER]: text, 'private/photo.jpg': readFileSync(TABLE) }

    it('are not encoded again while source and options are the same', async () => {
      site = createSite(files)
      const first = await build()
      assert.equal(first.encoded, 2)
      const second = await build()
      assert.equal(second.encoded, 0)
      assert.deepEqual(second.pictures, first.pictures)
      if (access === 'link') assert.equal(second.pictures.length, 2)
    })
  })
}

describe('a kept picture', () => {
  const files = { [DINNER]: dinner(), 'private/photo.jpg': readFileSync(TABLE) }

  it('is made again when its source is another, and the old one is in no copy', async () => {
    site = createSite(files)
    const first = await build()
    site.write({ 'private/photo.jpg': readFileSync(GARDEN) })
    const second = await build()
    assert.equal(second.encoded, 2)
    assert.equal(second.pictures.length, 2)
    assert.ok(second.pictures.every((file) => !first.pictures.includes(file)))
    assert.equal(kept().length, 2)
  })

  it('is made again when the options are others', async () => {
    site = createSite(files)
    await build()
    const second = await build({ widths: [32] })
    assert.equal(second.encoded, 2)
    assert.ok(second.pictures.every((file) => file.includes('-32.')))
  })

  it('goes when the post no longer shows it', async () => {
    site = createSite(files)
    assert.equal((await build()).pictures.length, 2)
    // Eleventy keeps what it has read of a source as long as the process lives.
    const second = await build({}, (eleventyConfig) => {
      eleventyConfig.addPreprocessor('none', 'md', (_: unknown, text: string) =>
        text.replace(/!.*/, 'No picture.'),
      )
    })
    assert.deepEqual(second.pictures, [])
    assert.deepEqual(kept(), [])
  })

  it('goes when the post is gone', async () => {
    site = createSite({ ...files, 'private/other.md': dinner('', 'Another.') })
    await build()
    assert.equal(kept().length, 2)
    site.remove(DINNER)
    await build()
    assert.deepEqual(kept(), [])
  })

  it('is made again when what was kept is damaged or lost', async () => {
    site = createSite(files)
    const { built, pictures } = await build()
    const before = pictures.map((file) => readFileSync(join(built.folder, '_site', file)))
    for (const file of kept()) writeFileSync(file, 'damaged')
    const second = await build()
    assert.equal(second.encoded, 2)
    assert.deepEqual(
      second.pictures.map((file) => readFileSync(join(built.folder, '_site', file))),
      before,
    )
    rmSync(join(built.folder, '.private-posts/cache'), { recursive: true })
    assert.equal((await build()).encoded, 2)
    assert.equal((await build()).encoded, 0)
  })

  it('lies in public no more than the first time, and is for its owner alone', async () => {
    site = createSite(files)
    const first = await build()
    const second = await build()
    assert.deepEqual(second.built.files, first.built.files)
    assert.ok(second.pictures.every((file) => file.startsWith(`p/${second.token}/`)))
    for (const file of kept()) {
      assert.equal(statSync(file).mode & 0o077, 0)
      assert.equal(statSync(dirname(file)).mode & 0o077, 0)
    }
  })

  it('is kept only if its name is a hash: a name of the author may stay while the picture changes', async () => {
    site = createSite({
      [DINNER]: dinner('', '![the table](OurTable24.jpg)'),
      'private/OurTable24.jpg': readFileSync(TABLE),
    })
    const settings = {
      filenameFormat: (_: string, source: string, width: number, format: string) =>
        `${/(\w+)\.jpg$/.exec(source)?.[1] ?? ''}-${width}.${format}`,
    }
    const first = await build(settings)
    assert.ok(first.pictures.some((file) => file.endsWith('/OurTable24-64.webp')))
    const second = await build(settings)
    assert.equal(second.encoded, 2)
    assert.deepEqual(kept(), [])
  })
})

describe('when a private page cannot be built', () => {
  it('nothing that was put back stays in the output', async () => {
    site = createSite({ [DINNER]: dinner(), 'private/photo.jpg': readFileSync(TABLE) })
    const { built } = await build()
    let isPutBack = false
    const broken = build({}, (eleventyConfig) => {
      eleventyConfig.addTransform('broken', () => {
        isPutBack = foldersOfBuild(built.folder).length > 0
        throw new Error('broken')
      })
    })
    await assert.rejects(broken)
    assert.ok(isPutBack)
    assert.deepEqual(foldersOfBuild(built.folder), [])
  })
})

/** Folders that are no copies: those that private pages have as long as they are built. */
function foldersOfBuild(folder: string): string[] {
  return readdirSync(join(folder, '_site/p')).filter((name) => name.includes('u'))
}
