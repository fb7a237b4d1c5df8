import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type BuiltSite, type Site } from '../support/site.ts'

const SECRET = 'a picture of the secret table'
const PRIVATE = 'visibility: private\naudience: [Bob]'
const OPEN = {
  'open.md': post('title: Open', '![](/img/open.jpg)'),
  'img/open.jpg': 'open',
  'img/unused.jpg': 'nobody names it',
}
const IMAGES: BuildOptions = {
  config(eleventyConfig) {
    for (const folder of ['img', 'image']) eleventyConfig.addPassthroughCopy(folder)
  },
}

let site: Site | undefined
afterEach(() => site?.dispose())

function page(frontMatter: string, markup = ''): string {
  const words = frontMatter.startsWith('title') ? 'For everybody.' : 'Behind the windmill at nine.'
  return `---\n${frontMatter}\n---\n<!doctype html><html><head><title>x</title></head><body>${markup}<p>${words}</html>`
}

function publicCopies({ files, read }: BuiltSite): string[] {
  return files.filter((file) => !/^p\/[0-9a-z]{26}\//.test(file) && read(file).includes(SECRET))
}

/** Values of front matter that name files without saying their names, and one of the files. */
const VALUES: Record<string, string> = {
  'gallery: /img/table/': 'img/table/1.jpg',
  'gallery: img/table': 'img/table/a/1.jpg',
  'gallery: ./img/table/': 'img/table/1.jpg',
  'gallery: ../img/table/': 'img/table/1.jpg',
  'gallery: https://alice.example/img/table/': 'img/table/1.jpg',
  'gallery: table': 'img/table/1.jpg',
  'where: img/table': 'img/table/1.jpg',
  'photos: [{ folder: table/ }]': 'img/table/1.jpg',
  'images: "table/*.jpg"': 'img/table/1.jpg',
  'images: "/img/table-*.jpg"': 'img/table-1.jpg',
  'images: "img/table/**/*.{jpg,png}"': 'img/table/a/1.jpg',
  'images: ["./img/table/**"]': 'img/table/a/1.jpg',
  'cover: table': 'img/table.jpg',
  'coverImage: Table': 'img/table.jpg',
  'cover: /img/table': 'img/table.jpg',
  'meta: { card: img/table }': 'img/table.jpg',
}

describe('files that only the front matter of a private post names together', () => {
  for (const [value, file] of Object.entries(VALUES)) {
    it(`are not public: ${value}`, async () => {
      site = createSite({ ...OPEN, 'posts/q.html': page(`${PRIVATE}\n${value}`), [file]: SECRET })
      const built = await site.build(IMAGES)
      assert.deepEqual(publicCopies(built), [])
      assert.ok(built.files.includes('img/open.jpg') && built.files.includes('img/unused.jpg'))
    })

    it(`stay when a public page shows them: ${value}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(`${PRIVATE}\n${value}`),
        'posts/too.html': page('title: Too', `<img src="/${file}">`),
        [file]: SECRET,
      })
      assert.deepEqual(publicCopies(await site.build(IMAGES)), [file])
    })
  }

  it('are not public when they were copied to a folder of another name', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(`${PRIVATE}\ngallery: photos/table`),
      'photos/table/1.jpg': SECRET,
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addPassthroughCopy({ photos: 'pictures' }),
    })
    assert.deepEqual(publicCopies(built), [])
  })

  it('go with the post as far as its page shows them, in a loop', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(
        `${PRIVATE}\ngallery: /img/table/\nnames: [one, two]`,
        '{% for name in names %}<img src="{{ gallery }}{{ name }}.jpg">{% endfor %}',
      ),
      'img/table/one.jpg': SECRET,
      'img/table/two.jpg': SECRET,
      'img/table/three.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    assert.match(built.copy('posts/q.html', 'Bob'), /src="media\/one\.jpg"><img src="media\/two\./)
  })
})

describe('a folder that the page of a private post names', () => {
  for (const [how, markup, written] of [
    ['data-*', '<div data-gallery="/img/table/"></div>', /data-gallery="media\/table\/"/],
    ['a link', '<a href="../../img/table#x">x</a>', /href="media\/table#x"/],
    [
      'a script',
      "<script>show('/img/table/')</script>",
      /show\('\/p\/[0-9a-z]{26}\/media\/table\/'\)/,
    ],
  ] as const) {
    it(`goes with the post, names and all: ${how}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(PRIVATE, markup),
        'img/table/1.jpg': SECRET,
        'img/table/a/2.jpg': SECRET,
      })
      const built = await site.build(IMAGES)
      assert.deepEqual(publicCopies(built), [])
      assert.match(built.copy('posts/q.html', 'Bob'), written)
      const folder = `p/${built.tokens('posts/q.html')['Bob']}/media/table`
      assert.equal(built.read(`${folder}/1.jpg`), SECRET)
      assert.equal(built.read(`${folder}/a/2.jpg`), SECRET)
      for (const place of [folder, `${folder}/a`]) {
        assert.match(built.read(`${place}/index.html`), /noindex/, 'no host lists it')
      }
    })

    it(`stays when a public page names it too: ${how}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(PRIVATE, markup),
        'posts/too.html': page('title: Too', markup),
        'img/table/1.jpg': SECRET,
      })
      assert.deepEqual(publicCopies(await site.build(IMAGES)), ['img/table/1.jpg'])
    })
  }

  it('keeps from the public what the post names by itself, though a public page names the folder', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<div data-x="/img/table/"><img src="/img/table/1.jpg"></div>'),
      'posts/too.html': page('title: Too', '<div data-x="/img/table/"></div>'),
      'img/table/1.jpg': SECRET,
      'img/table/2.jpg': 'another',
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    assert.ok(built.files.includes('img/table/2.jpg'))
  })

  it('goes along where it has only a name without extension', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<img data-name="/img/table">'),
      'img/table.jpg': SECRET,
      'img/table.webp': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    const [place = ''] = /media\/[^"]+/.exec(built.copy('posts/q.html', 'Bob')) ?? []
    const folder = `p/${built.tokens('posts/q.html')['Bob']}/`
    for (const end of ['.jpg', '.webp']) assert.equal(built.read(folder + place + end), SECRET)
  })

  it('stops the build when a script makes up the names, unless public pages do so as well', async () => {
    const script = '<script>for (const n of [1, 2]) show(`/img/table-${n}.jpg`)</script>'
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, script),
      'img/table-1.jpg': SECRET,
      'img/table-2.jpg': SECRET,
    })
    await assert.rejects(
      site.build(IMAGES),
      /posts\/q\.html: a script of its page makes up names of files .*\(media\)\. To do: /,
    )
    site.write({ 'posts/too.html': page('title: Too', script) })
    assert.equal(publicCopies(await site.build(IMAGES)).length, 2)
  })
})

describe('what names no files of a private post', () => {
  for (const [what, frontMatter, markup] of [
    ['the folder of all pictures in the front matter', 'gallery: /img/', ''],
    ['the folder of all pictures in a script', '', "<script>const base = '/img/'</script>"],
    ['all pictures by a pattern', 'images: "/img/*.jpg"', ''],
    ['a type of media', '', '<input accept="image/*" type="file"><i data-x="*/*"></i>'],
    ['a word that is no picture', 'category: other', ''],
  ] as const) {
    it(`${what}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(`${PRIVATE}\n${frontMatter}`, markup),
        'image/unused.png': 'unused, too',
        'img/other.jpg': 'and another',
      })
      const built = await site.build(IMAGES)
      for (const file of ['img/unused.jpg', 'img/other.jpg', 'image/unused.png']) {
        assert.ok(built.files.includes(file), file)
      }
    })
  }

  it('a folder that a data file gives to public posts as well', async () => {
    site = createSite({
      ...OPEN,
      'posts/posts.json': JSON.stringify({ imageFolder: '/img/all/' }),
      'posts/q.html': page(PRIVATE),
      'posts/too.html': page('title: Too', '<img src="/img/all/1.jpg">'),
      'img/all/1.jpg': 'one',
      'img/all/2.jpg': 'nobody shows it yet',
    })
    assert.ok((await site.build(IMAGES)).files.includes('img/all/2.jpg'))
  })

  it('an address at which a page is', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<a href="/posts/menu/">x</a> <a href="/posts/menu">y</a>'),
      'posts/menu.html': page('title: Menu'),
      'posts/menu/large.jpg': 'large',
      'posts/menu.jpg': 'menu',
    })
    const built = await site.build({
      config: (eleventyConfig) => eleventyConfig.addPassthroughCopy('posts/**/*.jpg'),
    })
    assert.ok(
      built.files.includes('posts/menu/large.jpg') && built.files.includes('posts/menu.jpg'),
    )
    assert.doesNotMatch(built.copy('posts/q.html', 'Bob'), /media\//)
  })
})
