import type { Target } from './vectors.ts'

/** What the suite leaves out, by the section of the spec or the place where it went wrong for somebody. */
export const uncovered: readonly Target[] = [
  ...[400, 401, 403, 404, 410, 418].flatMap((status): Target[] => [
    {
      id: `header-${status}`,
      name: `Link header of a target that answers ${status} (bridgy#1012)`,
      status,
      headers: ['Link', '</wm>; rel=webmention'],
      endpoint: '/wm',
    },
    {
      id: `html-${status}`,
      name: `HTML of a target that answers ${status}`,
      status,
      html: '<link rel=webmention href=/wm>',
      endpoint: '/wm',
    },
    { id: `none-${status}`, name: `none, and ${status}`, status, html: '<p>', endpoint: undefined },
  ]),
  ...[429, 500, 503].map((status): Target => ({
    id: `header-${status}`,
    name: `an endpoint in the header of ${status}`,
    status,
    headers: ['Link', '</wm>; rel=webmention'],
    endpoint: '/wm',
  })),
  { id: 'none', name: 'no endpoint anywhere', html: '<p>hello', endpoint: undefined },
  { id: 'empty', name: 'an empty page', html: '', endpoint: undefined },
  {
    id: 'other-rels',
    name: 'Link header with other rels falls through to the HTML (webmention.rocks#27)',
    headers: ['Link', '</hub>; rel="hub", </>; rel="self"'],
    html: '<link rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'malformed-header',
    name: 'malformed Link header falls through to the HTML',
    headers: ['Link', 'oops; rel=webmention'],
    html: '<link rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'malformed-beside',
    name: 'malformed link beside the good one',
    headers: ['Link', 'oops; title="x, </wm>; rel=webmention'],
    endpoint: '/wm',
  },
  {
    id: 'header-case',
    name: 'rel in capitals in the header',
    headers: ['Link', '</wm>; REL="WEBMENTION"'],
    endpoint: '/wm',
  },
  {
    id: 'header-quoted',
    name: 'an endpoint quoted in a title is none',
    headers: ['Link', '</a>; rel="a"; title="</no>; rel=webmention, x", </wm>; rel=webmention'],
    endpoint: '/wm',
  },
  {
    id: 'header-first-rel',
    name: 'only the first rel parameter counts (RFC 8288 §3.3)',
    headers: ['Link', '</no>; rel=other; rel=webmention'],
    html: '<link rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'anchor-elsewhere',
    name: 'a link with an anchor elsewhere speaks of something else (RFC 8288 §3.2)',
    headers: ['Link', '</no>; rel=webmention; anchor="/another"'],
    html: '<link rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'anchor-fragment',
    name: 'a link with an anchor within the page speaks of a part of it',
    headers: ['Link', '</no>; rel=webmention; anchor="#comments"'],
    endpoint: undefined,
  },
  {
    id: 'anchor-here',
    name: 'a link with the page itself as its anchor',
    headers: ['Link', '</wm>; rel=webmention; anchor="{path}"'],
    endpoint: '/wm',
  },
  {
    id: 'anchor-empty',
    name: 'a link with an empty anchor',
    headers: ['Link', '</wm>; rel=webmention; anchor=""'],
    endpoint: '/wm',
  },
  {
    id: 'header-empty',
    name: 'an empty URL in the header is the page itself',
    headers: ['Link', '<>; rel=webmention'],
    endpoint: '{path}',
  },
  {
    id: 'header-query',
    name: 'commas and semicolons in the URL of the header',
    headers: ['Link', '</wm?a=1,2;b>; rel=webmention'],
    endpoint: '/wm?a=1,2;b',
  },
  {
    id: 'header-no-html',
    name: 'the header of a target that is no HTML',
    type: 'image/png',
    headers: ['Link', '</wm>; rel=webmention'],
    endpoint: '/wm',
  },
  {
    id: 'no-html',
    name: 'what looks like HTML in a target that is none',
    type: 'text/plain',
    html: '<link rel=webmention href=/no>',
    endpoint: undefined,
  },
  {
    id: 'xhtml',
    name: 'XHTML',
    type: 'application/xhtml+xml; charset=utf-8',
    html: '<html xmlns="http://www.w3.org/1999/xhtml"><head><link rel="webmention" href="/wm"/></head></html>',
    endpoint: '/wm',
  },
  {
    id: 'base',
    name: '<base href> is what HTML links are relative to',
    html: '<base href="/blog/"><link rel=webmention href=wm>',
    endpoint: '/blog/wm',
  },
  {
    id: 'base-empty',
    name: 'an empty href with a <base href>',
    html: '<base href="/blog/"><link rel=webmention href="">',
    endpoint: '/blog/',
  },
  {
    id: 'base-header',
    name: '<base href> is nothing to a Link header',
    headers: ['Link', '<wm>; rel=webmention'],
    html: '<base href="/blog/">',
    endpoint: 'wm',
  },
  {
    id: 'unquoted',
    name: 'attributes without quotes and in capitals (mention-client-php#38)',
    html: '<LINK HREF=/wm REL=WEBMENTION>',
    endpoint: '/wm',
  },
  {
    id: 'whitespace',
    name: 'tabs and newlines between the tokens',
    html: '<link rel="me\n\twebmention\f" href=" /wm ">',
    endpoint: '/wm',
  },
  {
    id: 'references',
    name: 'character references in the attributes',
    html: '<a rel="&#119;ebmention" href="/wm?a=1&amp;b=2">x</a>',
    endpoint: '/wm?a=1&b=2',
  },
  {
    id: 'template',
    name: 'nothing in a <template>',
    html: '<template><link rel=webmention href=/no></template><a rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'script',
    name: 'nothing in a script, a style or a textarea',
    html:
      '<script>"<a rel=webmention href=/no>"</script><style><a rel=webmention href=/no></style>' +
      '<textarea><a rel=webmention href=/no></textarea><a rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'noscript',
    name: 'something in a <noscript>, because we run no scripts',
    html: '<head><noscript><link rel=webmention href=/wm></noscript></head>',
    endpoint: '/wm',
  },
  {
    id: 'other-elements',
    name: 'no other elements than <link> and <a>',
    html:
      '<b rel=webmention href=/no></b><form rel=webmention href=/no></form><map><area rel=webmention href=/no></map>' +
      '<svg><a rel=webmention href=/no></a></svg><a rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'similar-rels',
    name: 'no rel that only contains the word',
    html:
      '<link rel=webmentions href=/no><link rel=x-webmention href=/no><link rel="web mention" href=/no>' +
      '<link rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  {
    id: 'legacy-html',
    name: 'the legacy rel of Known',
    html: '<link rel="http://webmention.org/" href="/wm">',
    endpoint: '/wm',
  },
  {
    id: 'legacy-header',
    name: 'the legacy rel in a header',
    headers: ['Link', '</wm>; rel="http://webmention.org/"'],
    endpoint: '/wm',
  },
  {
    id: 'legacy-last',
    name: 'the legacy rel only if there is no other, even if it comes first',
    headers: ['Link', '</no>; rel="http://webmention.org/"'],
    html: '<link rel="http://webmention.org/" href="/no"><a rel=webmention href=/wm>',
    endpoint: '/wm',
  },
  ...['mailto:bob@bob.example', 'javascript:alert(1)', 'ftp://bob.example/wm', 'http://['].flatMap(
    (href, index): Target[] => [
      {
        id: `scheme-html-${index}`,
        name: `an endpoint that nothing can be posted to: ${href}`,
        html: `<link rel=webmention href="${href}"><a rel=webmention href=/later>`,
        endpoint: undefined,
      },
      {
        id: `scheme-header-${index}`,
        name: `an endpoint in the header that nothing can be posted to: ${href}`,
        headers: ['Link', `<${href}>; rel=webmention`],
        endpoint: undefined,
      },
    ],
  ),
]
