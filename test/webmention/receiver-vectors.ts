/** Requests that must be answered 400, synchronously and without a trace. */
export const refusedRequests: readonly {
  readonly id: string
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly says: RegExp
}[] = [
  // https://webmention.rocks/receive/2
  {
    id: 'rocks receiver 2, source is no URL',
    fields: [
      ['source', 'jwoijgoisdjlskjegisvjowuehjtkx'],
      ['target', 'https://alice.example/post/'],
    ],
    says: /"source" is not a URL/,
  },
  {
    id: 'rocks receiver 2, target is no URL',
    fields: [
      ['source', 'https://bob.example/reply'],
      ['target', 'owiejduvyeiwljjjcjmvbpsouehgd'],
    ],
    says: /"target" is not a URL/,
  },
  {
    id: 'rocks receiver 2, neither is a URL',
    fields: [
      ['source', 'jwoijgoisdjlskjegisvjowuehjtkx'],
      ['target', 'owiejduvyeiwljjjcjmvbpsouehgd'],
    ],
    says: /is not a URL/,
  },
  { id: 'no fields', fields: [], says: /"source" is missing/ },
  {
    id: 'no target',
    fields: [['source', 'https://bob.example/reply']],
    says: /"target" is missing/,
  },
  {
    id: 'empty source',
    fields: [
      ['source', ''],
      ['target', 'https://alice.example/post/'],
    ],
    says: /"source" is missing/,
  },
  ...[
    'ftp://bob.example/',
    'mailto:bob@bob.example',
    'javascript:alert(1)',
    'data:text/html,<a href=https://alice.example/post/>',
    'file:///etc/passwd',
  ].map((source) => ({
    id: `source ${source.slice(0, 10)}`,
    fields: [
      ['source', source],
      ['target', 'https://alice.example/post/'],
    ] as const,
    says: /"source" is not an http/,
  })),
  ...[
    ['http://127.0.0.1/x', /not at an address|on this machine/],
    ['http://[::1]/x', /on this machine/],
    ['http://localhost/x', /on this machine/],
    ['http://2130706433/', /on this machine/],
    ['http://10.0.0.1/', /not at an address/],
    ['http://169.254.169.254/latest/', /not at an address/],
    ['https://bob.example:22/', /port 22/],
    ['https://bob:secret@bob.example/', /user name or password/],
  ].map(([source, says]) => ({
    id: `source ${source}`,
    fields: [
      ['source', String(source)],
      ['target', 'https://alice.example/post/'],
    ] as const,
    says: says instanceof RegExp ? says : /./,
  })),
  {
    id: 'source too long',
    fields: [
      ['source', `https://bob.example/${'x'.repeat(2030)}`],
      ['target', 'https://alice.example/post/'],
    ],
    says: /"source" is longer than 2048/,
  },
  ...[
    'https://alice.example/post/',
    'http://alice.example/post/',
    'https://ALICE.example:443/post/',
    'https://alice.example/post/#comments',
    'https://alice.example/post',
    'https://alice.example/post/index.html',
  ].map((source) => ({
    id: `source is target: ${source}`,
    fields: [
      ['source', source],
      ['target', 'https://alice.example/post/'],
    ] as const,
    says: /same page/,
  })),
  ...[
    'https://alice.example/nowhere/',
    'https://alice.example/p/0123456789abcdefghjkmnpqrt/',
    'https://eve.example/post/',
    'https://alice.example.eve.example/post/',
    'https://alice.example:8443/post/',
    'https://sub.alice.example/post/',
  ].map((target) => ({
    id: `target ${target}`,
    fields: [
      ['source', 'https://bob.example/reply'],
      ['target', target],
    ] as const,
    says: /not a page of this site/,
  })),
  ...(['source', 'target', 'code', 'realm', 'vouch'] as const).map((name) => ({
    id: `"${name}" twice`,
    fields: [
      ['source', 'https://bob.example/reply'],
      ['target', 'https://alice.example/post/'],
      ['code', 'xxxxxxx'],
      ['realm', 'friends'],
      ['vouch', 'https://carol.example/'],
      [name, 'https://eve.example/'],
    ] as const,
    says: /is there twice/,
  })),
  ...(
    [
      ['code', 'x'.repeat(1025), /"code" is longer than 1024/],
      ['code', '', /"code" is empty/],
      ['code', 'x\nSet-Cookie: y', /characters/],
      ['realm', 'r'.repeat(1025), /"realm" is longer/],
      ['vouch', 'somebody', /"vouch" is not a URL/],
      ['vouch', 'mailto:carol@carol.example', /"vouch" is not an http/],
    ] as const
  ).map(([name, value, says]) => ({
    id: `"${name}" ${value.slice(0, 10)} (${value.length})`,
    fields: [
      ['source', 'https://bob.example/reply'],
      ['target', 'https://alice.example/post/'],
      [name, value],
    ] as const,
    says,
  })),
]

