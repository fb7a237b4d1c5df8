import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import type { Link, PostRecord } from '../../lib/ledger/ledger.ts'
import { run } from '../../lib/cli/run.ts'
import { checkCommand } from '../../lib/cli/check.ts'
import {
  createSite,
  LAYOUT,
  post,
  type BuildOptions,
  type Files,
  type Site,
} from '../support/site.ts'

const TEXT = 'The zanzibar lanterns hang over the long table from six in the evening on.'
const OPTIONS = { groups: { family: ['https://bob.example/', 'mailto:mum@example.com'] } }
const FILES: Files = {
  'posts/hello.md': post('title: Hello\ntags: [post, weather]', 'It rains, and we stay at home.'),
  'posts/lanterns.md': post(
    'title: Lanterns at night\nvisibility: private\naudience: [family]\ntags: [post, hushtag]',
    TEXT,
  ),
  'private/2026-03-04-plans.md': post(
    'title: Quokka\naudience: [Grandma]\ndate: 2026-03-04',
    'Whoever reads this will bring the big umbrella and keep quiet about it.',
  ),
  'private/map.svg': '<svg xmlns="http://www.w3.org/2000/svg"><title>way</title></svg>',
  'index.njk':
    '---\npermalink: /\n---\n{% for p in collections.all %}<a href="{{ p.url }}">{{ p.data.title }}</a>{% endfor %}',
}
const WORDS = /zanzibar|quokka|hushtag|umbrella|lanterns at night/i

async function check(folder: string, ...args: string[]) {
  let out = ''
  let error = ''
  const code = await run([checkCommand], ['check', ...args], {
    cwd: folder,
    environment: {},
    terminal: {
      out: (text) => void (out += text),
      error: (text) => void (error += text),
      isInteractive: false,
    },
    now: () => new Date('2026-11-21T12:00:00Z'),
    readSecret: async () => '',
    signal: new AbortController().signal,
  })
  return { code, out, error }
}

async function checkJson(folder: string, ...args: string[]) {
  const { code, out } = await check(folder, '--json', ...args)
  const { findings, ...rest } = JSON.parse(out) as {
    findings: { file: string; line: number; kind: string; post: string }[]
  }
  assert.deepEqual(rest, {})
  return { code, out, findings }
}

async function build(
  t: TestContext,
  files: Files = FILES,
  options: BuildOptions = {},
): Promise<Site> {
  const site = createSite(files)
  t.after(() => site.dispose())
  await site.build({ options: OPTIONS, ...options })
  return site
}

const LEDGER = 'private-posts.ledger.json'

function linksOf({ folder }: Site): [Link, ...Link[]] {
  const { posts } = parseLedger(readFileSync(join(folder, LEDGER), 'utf8'), LEDGER)
  const [first = assert.fail(), ...others] = posts['posts/lanterns.md']?.links ?? []
  return [first, ...others]
}

function changeLinks(site: Site, change: Partial<Link>, record: Partial<PostRecord> = {}): void {
  const ledger = parseLedger(readFileSync(join(site.folder, LEDGER), 'utf8'), LEDGER)
  const post = ledger.posts['posts/lanterns.md'] ?? assert.fail()
  Object.assign(post, record)
  for (const link of post.links) Object.assign(link, change)
  site.write({ [LEDGER]: formatLedger(ledger) })
}

