import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'

/** What reads markup. In the thread that answers requests, a stranger's page would stop everything else. */
const PARSERS = ['markdown-it', 'microformats-parser', 'parse5', 'sanitize-html']

/**
 * Every file and package that `entry` loads, at once or, unless that is left out, later, with the file that names it.
 * Types are no load.
 */
function loadedBy(entry: string, { isLater = true } = {}): Map<string, string> {
  const loaded = new Map([[entry, entry]])
  for (const [file] of loaded) {
    if (!file.endsWith('.ts')) continue
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
    const imports = code.matchAll(
      /(?:^|\n)(?:import|export) (?!type\b)[^'"`;]*?'([^']+)'|\bimport\('([^']+)'\)/g,
    )
    for (const [, named, later] of imports) {
      const name = named ?? (isLater ? later : undefined)
      if (name === undefined) continue
      const other = name.startsWith('.') ? relative('.', join(dirname(file), name)) : name
      if (!loaded.has(other)) loaded.set(other, file)
    }
  }
  return loaded
}

describe("strangers' pages", () => {
  for (const entry of ['lib/site/site.ts', 'netlify/sweep.ts']) {
    it(`are never read in the thread of ${entry}`, () => {
      const loaded = loadedBy(entry)
      assert.ok(loaded.has('lib/webmention/verification.ts'), 'the walk leads nowhere')
      for (const parser of PARSERS) {
        assert.equal(loaded.get(parser), undefined, `${loaded.get(parser)} loads ${parser}`)
      }
    })
  }

  it('are read in the worker thread, with all of these parsers', () => {
    const loaded = loadedBy('lib/site/page-worker.ts')
    assert.deepEqual(
      PARSERS.filter((parser) => !loaded.has(parser)),
      [],
    )
  })

  it('wait for no parser but their own: the thread starts with none, and each reading loads what it needs', () => {
    const started = loadedBy('lib/site/page-worker.ts', { isLater: false })
    assert.ok(started.has('lib/site/page-readings.ts'), 'the walk leads nowhere')
    const parsersOf = (loaded: Map<string, string>) => PARSERS.filter((name) => loaded.has(name))
    assert.deepEqual(parsersOf(started), [])
    const rels = loadedBy('lib/web/rels-in-html.ts')
    assert.deepEqual(parsersOf(rels), ['parse5'])
  })
})