/** Targets that are a page of ours, and what page that is. */
export const acceptedTargets: readonly {
  readonly target: string
  readonly page: string
  readonly kind: 'home' | 'public' | 'private'
}[] = [
  {
    target: 'https://alice.example/post/',
    page: 'https://alice.example/post/',
    kind: 'public',
  },
  { target: 'https://alice.example/post', page: 'https://alice.example/post', kind: 'public' },
  {
    target: 'https://alice.example/post/index.html',
    page: 'https://alice.example/post/',
    kind: 'public',
  },
  {
    target: 'http://alice.example/post/',
    page: 'https://alice.example/post/',
    kind: 'public',
  },
  {
    target: 'https://Alice.Example:443/post/?utm_source=x#top',
    page: 'https://alice.example/post/',
    kind: 'public',
  },
  {
    target: 'https://alice.example/caf%C3%A9/',
    page: 'https://alice.example/caf%C3%A9/',
    kind: 'public',
  },
  { target: 'https://alice.example/', page: 'https://alice.example/', kind: 'home' },
  { target: 'https://alice.example', page: 'https://alice.example/', kind: 'home' },
  {
    target: 'https://alice.example/p/0123456789abcdefghjkmnpqrs/',
    page: 'https://alice.example/p/0123456789abcdefghjkmnpqrs/',
    kind: 'private',
  },
]

const T = 'https://alice.example/post/'

