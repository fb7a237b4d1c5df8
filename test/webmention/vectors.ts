/** What a target answers. `{base}` in it stands for the origin, `{path}` for the target's own path. */
export interface Target {
  readonly id: string
  readonly name: string
  readonly status?: number
  /** Raw names and values in turn, so that a spelling such as `LinK` arrives as it is. */
  readonly headers?: readonly string[]
  readonly type?: string
  readonly html?: string
  /** Reference to the endpoint that must be found, resolved against the target; `undefined`: none. */
  readonly endpoint: string | undefined
}

const OK = '/test/{id}/webmention'
const ERROR = '/test/{id}/webmention/error'

/**
 * The discovery tests of webmention.rocks, by their numbers. 15 and 20 also refuse what is not to be
 * posted to, 21 a query in the wrong place; 23 has a server of its own, because its keys work once.
 *
 * @see https://webmention.rocks/
 */
export const rocks: readonly Target[] = [
  {
    id: '1',
    name: 'HTTP Link header, unquoted rel, relative URL',
    headers: ['Link', `<${OK}>; rel=webmention`],
    endpoint: OK,
  },
  {
    id: '2',
    name: 'HTTP Link header, unquoted rel, absolute URL',
    headers: ['Link', `<{base}${OK}>; rel=webmention`],
    endpoint: OK,
  },
  {
    id: '3',
    name: 'HTML <link> tag, relative URL',
    html: `<head><link rel="webmention" href="${OK}"></head>`,
    endpoint: OK,
  },
  {
    id: '4',
    name: 'HTML <link> tag, absolute URL',
    html: `<head><link href="{base}${OK}" rel="webmention"></head>`,
    endpoint: OK,
  },
  {
    id: '5',
    name: 'HTML <a> tag, relative URL',
    html: `<body><a rel="webmention" href="${OK}">here</a>`,
    endpoint: OK,
  },
  {
    id: '6',
    name: 'HTML <a> tag, absolute URL',
    html: `<body><a href="{base}${OK}" rel="webmention">here</a>`,
    endpoint: OK,
  },
  {
    id: '7',
    name: 'HTTP Link header with strange casing',
    headers: ['LinK', `<{base}${OK}>; rel=webmention`],
    endpoint: OK,
  },
  {
    id: '8',
    name: 'HTTP Link header, quoted rel',
    headers: ['Link', `<{base}${OK}>; rel="webmention"`],
    endpoint: OK,
  },
  {
    id: '9',
    name: 'Multiple rel values on a <link> tag',
    html: `<link rel="webmention somethingelse" href="{base}${OK}">`,
    endpoint: OK,
  },
  {
    id: '10',
    name: 'Multiple rel values on a Link header',
    headers: ['Link', `<{base}${OK}>; rel="webmention somethingelse"`],
    endpoint: OK,
  },
  {
    id: '11',
    name: 'Multiple Webmention endpoints advertised: Link, <link>, <a>',
    headers: ['Link', `<{base}${OK}>; rel="webmention"`],
    html: `<link rel="webmention" href="${ERROR}"><a rel="webmention" href="${ERROR}">here</a>`,
    endpoint: OK,
  },
  {
    id: '12',
    name: 'Checking for exact match of rel=webmention',
    html: `<link rel="not-webmention" href="${ERROR}"><a href="${OK}" rel="webmention">here</a>`,
    endpoint: OK,
  },
  {
    id: '13',
    name: 'False endpoint inside an HTML comment',
    html: `<!-- <a href="${ERROR}" rel="webmention"></a> --><a href="${OK}" rel="webmention">here</a>`,
    endpoint: OK,
  },
  {
    id: '14',
    name: 'False endpoint in escaped HTML',
    html: `<code>&lt;a href="${ERROR}" rel="webmention"&gt;&lt;/a&gt;</code><a href="${OK}" rel="webmention">here</a>`,
    endpoint: OK,
  },
  {
    id: '15',
    name: 'Webmention href is an empty string',
    html: '<link rel="webmention" href="">',
    endpoint: '/test/15',
  },
  {
    id: '16',
    name: 'Multiple Webmention endpoints advertised: <a>, <link>',
    html: `<body><a href="${OK}" rel="webmention">here</a><link rel="webmention" href="${ERROR}">`,
    endpoint: OK,
  },
  {
    id: '17',
    name: 'Multiple Webmention endpoints advertised: <link>, <a>',
    html: `<body><link rel="webmention" href="${OK}"><a href="${ERROR}" rel="webmention">here</a>`,
    endpoint: OK,
  },
  {
    id: '18',
    name: 'Multiple HTTP Link headers',
    headers: ['Link', `<{base}${ERROR}>; rel="other"`, 'Link', `<{base}${OK}>; rel="webmention"`],
    endpoint: OK,
  },
  {
    id: '19',
    name: 'Single HTTP Link header with multiple values',
    headers: ['Link', `<{base}${ERROR}>; rel="other", <{base}${OK}>; rel="webmention"`],
    endpoint: OK,
  },
  {
    id: '20',
    name: 'Link tag with no href attribute',
    html: `<link rel="webmention"><a href="${OK}" rel="webmention">here</a>`,
    endpoint: OK,
  },
  {
    id: '21',
    name: 'Webmention endpoint has query string parameters',
    html: `<link rel="webmention" href="${OK}?query=yes">`,
    endpoint: `${OK}?query=yes`,
  },
  {
    id: '22',
    name: 'Webmention endpoint is relative to the path',
    html: '<link rel="webmention" href="{id}/webmention">',
    endpoint: OK,
  },
]
