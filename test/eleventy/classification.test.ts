import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { createSite, post, type Files, type Site } from '../support/site.ts'

const SECRET = 'Zanzibar lanterns at midnight'
const FEED =
  '---\npermalink: /feed.txt\n---\n{% for p in collections.all %}{{ p.url }} {% endfor %}'
const TAGS = '---\npermalink: /tags.txt\n---\n{% for t in collections %}{{ t[0] }} {% endfor %}'
const PUBLIC = post('title: Open\ntags: [open]', 'An open letter.')

let site: Site | undefined
afterEach(() => site?.dispose())

/** One row: how the post is written, where it lies, and what else lies beside it. */
const WAYS: Record<string, Files> = {
  'front matter in YAML': {
    'posts/secret.md': post('visibility: private\naudience: [Bob]\ntags: [hushtag]', SECRET),
  },
  'front matter in JSON': {
    'posts/secret.md': `---json\n{ "visibility": "private", "audience": ["Bob"], "tags": ["hushtag"] }\n---\n${SECRET}`,
  },
  'front matter in JavaScript': {
    'posts/secret.md': `---js\n{ visibility: "private", audience: ["Bob"], tags: ["hushtag"] }\n---\n${SECRET}`,
  },
  'front matter in JavaScript with variables': {
    'posts/secret.md': `---javascript\nconst visibility = "private"\nconst audience = ["Bob"]\nconst tags = ["hushtag"]\n---\n${SECRET}`,
  },
  'a glob, with front matter for the rest': {
    'private/secret.md': post('audience: [Bob]\ntags: [hushtag]', SECRET),
  },
  'a glob, with data beside the file': {
    'private/secret.md': SECRET,
    'private/private.json': '{ "audience": ["Bob"], "tags": ["hushtag"] }',
  },
  'a directory data file in JSON': {
    'letters/secret.md': post('tags: [hushtag]', SECRET),
    'letters/letters.json': '{ "visibility": "private", "audience": ["Bob"] }',
  },
  'a directory data file in JavaScript, tags too': {
    'letters/secret.md': SECRET,
    'letters/letters.11tydata.js':
      'module.exports = { visibility: "private", audience: ["Bob"], tags: ["hushtag"] }',
  },
  'a template data file': {
    'letters/secret.md': post('tags: [hushtag]', SECRET),
    'letters/secret.11tydata.json': '{ "visibility": "private", "audience": ["Bob"] }',
  },
  'the front matter of a layout': {
    '_includes/hush.liquid': '---\nvisibility: private\naudience: [Bob]\n---\n<p>{{ content }}</p>',
    'posts/secret.md': `---\nlayout: hush.liquid\ntags: [hushtag]\n---\n${SECRET}`,
  },
  'an audience alone': {
    'posts/secret.md': post('audience: [Bob]\ntags: [hushtag]', SECRET),
  },
  Nunjucks: { 'private/secret.njk': post('audience: [Bob]\ntags: [hushtag]', SECRET) },
  Liquid: { 'private/secret.liquid': post('audience: [Bob]\ntags: [hushtag]', SECRET) },
  HTML: { 'private/secret.html': post('audience: [Bob]\ntags: [hushtag]', SECRET) },
  'HTML without front matter': {
    'private/secret.html': `<p>${SECRET}</p>`,
    'private/private.11tydata.json': '{ "audience": ["Bob"], "tags": ["hushtag"] }',
  },
  'a JavaScript object': {
    'private/secret.11ty.cjs': `module.exports = { data: { audience: ["Bob"], tags: ["hushtag"] }, render: () => "<p>${SECRET}</p>" }`,
  },
  'a JavaScript class': {
    'private/secret.11ty.cjs': `module.exports = class { data() { return { audience: ["Bob"], tags: ["hushtag"], permalink: "/guess/" } } render() { return "<p>${SECRET}</p>" } }`,
  },
  'a JavaScript class with a permalink function': {
    'posts/secret.11ty.cjs': `module.exports = class { data() { return { visibility: "private", audience: ["Bob"], tags: ["hushtag"], permalink: () => "/guess/" } } render() { return "<p>${SECRET}</p>" } }`,
  },
  'a permalink in front matter': {
    'private/secret.md': post('audience: [Bob]\ntags: [hushtag]\npermalink: /guess/', SECRET),
  },
  'a permalink in a directory data file': {
    'private/secret.md': post('audience: [Bob]\ntags: [hushtag]', SECRET),
    'private/private.json': '{ "permalink": "/guess/{{ page.fileSlug }}/" }',
  },
  'a computed permalink in a directory data file': {
    'private/secret.md': post('audience: [Bob]\ntags: [hushtag]', SECRET),
    'private/private.11tydata.js':
      'module.exports = { eleventyComputed: { permalink: (data) => `/guess/${data.page.fileSlug}/` } }',
  },
  'a computed permalink in front matter': {
    'private/secret.md': post(
      'audience: [Bob]\ntags: [hushtag]\neleventyComputed:\n  permalink: "/guess/{{ page.fileSlug }}/"',
      SECRET,
    ),
  },
  permalinkBypassOutputDir: {
    'private/secret.md': post(
      'audience: [Bob]\ntags: [hushtag]\npermalink: guess/index.html\npermalinkBypassOutputDir: true',
      SECRET,
    ),
  },
  'a computed place in the collections': {
    'private/secret.md': post('audience: [Bob]\ntags: [hushtag]', SECRET),
    'private/private.11tydata.js':
      'module.exports = { eleventyComputed: { eleventyExcludeFromCollections: () => false } }',
  },
  'tags in one text': {
    'private/secret.md': post('audience: [Bob]\ntags: "hushtag, hushtag two"', SECRET),
  },
  'tags with spaces around': {
    'private/secret.md': post('audience: [Bob]\ntags: [" hushtag "]', SECRET),
  },
  'a permalink that is not dynamic, with pagination': {
    'private/secret.njk': post(
      'audience: [Bob]\ndynamicPermalink: false\npagination:\n  data: parts\n  size: 1\nparts: [one, two]',
      `${SECRET} {{ pagination.items[0] }}`,
    ),
  },
  'pagination of its own': {
    'private/secret.njk': post(
      'audience: [Bob]\ntags: [hushtag]\npagination:\n  data: parts\n  size: 1\nparts: [one, two]',
      `${SECRET} {{ pagination.items[0] }}`,
    ),
  },
}