/** Sources by media type: does it mention `https://alice.example/post/`? */
export const linkVectors: readonly {
  readonly id: string
  readonly type?: string
  readonly body: string
  readonly mentions: boolean
}[] = [
  // https://www.w3.org/TR/webmention/implementation-reports template, "Receiver"
  { id: 'W3C: <a>', body: `<a href="${T}">x</a>`, mentions: true },
  { id: 'W3C: <img>', body: `<img src="${T}">`, mentions: true },
  { id: 'W3C: <video>', body: `<video src="${T}"></video>`, mentions: true },
  { id: 'W3C: <audio>', body: `<audio src="${T}"></audio>`, mentions: true },
  { id: 'W3C: plain text in HTML', body: `<p>${T}</p>`, mentions: false },
  { id: 'W3C: inside a comment', body: `<!-- <a href="${T}">x</a> --> <p>x`, mentions: false },
  { id: 'W3C: absent', body: '<p>nothing</p>', mentions: false },
  // protocols.md, checklist 35
  { id: '<link>', body: `<link rel="alternate" href="${T}">`, mentions: true },
  { id: '<area>', body: `<map><area href="${T}"></map>`, mentions: true },
  { id: '<source>', body: `<video><source src="${T}"></video>`, mentions: true },
  { id: '<iframe>', body: `<iframe src="${T}"></iframe>`, mentions: true },
  { id: '<template>', body: `<template><a href="${T}">x</a></template>`, mentions: false },
  { id: '<script>', body: `<script>'<a href="${T}">'</script>`, mentions: false },
  { id: '<textarea>', body: `<textarea><a href="${T}">x</a></textarea>`, mentions: false },
  { id: '<title>', body: `<title><a href="${T}">x</a></title>`, mentions: false },
  { id: '<noscript>', body: `<noscript><a href="${T}">x</a></noscript>`, mentions: true },
  { id: 'escaped', body: `<code>&lt;a href="${T}"&gt;</code>`, mentions: false },
  { id: 'cite', body: `<blockquote cite="${T}">x</blockquote>`, mentions: false },
  { id: '<data>', body: `<data value="${T}"></data>`, mentions: false },
  { id: 'title attribute', body: `<a title="${T}" href="/">x</a>`, mentions: false },
  { id: 'namesake in SVG', body: `<svg><a href="${T}">x</a></svg>`, mentions: false },
  { id: 'upper-case markup', body: `<A HREF=${T}>x</A>`, mentions: true },
  // exact match, with sane normalisation
  { id: 'host case', body: '<a href="https://ALICE.example/post/">x</a>', mentions: true },
  { id: 'default port', body: '<a href="https://alice.example:443/post/">x</a>', mentions: true },
  { id: 'fragment', body: `<a href="${T}#comments">x</a>`, mentions: true },
  {
    id: 'needless encoding',
    body: '<a href="https://alice.example/%70ost/">x</a>',
    mentions: true,
  },
  { id: 'dot segments', body: '<a href="https://alice.example/x/../post/">x</a>', mentions: true },
  { id: 'white space around', body: `<a href=" ${T}\n">x</a>`, mentions: true },
  {
    id: 'by base',
    body: '<base href="https://alice.example/"><a href="post/">x</a>',
    mentions: true,
  },
  { id: 'without base', body: '<a href="post/">x</a>', mentions: false },
  { id: 'other scheme', body: '<a href="http://alice.example/post/">x</a>', mentions: false },
  { id: 'without slash', body: '<a href="https://alice.example/post">x</a>', mentions: false },
  { id: 'with query', body: `<a href="${T}?x">x</a>`, mentions: false },
  { id: 'longer path', body: `<a href="${T}x">x</a>`, mentions: false },
  { id: 'path case', body: '<a href="https://alice.example/Post/">x</a>', mentions: false },
  { id: 'as a parameter', body: `<a href="https://eve.example/?u=${T}">x</a>`, mentions: false },
  { id: 'other port', body: '<a href="https://alice.example:8443/post/">x</a>', mentions: false },
  // JSON: a value
  { id: 'JSON value', type: 'application/json', body: `{"a":[{"b":"${T}"}]}`, mentions: true },
  { id: 'JSON, +json', type: 'application/mf2+json', body: `["${T}"]`, mentions: true },
  { id: 'JSON, bare', type: 'application/json', body: `"${T}"`, mentions: true },
  { id: 'JSON name', type: 'application/json', body: `{"${T}":1}`, mentions: false },
  { id: 'JSON text', type: 'application/json', body: `{"a":"see ${T}"}`, mentions: false },
  { id: 'JSON, relative', type: 'application/json', body: '{"a":"/post/"}', mentions: false },
  // text/plain: a string, as an address of its own
  { id: 'text', type: 'text/plain', body: `see ${T} there`, mentions: true },
  { id: 'text, only that', type: 'text/plain', body: T, mentions: true },
  { id: 'text, end of sentence', type: 'text/plain', body: `see ${T}.`, mentions: true },
  { id: 'text, Markdown', type: 'text/plain', body: `[x](${T}) and`, mentions: true },
  { id: 'text, brackets', type: 'text/plain', body: `<${T}>`, mentions: true },
  { id: 'text, longer', type: 'text/plain', body: `see ${T}more`, mentions: false },
  { id: 'text, longer behind a stop', type: 'text/plain', body: `see ${T}.html`, mentions: false },
  {
    id: 'text, as a parameter',
    type: 'text/plain',
    body: `https://eve.example/?${T}`,
    mentions: false,
  },
]