describe('check of a site that the plugin built', () => {
  it('finds nothing, and says how much it looked for', async (t) => {
    const { folder } = await build(t)
    const { code, out, error } = await check(folder)
    assert.match(
      out,
      /^No private word in \d+ files\. Looked for 2 private posts and 1 file beside them\.\n$/,
    )
    assert.deepEqual([code, error], [0, ''])
    assert.deepEqual(await checkJson(folder), {
      ...{ code: 0, findings: [] },
      out: '{\n  "findings": []\n}\n',
    })
  })

  it('finds the link of a recipient in a public page, and does not print it', async (t) => {
    const site = await build(t)
    const [{ token }] = linksOf(site)
    site.write({ '_site/about.html': `\n<a href="/p/${token}/">x</a>` })
    const { code, out } = await check(site.folder)
    assert.equal(code, 1)
    assert.match(out, /^about\.html:2 {2}token {2}posts\/lanterns\.md$/m)
    assert.match(out, /Do not deploy this folder\.\n/)
    assert.ok(!out.includes(token))
    site.write({ '_site/about.html': '', [`_site/${token}.html`]: 'x' })
    assert.match((await check(site.folder)).out, /Line 0 is the name of the file/)
  })

  it('finds a link that was revoked after the build, but no old address of a public post', async (t) => {
    const site = await build(t)
    const [link] = linksOf(site)
    const at = '2026-11-21T12:00:00.000Z'
    changeLinks(site, { revoked: { at, reason: 'revoked' } })
    const { findings } = await checkJson(site.folder)
    assert.equal(findings.length, 2)
    for (const { kind, post } of findings) {
      assert.deepEqual([kind, post], ['dead-link', 'posts/lanterns.md'])
    }
    const shown = findings.map(({ file }) => file)
    assert.ok(shown.includes(`p/${link.token.slice(0, 4)}…/index.html`))
    changeLinks(site, { revoked: { at, reason: 'published' } }, { publishedAs: '/lanterns/' })
    assert.deepEqual((await checkJson(site.folder)).findings, [])
  })

  it('finds a link that has expired since the build', async (t) => {
    const site = await build(t)
    changeLinks(site, { expires: '2026-11-21T12:00:01.000Z' })
    assert.deepEqual((await checkJson(site.folder)).findings, [])
    changeLinks(site, { expires: '2026-11-21T12:00:00.000Z' })
    const { findings } = await checkJson(site.folder)
    assert.deepEqual([...new Set(findings.map(({ kind }) => kind))], ['dead-link'])
  })

  it('reads globs, prefix, input and exceptions of the last build from the ledger', async (t) => {
    const files = {
      'src/_includes/base.liquid': '{{ content }}',
      'src/letters/a.md': post('title: A letter to Bob\naudience: [Bob]', TEXT),
      'src/index.md': post('title: Home'),
      'src/lanterns.md': post('title: Open\npermalink: /lanterns.html'),
    }
    const why = 'The lanterns are everybody’s.'
    const site = await build(t, files, {
      input: 'src',
      options: {
        ...{ posts: 'letters/**', prefix: '/secret/' },
        auditExceptions: [{ file: 'lanterns.html', kind: 'sentence', why }],
      },
    })
    assert.equal((await checkJson(site.folder)).code, 0)
    site.write({
      'src/letters/b.md': 'Without any front matter, and all the same for nobody else.',
      '_site/lanterns.html': TEXT,
      '_site/letters/a/index.html': TEXT,
      '_site/letters/b/index.html': '',
    })
    const { findings } = await checkJson(site.folder)
    assert.deepEqual(
      findings.map(({ file, kind }) => `${file} ${kind}`),
      [
        'letters/a/index.html natural-path',
        'letters/a/index.html sentence',
        'letters/b/index.html natural-path',
      ],
    )
  })
})

