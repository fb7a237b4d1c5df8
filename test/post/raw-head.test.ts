import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findUnread } from '../../lib/post/raw-head.ts'

const TITLE = { title: 'x' }

describe('findUnread(), below front matter that was closed', () => {
  for (const [what, text, line] of [
    [
      'lines that stand behind the fence',
      '---\ntitle: x\n---\nvisibility: private\naudience: [Mum]\n---\nT',
      4,
    ],
    ['lines after an empty block', '---\n\n---\nvisibility: private\n---\nT', 4],
    [
      'lines after an empty line, without a fence',
      '---\ntitle: x\n---\n\nvisibility: private\n\nT',
      5,
    ],
    ['lines behind a fence with a space', '---\ntitle: x\n--- \nvisibility: private\n---\nT', 4],
    [
      'the front matter of a second post in the file',
      '---\ntitle: x\n---\nText.\n\n---\ntitle: Two\nvisibility: private\n---\nT',
      8,
    ],
    ['a block below the first words', '---\ntitle: x\n---\nHello\n\n---\nprivate: true\n---\nT', 7],
  ] as const) {
    it(`finds ${what}`, () => assert.equal(findUnread(text, TITLE)?.line, line))
  }

  for (const [what, text] of [
    [
      'an example in a block of code',
      '---\ntitle: x\n---\nSo:\n\n```yaml\n---\nvisibility: private\n---\n```\n',
    ],
    ['an example in <pre>', '---\ntitle: x\n---\n<pre>\n---\nvisibility: private\n---\n</pre>\n'],
    ['a recipe between two rules', '---\ntitle: x\n---\nTo: taste\n\n---\nSalt: a pinch\n---\nEnd'],
    [
      'a remark between two rules',
      '---\ntitle: x\n---\nDear Bob,\n\n---\nNote: it is private\n---\n',
    ],
    ['the word in a sentence', '---\ntitle: x\n---\nvisibility: private is what you write.\n'],
  ] as const) {
    it(`lets pass ${what}`, () => assert.equal(findUnread(text, TITLE), undefined))
  }
})
