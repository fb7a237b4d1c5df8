import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { InputPathToUrlTransformPlugin } from '@11ty/eleventy'
import { parseGateRegister, type GateRegister } from '../../lib/gate/register.ts'
import { isDeployFileName } from '../../lib/store/deploy-files.ts'
import { FOLDER_INDEX } from '../../lib/web/folder-index.ts'
import { TOMBSTONE } from '../../lib/web/tombstone.ts'
import { pathHash, TARGETS_FILE, type Targets } from '../../lib/webmention/targets.ts'
import {
  createSite,
  EMPTY_LEDGER,
  listFiles,
  post,
  type BuildOptions,
  type BuiltByCommand,
  type Site,
} from '../support/site.ts'
import { secretText } from '../support/secrets.ts'

const BOB = 'https://bob.example/'
const MUM = 'mailto:mum@example.com'
const GROUPS = { groups: { family: [BOB, MUM, 'Grandma'] } }
const SECRET = secretText()
const TRIP = 'private/trip.md'
const SENTENCE = 'The quokka of Zanzibar whistles at the ninth hour.'
const GATED = (more = '', body = SENTENCE) =>
  post(`title: Quokkas abroad\naccess: gate\n${more}`, body)
const FAMILY = 'audience: [family]'

let site: Site | undefined
afterEach(() => site?.dispose())

function deployFolder(): string {
  return join(site?.folder ?? assert.fail(), '.private-posts/deploy')
}

function readDeploy(name: string): string {
  return readFileSync(join(deployFolder(), name), 'utf8')
}

function register(): GateRegister {
  return parseGateRegister(JSON.parse(readDeploy('gate.json')))
}

/** Builds in a process of its own: Eleventy keeps what it has read as long as the process lives. */
async function rebuildWell(): Promise<BuiltByCommand> {
  const built = await (site ?? assert.fail()).eleventy([], { options: GROUPS })
  assert.equal(built.exitCode, 0, built.console)
  return built
}

/** The one gated post: its segment, and its readers by id. */
function onlyGated() {
  const [[segment, { readers, expires }], ...others] = Object.entries(register().posts) as [
    [string, GateRegister['posts'][string]],
    ...unknown[],
  ]
  assert.deepEqual(others, [])
  return { segment, expires, readers: Object.fromEntries(readers.map((one) => [one.id, one])) }
}

function copy(reader: string, path = ''): string {
  const name = onlyGated().readers[reader]?.files[path]
  return readDeploy(name ?? assert.fail(`no ${path} for ${reader}`))
}