/** protocols.md 4.2: `also` is what the source or the request has besides the link. */
export const privacyVectors: readonly {
  readonly id: string
  readonly html?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly code?: boolean
  readonly authenticated?: boolean
  readonly target?: 'home' | 'public' | 'private'
  readonly source?: string
  readonly privacy: 'public' | 'private' | 'unsure'
}[] = [
  { id: 'no sign at all', privacy: 'public' },
  { id: '`code` was sent', code: true, privacy: 'private' },
  { id: 'our fetch used a token', authenticated: true, privacy: 'private' },
  { id: 'target is our home page', target: 'home', privacy: 'private' },
  { id: 'target is one of our private pages', target: 'private', privacy: 'private' },
  {
    id: 'visibility private',
    html: '<data class="p-visibility" value="private"></data>',
    privacy: 'private',
  },
  {
    id: 'visibility unlisted',
    html: '<data class="p-visibility" value="unlisted"></data>',
    privacy: 'private',
  },
  {
    id: 'visibility in words',
    html: '<p>This post is <span class="note p-visibility">Private</span>',
    privacy: 'private',
  },
  {
    id: 'visibility that nobody knows',
    html: '<data class="p-visibility" value="friends"></data>',
    privacy: 'private',
  },
  {
    id: 'visibility without value',
    html: '<data class="p-visibility"></data>',
    privacy: 'private',
  },
  {
    id: 'one of two visibilities',
    html: '<data class="p-visibility" value="public"></data><data class="p-visibility" value="private"></data>',
    privacy: 'private',
  },
  {
    id: 'visibility public',
    html: '<data class="p-visibility" value=" Public "></data>',
    privacy: 'public',
  },
  {
    id: 'a class that is not the property',
    html: '<i class="p-visibility-note">private</i>',
    privacy: 'public',
  },
  {
    id: 'private and noindex in headers',
    headers: { 'cache-control': 'private', 'x-robots-tag': 'noindex' },
    privacy: 'private',
  },
  {
    id: 'no-store and meta noindex',
    headers: { 'cache-control': 'max-age=0, no-store' },
    html: '<meta name="ROBOTS" content="nofollow, NOINDEX">',
    privacy: 'private',
  },
  {
    id: 'as our own capability pages are served',
    headers: {
      'cache-control': 'private, no-cache',
      'x-robots-tag': 'noindex, nofollow, noarchive, nosnippet',
    },
    privacy: 'private',
  },
  { id: 'private alone', headers: { 'cache-control': 'private' }, privacy: 'public' },
  {
    id: 'no-cache and noindex',
    headers: { 'cache-control': 'no-cache', 'x-robots-tag': 'noindex' },
    privacy: 'unsure',
  },
  { id: 'noindex alone, header', headers: { 'x-robots-tag': 'noindex' }, privacy: 'unsure' },
  {
    id: 'noindex for one robot',
    headers: { 'x-robots-tag': 'googlebot: noindex' },
    privacy: 'unsure',
  },
  { id: 'robots none', html: '<meta name="robots" content="none">', privacy: 'unsure' },
  { id: 'noindex alone, meta', html: '<meta name="robots" content="noindex">', privacy: 'unsure' },
  { id: 'nofollow', html: '<meta name="robots" content="nofollow">', privacy: 'public' },
  {
    id: 'description noindex',
    html: '<meta name="description" content="noindex">',
    privacy: 'public',
  },
  {
    id: 'our capability URL',
    source: 'https://bob.example/p/0123456789abcdefghjkmnpqrs/',
    privacy: 'unsure',
  },
  {
    id: 'seed 002, hexadecimal',
    source: 'https://bob.example/message/74809250de2401300d0714109feae54c.html',
    privacy: 'unsure',
  },
  {
    id: 'seed 002, NewBase60',
    source: 'https://bob.example/message/73ZE9ngcTj4LUCUUjQQ8j8.html',
    privacy: 'unsure',
  },
  {
    id: 'UUID',
    source: 'https://bob.example/7c9e6679-7425-40de-944b-e07fc1f90ae7',
    privacy: 'unsure',
  },
  {
    id: 'UUID of few changes',
    source: 'https://bob.example/12345678-1234-4234-8234-abcdefabcdef',
    privacy: 'unsure',
  },
  {
    id: 'base64url with separators',
    source: 'https://bob.example/s/dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
    privacy: 'unsure',
  },
  {
    id: 'in a query',
    source: 'https://bob.example/?key=73ZE9ngcTj4LUCUUjQQ8j8',
    privacy: 'unsure',
  },
  {
    id: 'a slug of many words',
    source: 'https://bob.example/2026/11/what-i-learned-from-ten-years-of-writing-a-blog-in-2026',
    privacy: 'public',
  },
  {
    id: 'a slug with capitals',
    source: 'https://bob.example/What-I-Learned-From-Ten-Years-Of-Writing-2026',
    privacy: 'public',
  },
  { id: 'a date', source: 'https://bob.example/2026-11-21T12-00-00Z-note', privacy: 'public' },
  { id: 'a number', source: 'https://bob.example/status/1861234567890123456', privacy: 'public' },
  {
    id: 'a short hash',
    source: 'https://bob.example/commit/3f786850e387550fdab8',
    privacy: 'public',
  },
  {
    id: 'weak signs do not outweigh a strong one',
    source: 'https://bob.example/p/0123456789abcdefghjkmnpqrs/',
    html: '<data class="p-visibility" value="private"></data>',
    privacy: 'private',
  },
]

