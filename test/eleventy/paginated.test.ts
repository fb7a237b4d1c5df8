import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { filesFound } from '../support/check-findings.ts'
import { createSite, post, type BuildOptions, type Files, type Site } from '../support/site.ts'

const SECRET = 'The zanzibar lanterns hang over the long table.'
const OPEN = { 'open.md': '---\ntitle: Open\n---\nAn open letter.\n' }

let site: Site | undefined
afterEach(() => site?.dispose())

function build(files: Files, options: BuildOptions = {}) {
  site = createSite({ ...OPEN, ...files })
  return site.build(options)
}

async function refused(files: Files, options: BuildOptions = {}): Promise<string> {
  return build(files, options).then(
    () => assert.fail('the build went through'),
    (error: Error) => error.message,
  )
}

const template = (number: number, data = `people${number}`, more = '') =>
  `---\n${more}pagination:\n  data: ${data}\n  size: 1\n  alias: person\npermalink: "/${number}/{{ pagination.pageNumber }}/"\n---\n<p>{{ person.name }} {{ person.text }}</p>\n`

/** Each item in data and with a template of its own, beside one that is for everybody. */
function filesOf(items: readonly Readonly<Record<string, unknown>>[]): Files {
  return Object.fromEntries(
    items.flatMap((item, number) => [
      [
        `_data/people${number}.json`,
        JSON.stringify([{ name: 'A' }, { name: `N${number}`, ...item }]),
      ],
      [`people${number}.liquid`, template(number)],
    ]),
  )
}

const WISHES = [
  { visibility: 'private' },
  { Visibility: 'unlisted' },
  { visiblity: 'private' },
  { visibility: 'friends' },
  { audience: ['Mum'] },
  { audience: 'https://bob.example/' },
  { recipients: ['bob@bob.example'] },
  { 'shared-with': 'Bob' },
  { private: true },
  { isPrivate: true },
  { status: 'private' },
  { public: false },
  { secret: true },
  { attributes: { visibility: 'private' } },
  { data: { private: true } },
]
const ORDINARY = [
  { visibility: 'public' },
  { visibility: 'public', private: true },
  { visibility: '10 km' },
  { audience: 'developers' },
  { audience: 'everyone' },
  { private: false },
  { state: 'ME', type: 'private', tags: ['private'], hidden: true },
  { status: 'published', to: 'Bob', members: ['Bob'] },
]

describe('an item of paginated data that says who may read it', () => {
  let message: Promise<string> | undefined
  for (const [number, item] of WISHES.entries()) {
    it(`stops the build: ${JSON.stringify(item)}`, async () => {
      message ??= refused(filesOf(WISHES.map((wish) => ({ ...wish, text: SECRET }))))
      const path = `people${number}.liquid`
      const [line = '', ...others] = (await message)
        .split('\n')
        .filter((text) => text.startsWith(`${path}: `))
      assert.match(line, new RegExp(`"people${number}", and item 2 of these .* To do: `))
      assert.doesNotMatch(line, /zanzibar|Mum|[bB]ob/)
      assert.deepEqual(others, [])
    })
  }

  it('is none when it says that everybody may, or something else', async () => {
    const built = await build(filesOf(ORDINARY))
    for (const number of ORDINARY.keys()) {
      assert.match(built.read(`${number}/1/index.html`), new RegExp(`N${number}`))
    }
  })

  for (const [what, files, options] of [
    [
      'in an object whose keys are paginated',
      {
        '_data/people0.json': `{"a": {"name": "A"}, "b": {"visibility": "private"}}`,
        'people0.liquid': template(0),
      },
    ],
    [
      'below a key of the data',
      {
        '_data/club.json': `{"people": [{"name": "A"}, {"visibility": "private"}]}`,
        'people0.liquid': template(0, 'club.people'),
      },
    ],
    [
      'in the data of the folder',
      {
        'team/team.json': `{"people0": [{"name": "A"}, {"visibility": "private"}]}`,
        'team/people0.liquid': template(0),
      },
    ],
    [
      'in a collection that is made of data',
      { 'people0.liquid': template(0, 'collections.people') },
      {
        config: (eleventyConfig) =>
          eleventyConfig.addCollection('people', () => [{}, { visibility: 'private' }]),
      },
    ],
    [
      'in data that a script makes, several on a page',
      {
        '_data/people0.cjs': 'module.exports = () => [{}, { visibility: "private" }]',
        'people0.liquid': template(0).replace('size: 1', 'size: 9'),
      },
    ],
  ] as [string, Files, BuildOptions?][]) {
    it(`stops the build ${what}`, async () => {
      assert.match(await refused(files, options), /people0\.liquid: .* item 2 of these/)
    })
  }

  it('may be left out by the site, or be on private pages', async () => {
    const people = JSON.stringify([
      { name: 'A' },
      { name: 'B', text: SECRET, visibility: 'private' },
    ])
    const built = await build({
      '_data/people0.json': people,
      'before.11ty.cjs': `module.exports = {
  data: { permalink: (data) => '/before/' + data.person.name + '/',
    pagination: { data: 'people0', size: 1, alias: 'person', before: (all) => all.filter((one) => one.visibility !== 'private') } },
  render: ({ person }) => person.name }`,
      'private.liquid': template(1, 'people0', 'visibility: private\n'),
    })
    assert.equal(built.read('before/A/index.html'), 'A')
    assert.doesNotMatch(built.publicBytes(), /zanzibar/)
    assert.ok(built.files.some((path) => /^p\/[0-9a-z]{26}\/1\/index\.html$/.test(path)))
  })

  it('is not meant where posts of collections are paginated', async () => {
    const built = await build({
      'list.liquid': `---\npagination:\n  data: collections.post\n  size: 1\npermalink: "/list/{{ pagination.pageNumber }}/"\neleventyExcludeFromCollections: true\n---\n{{ pagination.items[0].url }}`,
      'a.md': post('tags: post\nvisibility: public'),
      'b.md': post('tags: post\nvisibility: private', SECRET),
    })
    assert.match(built.read('list/0/index.html'), /\/a\//)
    assert.ok(!built.files.includes('list/1/index.html'))
  })

  it('is found by check', async () => {
    await build(filesOf(WISHES), { withoutPlugin: true })
    const found = await filesFound(site?.folder ?? '', ['front-matter'])
    assert.deepEqual(found, WISHES.map((_, number) => `people${number}.liquid`).sort())
    site?.dispose()
    await build(filesOf(ORDINARY), { withoutPlugin: true })
    assert.deepEqual(await filesFound(site?.folder ?? '', ['front-matter']), [])
  })
})
