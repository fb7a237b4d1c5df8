import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { contentHash } from '../../lib/deploy/content.ts'
import { openPageReader } from '../../lib/deploy/page-facts.ts'
import { contentKey, openContentCache } from '../../lib/store/content-cache.ts'
import { openShownMentions } from '../../lib/webmention/shown-mentions.ts'
import { pathHash } from '../../lib/webmention/targets.ts'
import { postPage } from '../support/deployed-site.ts'

const PAGE = new URL('https://alice.example/soup/')
const HTML = postPage(['https://bob.example/'])

function cacheFolder(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'page-facts-'))
  t.after(() => rmSync(root, { recursive: true }))
  return join(root, 'state/cache')
}

describe('openPageReader()', () => {
  it('says what a page says and where its post links to; of a page that is no post, only what it says', () => {
    const reader = openPageReader()
    assert.deepEqual(reader.factsOf(HTML, PAGE), {
      content: contentHash(HTML, PAGE),
      links: ['https://bob.example/'],
    })
    const list = '<main><a href="https://bob.example/">Bob</a></main>'
    assert.deepEqual(reader.factsOf(list, PAGE), { content: contentHash(list, PAGE) })
  })

  it('does not parse again what an earlier run has read', async (t) => {
    const folder = cacheFolder(t)
    const first = openPageReader(folder)
    first.factsOf(HTML, PAGE)
    await first.save()

    // What is written there now, no page says.
    const [, name = '', version = ''] = readFileSync(
      join(folder, 'page-facts.cache'),
      'utf8',
    ).split(' ')
    const other = openContentCache({
      ...{ folder, name, version: Number(version) },
      isValue: (_): _ is unknown => true,
    })
    assert.ok(other.get(contentKey(HTML, PAGE.href, '[]')))
    other.set(contentKey(HTML, PAGE.href, '[]'), { content: 'known' })
    await other.save()

    const { factsOf } = openPageReader(folder)
    assert.equal(factsOf(HTML, PAGE).content, 'known')
    assert.equal(factsOf(`${HTML} `, PAGE).content, contentHash(HTML, PAGE))
  })

  it('reads it anew at another address, and when it shows another mention', async (t) => {
    const folder = cacheFolder(t)
    const first = openPageReader(folder)
    const before = first.factsOf(HTML, PAGE)
    await first.save()

    const { factsOf } = openPageReader(folder)
    const elsewhere = new URL('https://alice.example/elsewhere/')
    assert.equal(factsOf(HTML, elsewhere).content, contentHash(HTML, elsewhere))

    const shown = openShownMentions([
      {
        page: pathHash(PAGE.pathname),
        urls: ['https://bob.example/'],
        author: { name: 'Bob', url: 'https://bob.example/' },
        text: 'How lovely, I will come!',
        html: '',
      },
    ])
    const known = factsOf(HTML, PAGE, shown)
    assert.equal(known.content, contentHash(HTML, PAGE, shown))
    assert.deepEqual(factsOf(HTML, PAGE), before)
  })
})
