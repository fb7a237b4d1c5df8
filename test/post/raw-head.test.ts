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

describe('findUnread(), in the spelling of other software', () => {
  const found: readonly string[] = [
    '{% assign visibility = "private" %}',
    "{%- set visibility = 'private' -%}",
    '{% comment %}visibility: private{% endcomment %}',
    '{% comment %}\nvisibility: private\n{% endcomment %}',
    '{# visibility: private #}',
    '<%# visibility: private %>',
    '<% const visibility = "private" %>',
    '{{! visibility: private }}',
    '{{!-- visibility: private --}}',
    '//- visibility: private',
    '- var visibility = "private"',
    '-# visibility: private',
    '/* visibility: private */',
    '/**\n * visibility: private\n */',
    '.. visibility: private',
    '% visibility: private',
    '@visibility private',
    'visibility - private',
    'visibility:: [[private]]',
    'visibility: “private”',
    '#private',
    '#food #private',
    '[private]',
    'private',
    'Sichtbarkeit: privat',
    '<dl><dt>visibility</dt><dd>private</dd></dl>',
    '[extra]\nvisibility = "private"',
    '<route lang="yaml">\nmeta:\n  visibility: private\n</route>',
    '`visibility: private`',
    'audience: [Mum]',
    'audience: Bob',
    'title: x, visibility: private',
    'title: x visibility: private',
    'visibility: private (only Mum)',
    '«visibility: private»',
    '🔒 visibility: private',
    '🔒 private',
    '> [!private]',
    '- [x] visibility: private',
    'visibility/private',
    'visibility\nprivate',
    'visibility\n: private',
    '\\visibility{private}',
    'export const visibility = "private"',
    'export const metadata = { visibility: "private" }',
    '<visibility>private</visibility>',
    '<article data-visibility="private">',
    '<dl>\n<dt>visibility</dt>\n<dd>private</dd>\n</dl>',
    '[//]: # (visibility: private)',
    'Post-Visibility: private',
    '# visibility: private\n# audience: [Mum]',
    'key,value\nvisibility,private',
    'audience:\n- Mum\n- Dad',
    '# My evening\n\n**Audience**: mailto:mum@example.com',
    `<!--\n${'A licence, which says a lot.\n'.repeat(600)}-->\n---\nvisibility: private\n---`,
    `A text about an evening, which is long.\n\nAnd it goes on.\n\nvisibility: private`,
    `Use the element <code>.\n\nMore of the text.\n\n---\nvisibility: private\n---`,
  ]
  const ordinary: readonly string[] = [
    'Private: this word means a lot to us.',
    'private is what it is',
    '.a {\nvisibility: hidden;\n}',
    'Write this text, please.\n\n[source,yaml]\n----\nvisibility: private\n',
    '= Doc\n\nWrite this text, please.\n\n[source,yaml]\n----\n---\nvisibility: private\n---\n----\n',
    'Write this, please.\n\n{% highlight yaml %}\n---\nvisibility: private\n---\n{% endhighlight %}',
    '#+TITLE: x\n\nWrite this, please.\n\n#+begin_src yaml\nvisibility: private\n#+end_src\n',
    'Write this, please:\n\n    visibility: private\n    audience: [Mum]\n\nEnd.',
    '{% if visibility == "private" %}x{% endif %}',
    '{% set visibility = visibility or "public" %}',
    'openapi: 3.0.0\ninfo:\n  status: private',
    'Title: Up\nAudience: Families\n\nText.',
    'Privacy Policy',
    'Visibility: private, unlisted or public. This post explains them.',
    'How visibility works: private posts are hidden.',
    '# Visibility: private or public?',
    '<h2>Visibility</h2>\n\nPrivate.',
    '| visibility | meaning |\n|---|---|\n| private | hidden |\n| public | open |',
    '> Private\n\nA quotation.',
    '🔒 Security',
    '<div style="visibility: hidden">x</div>',
    '<my-card visibility="public"></my-card>',
    'Type: Private\nLocation: Boston\n\nThe school.',
    'Private: a novel\nAuthor: Bob\n\nText.',
    'hidden: behind the door, he stood.',
    '![private](a.png)\n\n[private](/x/)',
    '- private\n- public\n\nThe two kinds.',
    '[[toc]]\n\n# Private',
    'Home | About | Privacy',
  ]
  for (const head of found) {
    const name = JSON.stringify(head.slice(0, 60))
    it(`finds ${name} at the top`, () => assert.ok(findUnread(`${head}\nText.`, {})))
    it(`finds ${name} below front matter`, () =>
      assert.ok(findUnread(`---\ntitle: x\n---\n${head}\nText.`, TITLE)))
  }
  for (const text of ordinary) {
    it(`lets pass ${JSON.stringify(text.slice(0, 60))}`, () => {
      assert.equal(findUnread(text, {}), undefined)
      assert.equal(findUnread(`---\ntitle: x\n---\n${text}`, TITLE), undefined)
    })
  }

  it('finds words of the table in lines without a fence, in small letters, where there is no front matter', () => {
    for (const line of ['tags: [private]', 'status: private', 'shared-with: Bob', 'hidden: true']) {
      assert.ok(findUnread(`title: x\n${line}\n\nText.`, {}), line)
      assert.equal(findUnread(`title: x\n\nText.\n\n${line}`, {}), undefined, line)
    }
    for (const line of [
      'Tags: Private',
      'Status: private',
      'info:\n  status: private',
      'to: taste',
    ]) {
      assert.equal(findUnread(`title: x\n${line}\n\nText.`, {}), undefined, line)
    }
  })

  it('leaves pages of data alone', () => {
    const text = '---\npermalink: /package.json\n---\n{ "name": "x", "private": true }\n'
    assert.equal(findUnread(text, { permalink: '/package.json' }), undefined)
    assert.ok(findUnread(text, { permalink: '/post/' }))
  })

  it('lets pass what arrived by another way', () => {
    const data = { ...TITLE, visibility: 'private' }
    assert.equal(findUnread('---\ntitle: x\n---\n<!-- visibility: private -->\nT', data), undefined)
  })
})
