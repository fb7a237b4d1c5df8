import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, it } from 'node:test'
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
        .find((file) => file.startsWith('p/'))
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

function isOnlyPrivate(output: string, words: RegExp): boolean {
  const found = countFiles(output, words)
  return found.private === 1 && found.public === 0
}
