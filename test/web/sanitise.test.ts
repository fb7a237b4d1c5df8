import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sanitiseHtml } from '../../lib/web/sanitise.ts'

describe('sanitiseHtml()', () => {
  it('keeps formatting', () => {
    const html =
      '<p>a <em>b</em> <strong>c</strong><br /><code>d</code></p><blockquote>e</blockquote><ul><li>f</li></ul><del>g</del><sup>h</sup>'
    assert.equal(sanitiseHtml(html), html)
  })

  it('keeps links to the web, and lets them vouch for nothing', () => {
    assert.equal(
      sanitiseHtml(
        '<a href="https://bob.example/?a=1&amp;b=2" rel="me" onclick="x()" class="u">x</a>',
      ),
      '<a href="https://bob.example/?a=1&amp;b=2" rel="nofollow ugc noreferrer noopener">x</a>',
    )
  })

  for (const [id, html] of [
    ['script', '<script>alert(1)</script>'],
    ['image', '<img src="https://eve.example/pixel.gif" onerror="alert(1)">'],
    ['style', '<style>p{background:url(https://eve.example/)}</style>'],
    ['style attribute', '<p style="background:url(https://eve.example/)">x</p>'],
    ['class and id', '<p class="h-entry" id="x">x</p>'],
    ['handler', '<p onclick="alert(1)">x</p>'],
    ['javascript URL', '<a href="javascript:alert(1)">x</a>'],
    ['javascript URL, disguised', '<a href="java\nscript:alert(1)">x</a>'],
    ['data URL', '<a href="data:text/html,alert(1)">x</a>'],
    ['protocol-relative URL', '<a href="//eve.example/">x</a>'],
    ['iframe', '<iframe src="https://eve.example/"></iframe>'],
    ['form', '<form action="https://eve.example/"><input name="p"><button>x</button></form>'],
    ['SVG', '<svg><script>alert(1)</script><a xlink:href="javascript:alert(1)">x</a></svg>'],
    [
      'mathematics',
      '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></table></math>',
    ],
    ['noscript', '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>'],
    ['comment', '<!--[if IE]><script>alert(1)</script><![endif]-->'],
    ['half a tag', '<img src="https://eve.example/x" onerror=alert(1)//'],
    ['meta', '<meta http-equiv="refresh" content="0;url=https://eve.example/">'],
  ] as const) {
    it(`leaves nothing of ${id}`, () => {
      const sanitised = sanitiseHtml(html) ?? ''
      assert.doesNotMatch(
        sanitised,
        /script|img|style|class|\bid=|onclick|onerror="|iframe|form|svg|math|eve\.example|data:|meta|<!--/i,
      )
    })
  }

  it('gives nothing rather than too much', () => {
    assert.equal(sanitiseHtml(''), undefined)
    assert.equal(sanitiseHtml('<img src=x hidden>'), undefined)
    assert.equal(sanitiseHtml(`<p>${'x'.repeat(39_000)}</p>`)?.length, 39_007)
    assert.equal(sanitiseHtml(`<p>${'x'.repeat(41_000)}</p>`), undefined)
    assert.equal(sanitiseHtml(`x${'<i class="y"></i>'.repeat(20_000)}`), undefined)
  })
})