/** Entries, and what they are to `https://alice.example/post/`. */
export const typeVectors: readonly {
  readonly id: string
  readonly entry: string
  readonly type: string
  readonly rsvp?: string
}[] = [
  {
    id: 'link in content',
    entry: `<div class="e-content"><a href="${T}">x</a></div>`,
    type: 'mention',
  },
  { id: 'in-reply-to', entry: `<a class="u-in-reply-to" href="${T}">x</a>`, type: 'reply' },
  {
    id: 'in-reply-to as h-cite',
    entry: `<div class="u-in-reply-to h-cite"><a class="u-url p-name" href="${T}">x</a></div>`,
    type: 'reply',
  },
  {
    id: 'in-reply-to one of several',
    entry: `<a class="u-in-reply-to" href="https://carol.example/">x</a><a class="u-in-reply-to" href="${T}">x</a>`,
    type: 'reply',
  },
  {
    id: 'reply to somebody else',
    entry: `<a class="u-in-reply-to" href="https://carol.example/">x</a><a href="${T}">x</a>`,
    type: 'mention',
  },
  { id: 'like', entry: `<a class="u-like-of" href="${T}">x</a>`, type: 'like' },
  { id: 'like, legacy', entry: `<a class="u-like" href="${T}">x</a>`, type: 'like' },
  { id: 'repost', entry: `<a class="u-repost-of" href="${T}">x</a>`, type: 'repost' },
  {
    id: 'repost as h-cite',
    entry: `<div class="u-repost-of h-cite"><a class="u-url" href="${T}">x</a></div>`,
    type: 'repost',
  },
  { id: 'bookmark', entry: `<a class="u-bookmark-of" href="${T}">x</a>`, type: 'bookmark' },
  { id: 'follow', entry: `<a class="u-follow-of" href="${T}">x</a>`, type: 'follow' },
  {
    id: 'RSVP',
    entry: `<a class="u-in-reply-to" href="${T}">x</a><data class="p-rsvp" value="YES">I'll come</data>`,
    type: 'rsvp',
    rsvp: 'yes',
  },
  {
    id: 'RSVP of no known kind',
    entry: `<a class="u-in-reply-to" href="${T}">x</a><span class="p-rsvp">perhaps</span>`,
    type: 'reply',
  },
  {
    id: 'invitation',
    entry: `<a class="u-in-reply-to" href="${T}">x</a><a class="u-invitee h-card" href="https://carol.example/">C</a>`,
    type: 'invitation',
  },
  {
    id: 'person-tag',
    entry: `<a class="u-category h-card" href="https://alice.example/">Alice</a><a href="${T}">x</a>`,
    type: 'person-tag',
  },
  {
    id: 'person-tag of somebody else',
    entry: `<a class="u-category h-card" href="https://carol.example/">Carol</a><a href="${T}">x</a>`,
    type: 'mention',
  },
]