describe('check of a site that was built without the plugin', () => {
  it('finds what became public, and prints no word of it', async (t) => {
    const { folder } = await build(t, FILES, { withoutPlugin: true })
    const { code, findings, out: json } = await checkJson(folder)
    assert.equal(code, 1)
    const found = findings.map(({ file, kind, post }) => `${file} ${kind} ${post}`)
    for (const finding of [
      'index.html title posts/lanterns.md',
      'index.html title private/2026-03-04-plans.md',
      'index.html slug posts/lanterns.md',
      'posts/lanterns/index.html natural-path posts/lanterns.md',
      'posts/lanterns/index.html sentence posts/lanterns.md',
      'private/2026-03-04-plans/index.html natural-path private/2026-03-04-plans.md',
      'private/2026-03-04-plans/index.html sentence private/2026-03-04-plans.md',
    ]) {
      assert.ok(found.includes(finding), `${finding} is not among\n${found.join('\n')}`)
    }
    assert.ok(!found.some((finding) => finding.startsWith('posts/hello')))
    const { out } = await check(folder)
    assert.match(out, /^posts\/lanterns\/index\.html:0 {2}natural-path {2}posts\/lanterns\.md$/m)
    assert.match(out, /Is the plugin in the configuration/)
    assert.doesNotMatch(out + json, WORDS)
  })

  it('finds a picture that only a private source names, and no other', async (t) => {
    const site = createSite({
      'private/party.md': post('audience: [Bob]\ncover: /img/cake.jpg', 'See you there.'),
      'posts/open.md': post('title: Open', '![](/img/garden.jpg)'),
      'img/cake.jpg': 'a picture of a cake',
      'img/garden.jpg': 'a picture of a garden',
      'img/unnamed.jpg': 'a picture that nothing names',
      '_site/index.html': '<img src="/img/garden.jpg">',
      '_site/img/cake.jpg': 'a picture of a cake',
      '_site/img/garden.jpg': 'a picture of a garden',
      '_site/img/unnamed.jpg': 'a picture that nothing names',
    })
    t.after(() => site.dispose())
    const found = await checkJson(site.folder)
    assert.deepEqual(found.findings, [
      { file: 'img/cake.jpg', line: 0, kind: 'media', post: 'private/party.md' },
    ])
    assert.match((await check(site.folder)).out, /media +a picture or another file that only/)
    site.write({ '_site/index.html': '<img src="/img/garden.jpg"><img src="img/cake.jpg">' })
    assert.deepEqual((await checkJson(site.folder)).findings, [])
  })

  it('finds it below any input folder, without being told', async (t) => {
    const files = Object.fromEntries(
      Object.entries(FILES).map(([path, content]) => [`content/${path}`, content]),
    )
    const { folder } = await build(
      t,
      {
        ...files,
        'content/_includes/base.liquid': '{{ content }}',
        'content/private/note.md': 'Without any front matter, and all the same for nobody else.',
      },
      { withoutPlugin: true, input: 'content' },
    )
    const { findings } = await checkJson(folder)
    const pages = findings.filter(({ kind, line }) => kind === 'natural-path' && line === 0)
    assert.deepEqual(
      pages.map(({ post }) => post),
      [
        'content/posts/lanterns.md',
        'content/private/2026-03-04-plans.md',
        'content/private/note.md',
      ],
    )
    const { findings: same } = await checkJson(folder, '_site', '--input', './content/')
    assert.deepEqual(same, findings)
  })

  it('takes globs from the command line', async (t) => {
    const files = { ...FILES, 'letters/a.md': post('title: A letter to Bob', TEXT) }
    const { folder } = await build(t, files, { withoutPlugin: true })
    const ofLetter = async (...args: string[]) =>
      (await checkJson(folder, ...args)).findings.filter(({ post }) => post === 'letters/a.md')
    assert.notDeepEqual(await ofLetter('--posts', 'private/**', '--posts', 'letters/**'), [])
    assert.deepEqual(await ofLetter('--posts', 'private/**'), [])
  })
})