describe('a private post is recognised, kept out and stamped out', () => {
  for (const [way, files] of Object.entries(WAYS)) {
    it(`by ${way}`, async () => {
      site = createSite({ 'open.md': PUBLIC, 'feed.liquid': FEED, 'tags.liquid': TAGS, ...files })
      const built = await site.build()
      const [path] = Object.values(built.ledger.posts).map((record) => record.path)
      assert.ok(path !== undefined && path in files, `${path} is the post`)

      assert.match(built.copy(path, 'Bob'), /Zanzibar lanterns/)
      assert.match(built.publicBytes(), /An open letter/)
      assert.match(built.read('feed.txt'), /\/open\//)
      assert.match(built.read('tags.txt'), /open/)
      assert.doesNotMatch(built.publicBytes(), /Zanzibar|hushtag|secret|guess/i)
      assert.doesNotMatch(built.console, /secret|hushtag|guess|Zanzibar/i)
    })
  }

  it('and the same post is public when its author says nothing', async () => {
    site = createSite({
      'posts/secret.md': post('tags: [hushtag]', SECRET),
      'feed.liquid': FEED,
      'tags.liquid': TAGS,
    })
    const built = await site.build()
    assert.match(built.read('posts/secret/index.html'), /Zanzibar/)
    assert.match(built.read('feed.txt'), /\/posts\/secret\//)
    assert.match(built.read('tags.txt'), /hushtag/)
    assert.match(built.console, /posts\/secret\.md/)
  })
})

/** What cannot be classified: front matter, then what the error must name. */
const BROKEN: Record<string, [frontMatter: string, ...named: RegExp[]]> = {
  'an unknown group': [
    'visibility: private\naudience: [strangers]',
    /posts\/party\.md, line 4: audience/,
    /groups/,
  ],
  'an unknown visibility word': ['visibility: secret', /visibility/, /secret/, /"unlisted"/],
  'an empty visibility': ['visibility:', /visibility/, /null/],
  'a list as visibility': ['visibility: [private]', /visibility/, /\["private"\]/],
  'a bad date': [
    'visibility: private\naudience: [Bob]\nexpires: soon',
    /posts\/party\.md, line 5: expires/,
    /2026-12-24/,
  ],
  'a day that does not exist': [
    'visibility: private\naudience: [Bob]\nexpires: 2026-02-31',
    /expires/,
    /2026-02-31/,
  ],
  'a bad recipient URL': ['visibility: private\naudience: ["https://"]', /audience/, /https:\/\//],
  'a recipient with a password': [
    'visibility: private\naudience: ["https://bob:pw@bob.example/"]',
    /audience/,
    /password/,
  ],
  'a website without a scheme': [
    'visibility: private\naudience: [bob.example]',
    /audience/,
    /write it with "https:\/\/"/,
  ],
  'half an address': [
    'visibility: private\naudience: ["mum@example"]',
    /audience/,
    /name@example\.com.*mailto:name@example\.com/,
  ],
  'a public reply to a private message': [
    'visibility: public\ninReplyTo: "fmtp:1.bob@mail.example"',
    /inReplyTo/,
    /visibility: private/,
  ],
  'a typing error in the decisive key': [
    'visiblity: private\naudience: [Bob]',
    /visiblity/,
    /visibility/,
  ],
  'a typing error in "private: true"': ['Private: true', /Private/, /write "private"/],
  'a "private" that is computed': [
    'eleventyComputed:\n  private: "{{ true }}"',
    /eleventyComputed\.private/,
  ],
  'a contradiction': ['visibility: public\naudience: [Bob]', /audience/, /public/],
  'a gate before an unlisted post': [
    'visibility: unlisted\naccess: gate',
    /access/,
    /names nobody/,
  ],
  'a public post with a gate': ['visibility: public\naccess: gate', /access/, /gate/],
  'an unknown access': [
    'visibility: private\naudience: [Bob]\naccess: door',
    /access/,
    /access: "…"/,
    /gate/,
  ],
  'a public reply to a capability URL': [
    'visibility: public\ninReplyTo: https://bob.example/p/4jkq9r2m6c8hx0w3vtynz5ad7e/',
    /inReplyTo/,
    /private/,
  ],
  'a visibility that is computed': [
    'audience: [Bob]\neleventyComputed:\n  visibility: "private"',
    /eleventyComputed\.visibility/,
  ],
}

describe('a post that cannot be classified stops the build', () => {
  for (const [what, [frontMatter, ...named]] of Object.entries(BROKEN)) {
    it(`with ${what}, and says where, what and what to do`, async () => {
      site = createSite({ 'posts/party.md': post(frontMatter, SECRET) })
      const error = await site.build({ options: { groups: { family: ['Bob'] } } }).then(
        () => assert.fail('the build went through'),
        (reason: unknown) => reason,
      )
      const text = messages(error)
      assert.match(text, /posts\/party\.md/)
      assert.match(text, /To do: /)
      for (const pattern of named) assert.match(text, pattern)
      assert.doesNotMatch(text, /Zanzibar|4jkq9r2m6c8hx0w3vtynz5ad7e/)
    })
  }

  it('and the corrected post builds', async () => {
    site = createSite({
      'posts/party.md': post(
        'visibility: private\naudience: [family]\nexpires: 2027-02-28',
        SECRET,
      ),
    })
    const built = await site.build({ options: { groups: { family: ['Bob'] } } })
    assert.match(built.copy('posts/party.md', 'Bob'), /Zanzibar/)
  })
})

/** The message of an error and of everything that caused it: Eleventy prints them all. */
function messages(error: unknown): string {
  const { message = '', originalError, cause } = error as Error & { originalError?: unknown }
  const next = originalError ?? cause
  return next ? `${message}\n${messages(next)}` : message
}
