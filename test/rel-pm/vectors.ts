import type { Message } from '../../lib/delivery/message.ts'

const HTML = '<p>Dinner?<script>alert(1)</script></p>'

/** What may come as the message of step 6, and what the inbox makes of it. From https://alice.example.org/. */
export const entries: readonly {
  readonly name: string
  readonly entry: Readonly<Record<string, unknown>>
  readonly message: Partial<Message>
}[] = [
  { name: 'plain content', entry: { content: 'Dinner?' }, message: { text: 'Dinner?' } },
  {
    name: 'content with text and html',
    entry: { content: { text: 'Dinner?', html: HTML } },
    message: { text: 'Dinner?', html: '<p>Dinner?</p>' },
  },
  {
    name: 'content with html alone, whose paragraphs and lines stay',
    entry: { content: { html: '<p>One<br>two</p><ul><li>three</ul><p>four &amp; five' } },
    message: { text: 'One\ntwo\n\n- three\n\nfour & five' },
  },
  {
    name: 'lists of one, as microformats have them',
    entry: {
      type: ['entry'],
      content: [{ html: [HTML], value: ['Dinner?'] }],
      published: ['2026-11-20T12:00:00+01:00'],
      author: [{ type: ['card'], name: ['Alice'], url: ['https://alice.example.org/'] }],
      name: [],
    },
    message: {
      text: 'Dinner?',
      published: '2026-11-20T11:00:00.000Z',
      author: { name: 'Alice', url: 'https://alice.example.org/' },
    },
  },
  {
    name: 'a summary instead of content, and nulls',
    entry: { summary: 'Dinner?', content: null, author: null, 'in-reply-to': null },
    message: { text: 'Dinner?' },
  },
  {
    name: 'a title',
    entry: { name: 'Invitation', content: 'Dinner?' },
    message: { title: 'Invitation', text: 'Dinner?' },
  },
  {
    name: 'a title that is only the beginning of the text',
    entry: { name: 'Dinner', content: 'Dinner?' },
    message: { text: 'Dinner?' },
  },
  { name: 'a title alone', entry: { name: 'Dinner?' }, message: { text: 'Dinner?' } },
  {
    name: 'an author below the profile',
    entry: { author: 'https://alice.example.org/about', content: 'x' },
    message: { author: { name: 'alice.example.org', url: 'https://alice.example.org/' } },
  },
  {
    name: 'a page of its own',
    entry: { url: 'https://alice.example.org/private/1', content: 'x' },
    message: { source: 'https://alice.example.org/private/1' },
  },
  {
    name: "a page of somebody else's",
    entry: { url: 'https://eve.example/1', content: 'x' },
    message: { source: 'pm:m1' },
  },
  {
    name: 'an audience of strings and cards',
    entry: {
      audience: ['https://bob.example.com/', { type: 'card', url: 'https://carol.example/' }],
      content: 'x',
    },
    message: { audience: ['https://bob.example.com/', 'https://carol.example/'] },
  },
  {
    name: 'one person as the audience',
    entry: { audience: 'https://bob.example.com/', content: 'x' },
    message: { audience: ['https://bob.example.com/'] },
  },
  {
    name: 'an answer to a page of ours',
    entry: { 'in-reply-to': 'https://pm.bob.example.net/post/#c', content: 'x' },
    message: {
      type: 'reply',
      target: 'https://pm.bob.example.net/post/',
      inReplyTo: 'https://pm.bob.example.net/post/#c',
    },
  },
  {
    name: 'an answer to several pages, of which one is ours',
    entry: {
      'in-reply-to': [{ url: 'https://carol.example/1' }, 'https://pm.bob.example.net/post/'],
      content: 'x',
    },
    message: { type: 'reply', target: 'https://pm.bob.example.net/post/' },
  },
  {
    name: 'an answer to our home page, which is a message',
    entry: { 'in-reply-to': 'https://bob.example.com/', content: 'x' },
    message: { type: 'message', target: 'https://bob.example.com/' },
  },
  {
    name: "an answer to a page of somebody else's",
    entry: { 'in-reply-to': 'https://carol.example/1', content: 'x' },
    message: {
      type: 'message',
      target: 'https://bob.example.com/',
      inReplyTo: 'https://carol.example/1',
    },
  },
  {
    name: 'an answer to a message that is not known here',
    entry: { 'in-reply-to': 'pm:another', content: 'x' },
    message: { type: 'message', inReplyTo: 'pm:another' },
  },
  {
    name: 'a date that is none',
    entry: { published: 'yesterday', content: 'x' },
    message: { text: 'x' },
  },
  {
    name: 'a date in the future',
    entry: { published: '2027-11-20', content: 'x' },
    message: { text: 'x' },
  },
  {
    name: 'control characters, and those that turn the direction of writing',
    entry: { content: 'a\u202eb\u0000c\nd', author: { name: 'Al\u202eice\n' } },
    message: {
      text: 'a b c\nd',
      author: { name: 'Al ice', url: 'https://alice.example.org/' },
    },
  },
]

/** What is refused, and how. */
export const refusals: readonly (readonly [name: string, entry: unknown, status: number])[] = [
  ['a list', [], 400],
  ['nothing', null, 400],
  ['no type', { type: undefined, content: 'x' }, 400],
  ['another type', { type: 'event', content: 'x' }, 400],
  ['two types', { type: ['entry', 'event'], content: 'x' }, 400],
  ['nothing said', {}, 400],
  ['nothing said but spaces', { content: { text: ' \n ' } }, 400],
  ['nothing said but a script', { content: { html: '<script>x</script>' } }, 400],
  ['content that is a number', { content: 5 }, 400],
  ['a title that is an object', { name: {}, content: 'x' }, 400],
  ['a uid with a space in it', { uid: 'm 1', content: 'x' }, 400],
  ['another author', { author: 'https://eve.example/', content: 'x' }, 403],
  ['another author in a list', { author: [{ url: ['https://eve.example/'] }], content: 'x' }, 403],
  ['an author over http', { author: 'http://alice.example.org/', content: 'x' }, 403],
  ['an author who is a name', { author: 'Alice', content: 'x' }, 403],
  ['a uid at another site', { uid: 'https://eve.example/1', content: 'x' }, 403],
]
