import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { naturalPaths } from '../../lib/post/natural-path.ts'

describe('naturalPaths()', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['private/dinner.md', '.', ['private/dinner/index.html', 'private/dinner.html']],
    ['private/index.md', '.', ['private/index.html']],
    ['index.md', '.', ['index.html']],
    ['src/private/dinner.md', 'src', ['private/dinner/index.html', 'private/dinner.html']],
    ['src/private/dinner.md', './src/', ['private/dinner/index.html', 'private/dinner.html']],
    [
      'posts/2026-01-02-dinner.11ty.js',
      '.',
      [
        'posts/2026-01-02-dinner/index.html',
        'posts/2026-01-02-dinner.html',
        'posts/dinner/index.html',
        'posts/dinner.html',
      ],
    ],
    [
      'dinner/dinner.njk',
      '.',
      ['dinner/dinner/index.html', 'dinner/dinner.html', 'dinner/index.html'],
    ],
  ]
  for (const [path, input, expected] of rows) {
    it(`knows where ${path} would be, and that it may be copied`, () => {
      const [copy, ...paths] = naturalPaths(path, input)
      assert.equal(copy, input === '.' ? path : path.slice(4))
      assert.deepEqual(paths, expected)
    })
  }

  const permalinks: readonly (readonly [unknown, string | undefined])[] = [
    ['/party/', 'party/index.html'],
    ['party.html', 'party.html'],
    ['./a/../party/', 'party/index.html'],
    [{ build: '/party/' }, 'party/index.html'],
    ['/{{ page.fileSlug }}/', 'dinner/index.html'],
    ['{{ page.filePathStem }}.txt', 'private/dinner.txt'],
    ['/{{ title | slugify }}/', 'a-great-soiree/index.html'],
    ['/{{title|slug}}.html', 'a-great-soiree.html'],
    ['/{{ title | upper }}/', undefined],
    ['/{% if a %}b{% endif %}/', undefined],
    ['', undefined],
    [false, undefined],
  ]
  for (const [permalink, expected] of permalinks) {
    it(`reads the permalink ${JSON.stringify(permalink)}`, () => {
      const path = 'private/2026-01-02-dinner.md'
      const without = naturalPaths(path, '.')
      const paths = naturalPaths(path, '.', { permalink, title: 'A great soirée!' })
      assert.deepEqual(paths.slice(without.length), expected === undefined ? [] : [expected])
    })
  }
})