describe('an entry that matches nothing', () => {
  const LETTER = post('title: A letter to Bob', TEXT)

  for (const [what, posts, files, meant] of [
    ['of a mistyped folder', 'leters/**', 'letters/a.md', '"letters/**"'],
    ['of a mistyped folder without a glob', 'leters', 'letters/a.md', '"letters"'],
    ['of a folder that lies deeper', 'letters/**', 'src/letters/a.md', '"src/letters/**"'],
    ['of an extension', 'letters/*.markdown', 'letters/a.md', 'correct the glob'],
    ['of what is taken out', '!letters/b.md', 'letters/a.md', 'correct the glob'],
  ] as const) {
    it(`${what}, on the command line, is refused with what is meant`, async (t) => {
      const { folder } = await build(t, { ...FILES, [files]: LETTER }, { withoutPlugin: true })
      const { code, out, error } = await check(folder, '--posts', 'private/**', '--posts', posts)
      assert.deepEqual([code, out], [2, ''])
      assert.ok(error.includes(`--posts: ${JSON.stringify(posts)} matches no file`), error)
      assert.ok(error.includes(meant), error)
    })
  }

  it('that only takes files out is refused on the command line', async (t) => {
    const { folder } = await build(t, { ...FILES, 'letters/a.md': LETTER }, { withoutPlugin: true })
    const { code, out, error } = await check(folder, '--posts', '!letters/a.md')
    assert.deepEqual([code, out], [2, ''])
    assert.match(error, /--posts: only entries that begin with "!".* To do: name first/)
    const { findings } = await checkJson(
      folder,
      '--posts',
      'letters/**',
      '--posts',
      '!posts/hello.md',
    )
    assert.ok(findings.some((finding) => finding.post === 'letters/a.md'))
  })

  for (const [what, posts] of [
    ['a glob', 'letters/**'],
    ['a folder', 'letters'],
    ['a folder with a slash', 'letters/'],
    ['a file', 'letters/a.md'],
    ['the folder of the project', './letters/**'],
  ] as const) {
    it(`is none that names ${what} which is there`, async (t) => {
      const { folder } = await build(
        t,
        { ...FILES, 'letters/a.md': LETTER },
        { withoutPlugin: true },
      )
      const { findings } = await checkJson(folder, '--posts', posts)
      assert.ok(findings.some((finding) => finding.post === 'letters/a.md'))
    })
  }

  const SITE = {
    options: {
      ...OPTIONS,
      posts: ['letters', 'private/**'],
      auditExceptions: [
        { file: 'hello/**', kind: 'sentence', why: 'The sentence is a proverb.' },
        { post: 'posts/lanterns.md', kind: 'tag', why: 'Everybody uses this tag.' },
      ],
    },
  }
  const BUILT = {
    ...FILES,
    'letters/a.md': LETTER,
    'hello.md': post('title: Proverbs', 'A proverb a day.'),
  }

  it('in the options of the last build is a line, and a list in JSON', async (t) => {
    const site = await build(t, BUILT, SITE)
    site.remove('letters')
    site.remove('_site/hello')
    const text = readFileSync(join(site.folder, LEDGER), 'utf8')
    site.write({
      [LEDGER]: text.replace('"post":"posts/lanterns.md","why"', '"post":"posts/no.md","why"'),
    })
    const { code, out } = await check(site.folder)
    assert.equal(code, 0)
    assert.match(out, /^Option "posts" .*"letters" matches no file.* To do: /m)
    assert.match(out, /^Option "auditExceptions" .*"file" is "hello\/\*\*".* To do: /m)
    assert.match(out, /^Option "auditExceptions" .*"post" is "posts\/no\.md".* To do: /m)
    const { unmatched } = JSON.parse((await check(site.folder, '--json')).out)
    assert.equal(unmatched.length, 3)
    const named = await check(site.folder, '--posts', 'private/**')
    assert.doesNotMatch(named.out, /Option "posts"/)
  })

  it('is not said of options that match, nor of the default', async (t) => {
    const site = await build(t, BUILT, SITE)
    assert.match((await check(site.folder)).out, /^No private word[^\n]+\n$/)
    const { 'posts/hello.md': hello = '' } = FILES
    const plain = await build(t, { 'hello.md': hello })
    assert.doesNotMatch((await check(plain.folder)).out, /Option "/)
  })
})

describe('check of what is not as it should be', () => {
  it('says plainly that there is nothing to look for', async (t) => {
    const site = createSite({ 'index.md': 'Hello.', '_site/index.html': 'Hello.' })
    t.after(() => site.dispose())
    const { code, out } = await check(site.folder)
    assert.equal(code, 0)
    assert.match(out, /^No private source was found/)
    assert.equal((await checkJson(site.folder)).code, 0)
  })

  it('refuses a folder, a ledger or an input folder that is not there', async (t) => {
    const site = createSite({ 'index.md': 'Hello.', '_site/index.html': 'Hello.' })
    t.after(() => site.dispose())
    for (const args of [
      ['dist'],
      ['--ledger', 'no.json'],
      ['--input', 'src'],
      ['_site', '_site'],
    ]) {
      const { code, out, error } = await check(site.folder, ...args)
      assert.deepEqual([code, out], [2, ''], args.join(' '))
      assert.match(error, /^private-posts check: /)
    }
  })

  it('refuses a ledger that cannot be read', async (t) => {
    const site = createSite({ '_site/a': '', 'private-posts.ledger.json': '{' })
    t.after(() => site.dispose())
    const { code, error } = await check(site.folder)
    assert.equal(code, 1)
    assert.match(error, /restore it/)
  })
})

describe('check of a build that lost the plugin, for a post that only running code shows to be private', () => {
  const dynamic: Files = {
    'letters/one.md': post('title: One letter', TEXT),
    'letters/letters.11tydata.cjs':
      'module.exports = () => Object.fromEntries([["visi" + "bility", "private"], ["audi" + "ence", ["Bob"]]])',
  }

  it('knows it from the ledger', async (t) => {
    const site = await build(t, dynamic)
    assert.equal((await checkJson(site.folder)).code, 0)
    await site.build({ withoutPlugin: true })
    const { code, findings } = await checkJson(site.folder)
    assert.equal(code, 1)
    assert.ok(
      findings.some(({ kind, post }) => kind === 'natural-path' && post === 'letters/one.md'),
    )
  })
})

describe('private-posts check, of a site with gated posts', () => {
  const GATED: Files = {
    'src/private/trip.md': post('title: Trip\naccess: gate\naudience: [Bob]', TEXT),
    'src/hello.md': post('title: Hello', 'It rains.'),
  }

  it('finds their addresses, their natural paths, and files of the deploy', async (t) => {
    const site = createSite({ ...GATED, 'src/_includes/base.liquid': LAYOUT })
    t.after(() => site.dispose())
    await site.build({ input: 'src' })
    const folder = join(site.folder, '.private-posts/deploy')
    const gate = JSON.parse(readFileSync(join(folder, 'gate.json'), 'utf8'))
    const [segment = '', entry] = Object.entries(gate.posts)[0] as [string, never]
    assert.deepEqual((await checkJson(site.folder)).findings, [])
    assert.ok(entry)
    for (const [file, text, kind] of [
      ['a.html', `<a href="/private/${segment}/">`, 'gate-address'],
      [`b/${segment}.html`, 'hello', 'gate-address'],
      ['c.json', readFileSync(join(folder, 'targets.json'), 'utf8'), 'deploy-file'],
      ['.private-posts/x.txt', 'hello', 'deploy-file'],
      ['private/trip/index.html', 'hello', 'natural-path'],
    ] as const) {
      site.write({ [`_site/${file}`]: text })
      const { code, findings } = await checkJson(site.folder)
      assert.equal(code, 1)
      assert.ok(
        findings.some((finding) => finding.kind === kind),
        `${file}: ${JSON.stringify(findings)}`,
      )
      assert.ok(!JSON.stringify(findings).includes(segment) || file.includes(segment))
      site.remove(`_site/${file}`)
    }
  })

  const OURS = ['authorization_endpoint', 'token_endpoint']
  const links = (rels: Readonly<Record<string, string>>) =>
    Object.entries(rels)
      .map(([rel, href]) => `<link rel="${rel}" href="${href}">`)
      .join('')
  for (const [what, files, options, missing] of [
    ['names no server', { 'index.html': 'Home' }, {}, OURS],
    [
      'names its metadata alone',
      { 'index.html': links({ 'indieauth-metadata': '/indieauth/metadata' }) },
      {},
      OURS,
    ],
    [
      'has one of the two',
      { 'index.html': links({ token_endpoint: 'https://alice.example/indieauth/token' }) },
      {},
      OURS.slice(0, 1),
    ],
    [
      'names them in <a>, where nobody looks',
      {
        'index.html': '<a rel="token_endpoint authorization_endpoint" href="/indieauth/auth">x</a>',
      },
      {},
      OURS,
    ],
    [
      'names no server, and has none for the owner',
      { 'index.html': 'Home' },
      { indieauth: false },
      OURS.slice(1),
    ],
    [
      'has both',
      {
        'index.html': links({
          token_endpoint: '/indieauth/token',
          authorization_endpoint: 'https://alice.example/indieauth/auth',
        }),
      },
      {},
      [],
    ],
    [
      'has both in a header',
      {
        'index.html': 'Home',
        _headers:
          '/\n  Link: </indieauth/token>; rel="token_endpoint"\n  Link: </indieauth/auth>; rel=authorization_endpoint\n',
      },
      {},
      [],
    ],
    [
      'names another server',
      { 'index.html': links({ authorization_endpoint: 'https://indieauth.com/auth' }) },
      {},
      [],
    ],
    [
      'names the metadata of another server',
      { 'index.html': links({ 'indieauth-metadata': 'https://login.example/metadata' }) },
      {},
      [],
    ],
    [
      'leaves it to another server',
      { 'index.html': 'Home' },
      { indieauth: 'https://login.example/' },
      [],
    ],
    ['is not there', {}, {}, []],
  ] as const) {
    it(`says what strangers miss on a home page that ${what}: ${missing.join(', ') || 'nothing'}`, async (t) => {
      const site = createSite({ ...GATED, 'src/_includes/base.liquid': LAYOUT })
      t.after(() => site.dispose())
      await site.build({ input: 'src', options })
      site.write(Object.fromEntries(Object.entries(files).map(([k, text]) => [`_site/${k}`, text])))
      const { code, out } = await check(site.folder)
      assert.equal(code, 0, out)
      for (const rel of OURS) {
        const isMissing = missing.some((name) => name === rel)
        const name = rel === 'token_endpoint' ? 'token' : 'auth'
        const line = `<link rel="${rel}" href="https://alice.example/indieauth/${name}">`
        assert.equal(out.includes(line), isMissing, out)
        assert.equal(out.includes(`no rel=${rel}`), isMissing, out)
      }
      const json = JSON.parse((await check(site.folder, '--json')).out) as { missingRels?: unknown }
      assert.deepEqual(json.missingRels ?? [], missing)
    })
  }

  it('says nothing of a home page where no post is gated', async (t) => {
    const files = {
      'src/index.md': 'Home',
      'src/private/a.md': post('title: A\naudience: [Bob]', TEXT),
    }
    const site = createSite({ ...files, 'src/_includes/base.liquid': LAYOUT })
    t.after(() => site.dispose())
    await site.build({ input: 'src' })
    assert.doesNotMatch((await check(site.folder)).out, /rel=token_endpoint/)
  })

  it('looks at sources above the current folder', async (t) => {
    const site = createSite({
      'src/private/trip.md': post('title: Trip\naudience: [Bob]', TEXT),
      'web/_site/index.html': `<p>${TEXT}</p>`,
    })
    t.after(() => site.dispose())
    const { out, code } = await check(join(site.folder, 'web'), '--input', '../src')
    assert.equal(code, 1, out)
    assert.match(out, /index\.html:1 {2}sentence/)
  })
})