describe('a gated post', () => {
  it('is in the deploy folder, once for each reader, and nowhere in the output', async () => {
    site = createSite({
      [TRIP]: GATED(`${FAMILY}\ntags: [zanzibar]`),
      'private/dinner.md': post(`title: Dinner\n${FAMILY}`, 'Under the pear tree.'),
      'list.liquid':
        '---\npermalink: /list.txt\n---\n{% for p in collections.all %}{{ p.url }}{% endfor %}',
    })
    const built = await site.build({ options: GROUPS })
    const { segment, readers } = onlyGated()
    assert.match(segment, /^[0-9a-hjkmnp-tv-z]{12}$/)
    assert.deepEqual(Object.keys(readers), [BOB, MUM, 'Grandma'])
    for (const id of Object.keys(readers)) assert.match(copy(id), /quokka of Zanzibar/)
    const all = built.files.map((file) => `${file}\n${built.read(file)}`).join('\n')
    assert.doesNotMatch(all, /quokka|zanzibar|trip/i)
    assert.ok(!all.includes(segment))
    assert.match(all, /pear tree/, 'a post with links is in the output')
    assert.ok(!existsSync(join(site.folder, '_site/private')))
    assert.doesNotMatch(built.printed.join('\n') + built.console, /quokka|trip\.md|left out/i)
    assert.match(built.printed.join('\n'), /1 private post, 3 links/)
    assert.match(built.printed.join('\n'), /1 gated post, 3 readers/)
  })

  it('tells the gate of each reader what it must know, and nothing of the invitation itself', async () => {
    site = createSite({ [TRIP]: GATED(`${FAMILY}\nexpires: 2026-12-24`) })
    const built = await site.build({ options: GROUPS })
    const { expires, readers } = onlyGated()
    const tokens = built.tokens(TRIP)
    assert.equal(expires, '2026-12-25T00:00:00.000Z')
    assert.deepEqual(readers[MUM]?.name, 'mum')
    assert.equal(readers[MUM]?.invited, '2026-11-21T12:00:00.000Z')
    for (const [id, token] of Object.entries(tokens)) {
      assert.equal(readers[id]?.invitation, createHash('sha256').update(token).digest('hex'))
      assert.ok(!readDeploy('gate.json').includes(token))
    }
    for (const file of listFiles(deployFolder())) {
      if (file !== '.gitignore') assert.ok(isDeployFileName(file), file)
    }
    assert.equal(readDeploy('.gitignore'), '*\n')
    assert.equal(readDeploy('../.gitignore'), '*\n')
  })

  for (const [shown, among, names] of [
    [false, /among 1/, /^((?!mum|Grandma).)*$/s],
    [true, /among 3/, /mum.*Grandma/s],
  ] as const) {
    it(`shows each reader ${shown ? 'everybody, if the author wants it' : 'only themselves'}`, async () => {
      site = createSite({
        '_includes/base.liquid':
          '<html lang="en"><body class="h-entry">To {{ recipient.name }} {{ recipient.url }} among {{ audience.size }} {{ content }}</body></html>',
        [TRIP]: GATED(`${FAMILY}\nshowAudience: ${shown}`),
      })
      await site.build({ options: GROUPS })
      assert.match(copy(BOB), /To bob\.example https:\/\/bob\.example\//)
      assert.match(copy(BOB), among)
      assert.match(copy(BOB), names)
      assert.match(copy('Grandma'), /To Grandma/)
    })
  }

  it('is marked like every private page', async () => {
    site = createSite({ [TRIP]: GATED(FAMILY) })
    await site.build({ options: GROUPS })
    const html = copy(BOB)
    assert.match(html, /<meta name="robots" content="noindex/)
    assert.match(html, /<meta name="referrer" content="no-referrer">/)
    assert.match(html, /Content-Security-Policy/)
    assert.match(html, /<a class="u-audience h-card" href="https:\/\/bob\.example\/"/)
    assert.match(html, /p-visibility" value="private"/)
  })

  it('may load nothing from elsewhere', async () => {
    const picture = '<img src="https://cdn.example/x.png">'
    site = createSite({ [TRIP]: GATED(FAMILY, picture) })
    await assert.rejects(site.build({ options: GROUPS }), /private\/trip\.md: a third-party/)
    await site.build({ options: { ...GROUPS, thirdParty: 'allow' } })
    assert.match(copy(BOB), /cdn\.example/)
  })

  it('takes its files with it, under names that a deploy can carry', async () => {
    site = createSite({
      [TRIP]: GATED(FAMILY, '![a](<My Table ü.JPG>) [b](menu.pdf)'),
      'private/My Table ü.JPG': 'table',
      'private/menu.pdf': 'menu',
    })
    const built = await site.build({
      options: GROUPS,
      config: (config) => config.addPassthroughCopy('private/*.{JPG,pdf}'),
    })
    const { readers, segment } = onlyGated()
    assert.equal(copy(BOB, 'My Table ü.JPG'), 'table')
    assert.equal(copy(MUM, 'menu.pdf'), 'menu')
    assert.equal(readers[BOB]?.files['menu.pdf'], readers[MUM]?.files['menu.pdf'], 'one for all')
    assert.match(
      readers[BOB]?.files['menu.pdf'] ?? '',
      new RegExp(`^gate/${segment}/files/\\w+\\.pdf$`),
    )
    assert.notEqual(readers[BOB]?.files[''], readers[MUM]?.files[''])
    assert.deepEqual(
      built.files.filter((file) => /table|menu/i.test(file)),
      [],
    )
  })

  it('takes what an image plugin made of its pictures out of the output', async () => {
    const derived = Buffer.from('a smaller picture of the quokka')
    site = createSite({
      [TRIP]: GATED(FAMILY, '![q](/img/abc-300.webp)'),
      'index.md': post('title: Home'),
    })
    const built = await site.build({
      options: GROUPS,
      config: (config) =>
        config.on('eleventy.before', ({ directories }: { directories: { output: string } }) =>
          site?.write({ [join(directories.output, 'img/abc-300.webp')]: derived }),
        ),
    })
    assert.ok(!built.files.includes('img/abc-300.webp'))
    assert.match(copy(BOB), /src="media\/abc-300\.webp"/)
    assert.equal(copy(BOB, 'media/abc-300.webp'), derived.toString())
  })

  it('has all pages of a post that paginates', async () => {
    site = createSite({
      'private/album.njk':
        '---\nlayout: base.liquid\naccess: gate\naudience: [family]\npagination: {data: items, size: 1, alias: item}\nitems: [one, two]\n---\nItem {{ item }} <a href="{{ page.url }}">here</a>',
    })
    await site.build({ options: GROUPS })
    const { segment } = onlyGated()
    assert.match(copy(BOB), new RegExp(`Item one <a href="/private/${segment}/"`))
    assert.match(copy(BOB, '1/'), new RegExp(`Item two <a href="/private/${segment}/1/"`))
  })

  it('may be linked from the copy of somebody who may read it, and of nobody else', async () => {
    const link = '[trip](/private/trip.md)'
    site = createSite({
      [TRIP]: GATED(FAMILY),
      'private/dinner.md': post(`title: Dinner\naudience: ["${BOB}"]`, link),
    })
    const config: BuildOptions['config'] = (eleventyConfig) =>
      eleventyConfig.addPlugin(InputPathToUrlTransformPlugin)
    const built = await site.build({ options: GROUPS, config })
    assert.ok(built.copy('private/dinner.md', BOB).includes(`/private/${onlyGated().segment}/`))
    await assert.rejects(
      site.build({ options: { groups: { family: [MUM] } }, config }),
      /dinner\.md links to private\/trip\.md, which not everybody who may read the first may read/,
    )
  })

  it('is not told of by a public page that links to it', async () => {
    site = createSite({ [TRIP]: GATED(FAMILY), 'index.md': post('title: Home') })
    await site.build({ options: GROUPS })
    const { segment } = onlyGated()
    site.write({ 'linker.md': post('title: Linker', `[a](/private/${segment}/)`) })
    await assert.rejects(site.build({ options: GROUPS }), /gate-address/)
  })

  it('is not told of by copies of the deploy folder', async () => {
    site = createSite({ [TRIP]: GATED(FAMILY) })
    await site.build({ options: GROUPS })
    const config: BuildOptions['config'] = (eleventyConfig) =>
      eleventyConfig.addPassthroughCopy({ '.private-posts/deploy/targets.json': 'x.json' })
    await assert.rejects(site.build({ options: GROUPS, config }), /x\.json \(deploy-file\)/)
  })
})

describe('the register of the gate, from build to build', () => {
  it('keeps addresses and invitations', async () => {
    site = createSite({ [TRIP]: GATED(FAMILY) })
    await site.build({ options: GROUPS })
    const first = readDeploy('gate.json')
    await site.build({ options: GROUPS })
    assert.equal(readDeploy('gate.json'), first)
  })

  it('lets a removed reader out, and their copy with them', async () => {
    site = createSite({ [TRIP]: GATED(FAMILY) })
    await site.build({ options: GROUPS })
    const { segment, readers } = onlyGated()
    const mums = readers[MUM]?.files[''] ?? ''
    assert.ok(existsSync(join(deployFolder(), mums)))
    await site.build({ options: { groups: { family: [BOB] } } })
    assert.deepEqual(Object.keys(onlyGated().readers), [BOB])
    assert.equal(onlyGated().segment, segment)
    assert.ok(!existsSync(join(deployFolder(), mums)))
    const others = listFiles(deployFolder()).filter((file) => file !== 'gate.json')
    assert.doesNotMatch(others.map(readDeploy).join('\n'), /mum/)
  })

  it('is narrowed even by a build that fails', async () => {
    site = createSite({ [TRIP]: GATED(FAMILY) })
    await site.build({ options: GROUPS })
    await assert.rejects(
      site.build({
        options: { groups: { family: [BOB] } },
        config: (config) =>
          config.on('eleventy.before', () => site?.write({ '_site/x.html': SENTENCE })),
      }),
      /x\.html, line 1 \(sentence\)/,
    )
    assert.deepEqual(Object.keys(onlyGated().readers), [BOB])
  })

  it('forgets posts that are deleted, expired, public, or read by links', async () => {
    for (const after of [
      { [TRIP]: GATED(`${FAMILY}\nexpires: 2026-11-01`) },
      { [TRIP]: post(FAMILY, SENTENCE) },
      {},
    ]) {
      site = createSite({ [TRIP]: GATED(FAMILY), 'index.md': post('title: Home') })
      await site.build({ options: GROUPS })
      assert.equal(Object.keys(register().posts).length, 1)
      site.remove(TRIP)
      site.write(after)
      await rebuildWell()
      assert.deepEqual(register().posts, {})
      assert.deepEqual(
        listFiles(deployFolder()).filter((file) => file.startsWith('gate/')),
        [],
      )
      site.dispose()
    }
  })

  it('goes to the gate and back, with new links each time and one address', async () => {
    site = createSite({ [TRIP]: post(FAMILY, SENTENCE) })
    const open = await site.build({ options: GROUPS })
    const tokens = open.tokens(TRIP)
    site.write({ [TRIP]: GATED(FAMILY) })
    const gated = await rebuildWell()
    const { segment } = onlyGated()
    const invitations = gated.tokens(TRIP)
    const linked = gated.files.filter((file) => file.startsWith('p/'))
    assert.ok(linked.every((file) => [TOMBSTONE, FOLDER_INDEX].includes(gated.read(file))))
    site.write({ [TRIP]: post(FAMILY, SENTENCE) })
    const back = await rebuildWell()
    const all = [tokens, invitations, back.tokens(TRIP)].map((some) => some[BOB])
    assert.equal(new Set(all).size, 3)
    assert.match(back.copy(TRIP, BOB), /quokka/)
    site.write({ [TRIP]: GATED(FAMILY) })
    await rebuildWell()
    assert.equal(onlyGated().segment, segment)
  })

  it('derives addresses and invitations where nothing is kept', async () => {
    const options: BuildOptions = {
      options: { ...GROUPS, tokens: 'derived' },
      variables: { PRIVATE_POSTS_SECRET: SECRET, CI: 'true' },
    }
    site = createSite({ [TRIP]: GATED(FAMILY) })
    const first = await site.build(options)
    const before = readDeploy('gate.json')
    const tokens = first.tokens(TRIP)
    site.remove('private-posts.ledger.json')
    site.remove('.private-posts')
    const second = await site.build(options)
    assert.equal(readDeploy('gate.json'), before)
    assert.deepEqual(second.tokens(TRIP), tokens)

    site.remove('private-posts.ledger.json')
    site.write({ [TRIP]: post(FAMILY, SENTENCE) })
    const open = await site.eleventy([], {
      options: { ...GROUPS, tokens: 'derived' },
      variables: { PRIVATE_POSTS_SECRET: SECRET, CI: 'true' },
    })
    assert.notEqual(
      open.tokens(TRIP)[BOB],
      tokens[BOB],
      'no token is both, a link and an invitation',
    )
  })
})

describe('an invitation to a gated post', () => {
  it('is no address in the output, and no rule for the host, whatever becomes of it', async () => {
    site = createSite({ [TRIP]: GATED(FAMILY), 'index.md': post('title: Home') })
    const secret = { PRIVATE_POSTS_SECRET: SECRET }
    const netlify = { options: { ...GROUPS, netlify: true }, variables: secret }
    const tokens = (await site.build(netlify)).tokens(TRIP)
    site.write({ [`_site/p/${tokens[BOB]}/index.html`]: 'left behind' })
    const built = await site.build({
      ...netlify,
      options: { ...netlify.options, groups: { family: [BOB] } },
    })
    assert.ok(built.files.every((file) => !file.startsWith('p/')))
    const bytes = built.files.map((file) => `${file} ${built.read(file)}`).join('\n')
    for (const token of Object.values(tokens)) assert.ok(!bytes.includes(token))
  })
})

describe('where the gate will stand', () => {
  const files = { [TRIP]: GATED(FAMILY), 'index.md': post('title: Home') }
  const netlify = { NETLIFY: 'true', PRIVATE_POSTS_LEDGER_PERSISTS: 'true' }

  it('does not build gated posts for Netlify without the secret, and names the variable', async () => {
    site = createSite(files)
    const build = (variables: Record<string, string>, options = {}) =>
      site?.build({ options: { ...GROUPS, ...options }, variables })
    const why = /PRIVATE_POSTS_SECRET is not set: 1 post has "access: gate".*To do: set it/
    await assert.rejects(build(netlify) ?? assert.fail(), why)
    await assert.rejects(build({}, { netlify: true }) ?? assert.fail(), why)
    const weak = { ...netlify, PRIVATE_POSTS_SECRET: 'c2hvcnQ' }
    await assert.rejects(
      build(weak) ?? assert.fail(),
      /PRIVATE_POSTS_SECRET is too weak: 1 post has "access: gate"/,
    )
    await build({ ...netlify, PRIVATE_POSTS_SECRET: SECRET })
    site.remove(TRIP)
    await build(netlify)
  })

  it('warns where no functions are', async () => {
    site = createSite(files)
    for (const [variables, options, isWarned] of [
      [{ GITHUB_ACTIONS: 'true', PRIVATE_POSTS_LEDGER_PERSISTS: 'true' }, {}, true],
      [{}, { netlify: false }, true],
      [{}, {}, false],
    ] as const) {
      const built = await site.build({ options: { ...GROUPS, ...options }, variables })
      assert.equal(/no functions: nobody can read it there/.test(built.printed.join()), isWarned)
    }
  })
})

describe('the plan of what is to be delivered', () => {
  it('goes with a deploy on Netlify, for the address that it will have there', async () => {
    site = createSite({
      [TRIP]: GATED(FAMILY),
      'posts/hello.md': post('title: Hello', '[Carol](https://carol.example/1)'),
    })
    const plain = await rebuildWell()
    assert.equal(plain.exitCode, 0)
    assert.equal(existsSync(join(deployFolder(), 'plan.json')), false)
    const variables = {
      NETLIFY: 'true',
      URL: 'https://blog.alice.example',
      PRIVATE_POSTS_SECRET: SECRET,
    }
    const built = await site.eleventy([], { options: GROUPS, variables })
    assert.equal(built.exitCode, 0, built.console)
    const plan = JSON.parse(readDeploy('plan.json'))
    assert.equal(plan.site, 'https://blog.alice.example/')
    assert.deepEqual(
      plan.deliveries.map(({ source, target }: Record<string, string>) => `${source} ${target}`),
      [`./private/${onlyGated().segment}/ ${BOB}`, './posts/hello/ https://carol.example/1'],
    )
    const blob = '.netlify/v1/blobs/deploy/private-posts/plan.json/blob'
    assert.equal(readFileSync(join(site.folder, blob), 'utf8'), readDeploy('plan.json'))
  })
})

describe('a ledger that is gone', () => {
  it('is missed, unless nothing was kept in it', async () => {
    site = createSite({ 'private/dinner.md': post('audience: [Bob]') })
    const missed = /private-posts\.ledger\.json is gone, although this site was built before/
    assert.doesNotMatch((await site.build()).printed.join('\n'), missed)
    site.remove('private-posts.ledger.json')
    assert.match((await site.build()).printed.join('\n'), missed)
    assert.doesNotMatch((await site.build()).printed.join('\n'), missed)
    site.remove('private-posts.ledger.json')
    const derived = await site.build({
      options: { tokens: 'derived' },
      variables: { PRIVATE_POSTS_SECRET: SECRET },
    })
    assert.doesNotMatch(derived.printed.join('\n'), missed)
  })
})

describe('targets.json', () => {
  const targets = (): Targets => JSON.parse(readDeploy(TARGETS_FILE))

  it('knows every page by the hash of its path, and which of them are private', async () => {
    site = createSite({
      'index.md': post('title: Home'),
      'posts/wie geht’s?.md': post('title: Wie'),
      'about.md': post('title: About\npermalink: /about.html'),
      'feed.liquid': '---\npermalink: /feed.xml\n---\n<feed/>',
      '404.md': post('title: Lost\npermalink: /404.html'),
      [TRIP]: GATED(FAMILY),
      'private/dinner.md': post('audience: [Bob]'),
    })
    const built = await site.build({
      options: GROUPS,
      config: (config) => config.addPassthroughCopy({ raw: 'raw' }),
    })
    const { public: open, private: closed } = targets()
    const paths = ['/', '/posts/wie%20geht%E2%80%99s%3F/', '/about.html']
    assert.deepEqual([...open], paths.map(pathHash).sort())
    const token = built.tokens('private/dinner.md')['Bob']
    assert.deepEqual(
      [...closed],
      [`/p/${token}/`, `/private/${onlyGated().segment}/`].map(pathHash).sort(),
    )
  })

  it('counts the path prefix of the site', async () => {
    site = createSite({ ...EMPTY_LEDGER, 'index.md': post('title: Home') })
    await site.eleventy(['--pathprefix=/blog/'])
    assert.deepEqual([...targets().public], [pathHash('/blog/')])
  })
})
