import assert from 'node:assert/strict'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
import { parseGateRegister } from '../../lib/gate/register.ts'
import { createSite, listFiles, post, type Site } from '../support/site.ts'
import { countFiles, until, watch, type Watcher } from '../support/watch.ts'

const SECRET = 'The quokka of Zanzibar whistles.'
const LIST =
  '---\npermalink: /list.txt\neleventyExcludeFromCollections: true\n---\n{% for p in collections.all %}{{ p.url }} {{ p.content }} {% endfor %}'

let site: Site | undefined
let watcher: Watcher | undefined
afterEach(() => {
  watcher?.stop()
  site?.dispose()
})

for (const [mode, args] of [
  ['--watch', ['--watch']],
  ['--watch --incremental', ['--watch', '--incremental']],
  ['--serve', ['--serve', '--port=0']],
  ['--serve --incremental', ['--serve', '--incremental', '--port=0']],
] as const) {
  describe(`eleventy ${mode}`, () => {
    it('takes a post out of the public when it becomes private, and stamps it out', async () => {
      site = createSite({
        'posts/open.md': post('title: Open', 'Hello.'),
        'posts/party.md': post('title: Party', SECRET),
        'list.liquid': LIST,
      })
      await site.eleventy()
      const output = join(site.folder, '_site')
      watcher = watch(site, args)
      const { log } = watcher
      await until(() => /Watching/.test(log()), log)
      assert.match(readFileSync(join(output, 'posts/party/index.html'), 'utf8'), /quokka/)

      const edit = (body: string) => () =>
        site?.write({ 'posts/party.md': post('visibility: private\naudience: [Bob]', body) })
      await until(() => isOnlyPrivate(output, /quokka/), log, edit(SECRET))
      const token = listFiles(output)
        .find((file) => /^p\/\w{26}\//.test(file))
        ?.split('/')[1]

      await until(() => isOnlyPrivate(output, /kiwi/), log, edit('Only a kiwi.'))
      assert.ok(
        listFiles(output).includes(`p/${token}/index.html`),
        'the link stays the same while its author writes',
      )
      assert.doesNotMatch(log(), /quokka|kiwi|send|deliver/i)
      assert.ok(!log().includes(String(token)))
    })
  })
}

for (const args of [['--watch'], ['--watch', '--incremental']]) {
  describe(`eleventy ${args.join(' ')}, of a file that an editor saves`, () => {
    it('has the same link, however the file was written', async () => {
      const letter = (body: string) => ({ 'private/letter.md': post('audience: [Bob]', body) })
      site = createSite({ 'index.md': post('title: Home'), ...letter(SECRET) })
      const token = String((await site.eleventy()).tokens('private/letter.md')['Bob'])
      const output = join(site.folder, '_site')
      const says = (words: RegExp) => isOnlyPrivate(output, words)
      const pages = () => listFiles(output).filter((file) => file.startsWith(`p/${token}/`))
      watcher = watch(site, args)
      const { log } = watcher
      await until(() => /Watching/.test(log()), log)

      const replace = (body: string) => () => {
        rmSync(join(site?.folder ?? '', 'private/letter.md'), { force: true })
        site?.write(letter(body))
      }
      await until(() => says(/kiwi/), log, replace('The kiwi of Zanzibar whistles.'))
      const empty = () => site?.write({ 'private/letter.md': '' })
      await until(() => pages().length === 0, log, empty)
      await until(() => says(/emu/), log, replace('The emu of Zanzibar whistles.'))
      assert.deepEqual(pages(), [`p/${token}/index.html`])
      assert.doesNotMatch(log(), /quokka|kiwi|emu/)
    })
  })
}

describe('eleventy --watch --incremental, of gated posts', () => {
  it('keeps what was not touched, and follows what was', async () => {
    const gated = (audience: string, body: string) =>
      post(`access: gate\naudience: [${audience}]`, body)
    site = createSite({
      'index.md': post('title: Home'),
      'private/trip.md': gated('Bob', SECRET),
      'private/tea.md': gated('Bob, Carol', 'Tea for a kiwi.'),
    })
    await site.eleventy()
    const { folder } = site
    watcher = watch(site, ['--watch', '--incremental'])
    const { log } = watcher
    await until(() => /Watching/.test(log()), log)
    await until(
      () => isGated(folder, { 'Bob kiwi': 0, 'Carol emu': 1, 'Bob quokka': 1 }),
      log,
      () => site?.write({ 'private/tea.md': gated('Carol', 'Tea for an emu.') }),
    )
    await until(
      () =>
        isGated(folder, { 'Carol emu': 0, 'Bob quokka': 1 }) &&
        isOnlyPrivate(join(folder, '_site'), /emu/),
      log,
      () => site?.write({ 'private/tea.md': post('audience: [Carol]', 'Tea for an emu.') }),
    )
    assert.deepEqual(countFiles(join(folder, '_site'), /quokka/), { private: 0, public: 0 })
    assert.doesNotMatch(log(), /quokka|emu/)
  })
})

/** How many copies of readers hold a word. */
function isGated(folder: string, wanted: Readonly<Record<string, number>>): boolean {
  const deploy = join(folder, '.private-posts/deploy')
  try {
    const { posts } = parseGateRegister(JSON.parse(readFileSync(join(deploy, 'gate.json'), 'utf8')))
    const copies = Object.values(posts).flatMap(({ readers }) =>
      readers.map(
        ({ id, files }) => `${id} ${readFileSync(join(deploy, files[''] ?? ''), 'utf8')}`,
      ),
    )
    return Object.entries(wanted).every(([words, count]) => {
      const [reader = '', word = ''] = words.split(' ')
      return (
        copies.filter((copy) => copy.startsWith(reader) && copy.includes(word)).length === count
      )
    })
  } catch {
    // A build is under way.
    return false
  }
}

function isOnlyPrivate(output: string, words: RegExp): boolean {
  const found = countFiles(output, words)
  return found.private === 1 && found.public === 0
}

describe('a page of an earlier build that tells of a private post', () => {
  const TITLE = 'Lanterns of Zanzibar'
  const open = post(`title: ${TITLE}\ntags: [post]`, SECRET)
  const closed = open.replace('tags:', 'visibility: private\naudience: [Bob]\ntags:')
  const list =
    '---\npermalink: /\n---\n{% for entry in collections.all %}{{ entry.data.title }}{% endfor %}'

  it('is removed by an incremental build, which says what is missing now', async () => {
    site = createSite({ 'index.njk': list, 'posts/evening.md': open })
    await site.eleventy()
    const output = join(site.folder, '_site')
    watcher = watch(site, ['--watch', '--incremental'])
    const { log } = watcher
    await until(() => /Watching/.test(log()), log)
    await until(
      () => /Removed 1 page that told of a private post.* from index\.njk\..* lacks/.test(log()),
      log,
      () => site?.write({ 'posts/evening.md': closed }),
    )
    assert.match(log(), /lacks them now\. To do: build again without --incremental\./)
    assert.ok(!listFiles(output).includes('index.html'))
    watcher.stop()

    const full = await site.eleventy()
    assert.ok(full.files.includes('index.html'), 'what was said to be done')
    assert.doesNotMatch(full.console, /Removed/)
    assert.doesNotMatch(full.publicBytes(), /Zanzibar/)
  })

  it('is removed by a full build that does not make it any more', async () => {
    site = createSite({ 'quote.md': open, 'posts/evening.md': closed })
    await site.eleventy()
    site.remove('quote.md')
    const { console: text, files } = await site.eleventy()
    assert.match(
      text,
      /Removed 1 page .* by an earlier build from quote\.md, and not by this one\./,
    )
    assert.doesNotMatch(text, /incremental/)
    assert.ok(!files.includes('quote/index.html'))
  })
})
