import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type BuildOptions, type BuiltSite, type Site } from '../support/site.ts'

const SECRET = 'a picture of the secret table'
const PRIVATE = 'visibility: private\naudience: [Bob]'
const OPEN = { 'open.md': post('title: Open', '![](/img/open.jpg)'), 'img/open.jpg': 'open' }
const IMAGES: BuildOptions = {
  config(eleventyConfig) {
    for (const folder of ['img', 'css']) eleventyConfig.addPassthroughCopy(folder)
  },
}

let site: Site | undefined
afterEach(() => site?.dispose())

function page(frontMatter: string, markup: string): string {
  const words = frontMatter === PRIVATE ? 'Behind the old windmill at nine.' : 'For everybody.'
  return `---\n${frontMatter}\n---\n<!doctype html><html><head><title>x</title>${markup}<p>${words}</html>`
}

function publicCopies({ files, read }: BuiltSite): string[] {
  return files.filter((file) => !file.startsWith('p/') && read(file).includes(SECRET))
}

/** What the private page shows of the secret file, below its link. */
function shown(built: BuiltSite): string[] {
  const folder = `p/${built.tokens('posts/q.html')['Bob']}/`
  const references = built.copy('posts/q.html', 'Bob').matchAll(/media\/[^"'`)\s>]+/g)
  const files = Array.from(references, ([reference]) => folder + decodeURIComponent(reference))
  return files.filter((file) => built.files.includes(file) && built.read(file).includes(SECRET))
}

const style = (address: string) => `<style>p { background: url(${address}) }</style>`

/** Spellings of a file's name in markup, and the file. */
const SPELLINGS: Record<string, [markup: string, file: string]> = {
  'a reference for a letter': ['<img src="/img/&#116;able.jpg">', 'table.jpg'],
  'a reference for the dot': ['<img src="/img/table&#46;jpg">', 'table.jpg'],
  'a named reference for the dot': ['<img src="/img/table&period;jpg">', 'table.jpg'],
  'a reference in the extension': ['<img src="/img/table.&#x6a;pg">', 'table.jpg'],
  'a percent-encoded letter': ['<img src="/img/%74able.jpg">', 'table.jpg'],
  'a percent-encoded dot': ['<img src="/img/table%2Ejpg">', 'table.jpg'],
  'a percent-encoded extension': ['<img data-x="/img/table.%6apg">', 'table.jpg'],
  'a percent-encoded slash': ['<img src="/img%2Ftable.jpg">', 'table.jpg'],
  'a percent sign of the name': ['<img src="/img/a%2520b.jpg">', 'a%20b.jpg'],
  'an umlaut, composed': ['<img src="/img/gr\u00fcn.jpg">', 'gru\u0308n.jpg'],
  'an umlaut, taken apart': ['<img src="/img/gru%CC%88n.jpg">', 'gr\u00fcn.jpg'],
  'an umlaut of an old encoding': ['<img src="/img/gr%FCn.jpg">', 'gr\u00fcn.jpg'],
  'a plus for a space': ['<img src="/img/my+table.jpg">', 'my table.jpg'],
  'a plus of the name': ['<img src="/img/my%2Btable.jpg">', 'my+table.jpg'],
  'a space that does not break': ['<img src="/img/my&nbsp;table.jpg">', 'my\u00a0table.jpg'],
  'letters of another case': ['<img src="/IMG/Table.JPG">', 'table.jpg'],
  'a letter that is two in the other case': ['<img src="/img/STRASSE.jpg">', 'straße.jpg'],
  backslashes: ['<img src="\\img\\table.jpg">', 'table.jpg'],
  'backslashes after a host': ['<img src="https:\\\\alice.example\\img\\table.jpg">', 'table.jpg'],
  'dots on the way': ['<img src="/css/%2e%2e/img/./table.jpg">', 'table.jpg'],
  'an apostrophe': ['<img src="/img/it\'s.jpg">', "it's.jpg"],
  'an apostrophe in a stylesheet': [style('"/img/it\'s.jpg"'), "it's.jpg"],
  'an apostrophe after a backslash': [style("'/img/it\\'s.jpg'"), "it's.jpg"],
  'a quotation mark': ["<img src='/img/a\"b.jpg'>", 'a"b.jpg'],
  'an escaped letter of a stylesheet': [style('"/img/\\74 able.jpg"'), 'table.jpg'],
  'an escaped letter without quotation marks': [style('/img/\\000074able.jpg'), 'table.jpg'],
  'an escaped dot': [style('/img/table\\.jpg'), 'table.jpg'],
  'an escaped dot as a number': [style('/img/table\\2e jpg'), 'table.jpg'],
  'an escaped space': [style('/img/my\\ table.jpg'), 'my table.jpg'],
  'escaped brackets': [style('/img/table\\(1\\).jpg'), 'table(1).jpg'],
  'an escape in a style attribute': [
    '<p style="background: url(/img/\\74 able.jpg)">',
    'table.jpg',
  ],
  'an escape of a script': ["<script>show('/img/\\x74able\\u002ejpg')</script>", 'table.jpg'],
  'escapes of JSON': [
    '<script type="application/json">["\\u002fimg\\/table.jp\\u0067"]</script>',
    'table.jpg',
  ],
}

describe('a picture whose name is written in an odd way', () => {
  for (const [how, [markup, file]] of Object.entries(SPELLINGS)) {
    it(`moves below the link when only a private page names it, with ${how}`, async () => {
      site = createSite({ ...OPEN, 'posts/q.html': page(PRIVATE, markup), [`img/${file}`]: SECRET })
      const built = await site.build(IMAGES)
      assert.deepEqual(publicCopies(built), [])
      assert.equal(shown(built).length, 1)
      assert.ok(built.files.includes('img/open.jpg'))
    })

    it(`stays when a public page names it too, with ${how}`, async () => {
      site = createSite({
        ...OPEN,
        'posts/q.html': page(PRIVATE, `<img src="/img/${encodeURIComponent(file)}">`),
        'posts/too.html': page('title: Too', markup),
        [`img/${file}`]: SECRET,
      })
      assert.deepEqual(publicCopies(await site.build(IMAGES)), [`img/${file}`])
    })
  }

  it('moves with the stylesheet that names it so', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<link rel="stylesheet" href="/css/q.css">'),
      'css/q.css': 'p { background: url("../img/\\74 able.jpg") }',
      'img/table.jpg': SECRET,
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    const folder = `p/${built.tokens('posts/q.html')['Bob']}/media/`
    assert.equal(built.read(`${folder}q.css`), 'p { background: url("./table.jpg") }')
    assert.equal(built.read(`${folder}table.jpg`), SECRET)
  })

  it('is told from another one whose name means the same in another reading', async () => {
    site = createSite({
      ...OPEN,
      'posts/q.html': page(PRIVATE, '<img src="/img/a%2Bb.jpg">'),
      'posts/too.html': page('title: Too', '<img src="/img/a%20b.jpg">'),
      'img/a+b.jpg': SECRET,
      'img/a b.jpg': 'another',
    })
    const built = await site.build(IMAGES)
    assert.deepEqual(publicCopies(built), [])
    assert.ok(built.files.includes('img/a b.jpg'))
  })
})
