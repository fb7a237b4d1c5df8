import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentHash } from '../../lib/deploy/content.ts'
import { parsePage } from '../../lib/deploy/own-words.ts'
import { isPermalink, linksOf } from '../../lib/web/h-entry.ts'
import { openShownMentions, type ShownMention } from '../../lib/webmention/shown-mentions.ts'
import { pathHash } from '../../lib/webmention/targets.ts'

const page = new URL('https://alice.example/posts/hello/')
const FRIEND = 'https://friend.example/'

interface Mention extends ShownMention {
  readonly isLike: boolean
}

function mention(name: string, text: string, html = ''): Mention {
  const home = `https://${name.toLowerCase()}.example/`
  const author = { name, url: home, photo: `${home}face.jpg` }
  const urls = [`${home}1`]
  return { page: pathHash(page.pathname), urls, author, text, html, isLike: text === '' }
}

const BOB = mention(
  'Bob',
  'I could not agree more with this.',
  '<p>I could not agree more with <a href="https://carol.example/">this</a>.</p>',
)
const ZOE = mention('Zoe', 'Yes!')
const DAN = mention('Dan', '')
const STATES = [[], [BOB], [DAN], [BOB, DAN], [BOB, ZOE, DAN, mention('Fay', '')]]

type Layout = (mentions: readonly Mention[], words?: string) => string

const urlOf = ({ urls }: Mention) => urls[0] ?? ''
const each = (mentions: readonly Mention[], form: (mention: Mention) => string) =>
  mentions.map(form).join('')
const likes = (mentions: readonly Mention[]) => mentions.filter(({ isLike }) => isLike)
const replies = (mentions: readonly Mention[]) => mentions.filter(({ isLike }) => !isLike)
const face = ({ author }: Mention) => `<img src="${author.photo}" alt="${author.name}">`
const line = (mention: Mention) =>
  `<li><a href="${urlOf(mention)}">${mention.author.name}</a>: ${mention.text}</li>`
const content = (words: string) => `<div class="e-content"><p>${words}</p></div>`
const entry = (inside: string) =>
  `<main class="h-entry"><h1 class="p-name">Hello</h1>${inside}</main>`

/** What layouts of well-known starters and tutorials print, in short. */
const LAYOUTS: Readonly<Record<string, Layout>> = {
  'a list in elements called webmention__…, without words of microformats': (all, words = '') =>
    entry(
      `${content(words)}<h2>Webmentions</h2>${all.length === 0 ? '<p>No mentions yet.</p>' : `<ol class="webmentions__list">${each(all, (one) => `<li class="webmentions__item"><article class="webmention"><div class="webmention__meta"><a class="webmention__author" href="${urlOf(one)}">${face(one)}<strong>${one.author.name}</strong></a></div><div class="webmention__content">${one.html || one.text}</div></article></li>`)}</ol>`}`,
    ),
  'faces, then articles, each with their count': (all, words = '') =>
    entry(
      `${content(words)}<section><h2>Webmentions</h2>${likes(all).length === 0 ? '' : `<h3>${likes(all).length} Likes</h3>${each(likes(all), (one) => `<a href="${urlOf(one)}">${face(one)}</a>`)}`}${replies(all).length === 0 ? '' : `<h3>${replies(all).length} Replies</h3>${each(replies(all), (one) => `<article class="webmention">${face(one)}<strong>${one.author.name}</strong> <time>1 May 2026</time><div>${one.text} <a href="${urlOf(one)}">source</a></div></article>`)}`}${all.length === 0 ? '<p>No webmentions yet.</p>' : ''}<p>By way of <a href="https://indieweb.org/Webmention">webmentions</a>.</p></section>`,
    ),
  'a count above the post, and the first to reply below it': (all, words = '') =>
    entry(
      `<p><a href="#comments">${all.length} comments</a></p>${content(words)}<div class="flow">${all.length === 0 ? '<p>Be the first to reply.</p>' : `<ul>${each(all, line)}</ul>`}</div>`,
    ),
  'counts with pictures, and with names for them': (all, words = '') =>
    entry(
      `<p>By Alice · <span class="like-count">${likes(all).length}</span> · <a href="#webmentions"><svg></svg> ${all.length}</a> · <b>💬 ${replies(all).length}</b></p>${content(words)}<ul>${each(all, line)}</ul>`,
    ),
  'faces alone': (all, words = '') => entry(`${content(words)}<div>${each(all, face)}</div>`),
  'faces with a u-url that stands in no item': (all, words = '') =>
    entry(
      `${content(words)}<ul>${each(all, (one) => `<li><a class="u-url" href="${one.author.url}"><img class="u-photo" src="${one.author.photo}" alt=""></a></li>`)}</ul>`,
    ),
  'a place for them, with properties that stand in no item': (all, words = '') =>
    entry(
      `${content(words)}<div class="webmentions">${each(all, (one) => `<a class="u-url p-author" href="${urlOf(one)}">${one.author.name}</a><p class="p-content">${one.text}</p>`)}</div>`,
    ),
  'a table, a title that is always there': (all, words = '') =>
    entry(
      `${content(words)}<h2>Who said what</h2><table><tr><th>Who</th><th>What</th></tr>${each(all, (one) => `<tr><td><a href="${urlOf(one)}">${one.author.name}</a></td><td>${one.text}</td></tr>`)}</table>`,
    ),
  'a title, and a line in other words where there are none': (all, words = '') =>
    entry(
      `${content(words)}<h2>Kommentare</h2>${all.length === 0 ? '<p>Bisher war niemand da.</p>' : `<ul>${each(all, line)}</ul>`}`,
    ),
  'details with a summary': (all, words = '') =>
    entry(
      `${content(words)}<details><summary>${all.length} Webmentions</summary><ul>${each(all, line)}</ul></details>`,
    ),
  'elements that a program fills': (all, words = '') =>
    entry(
      `${content(words)}<web-mentions>${each(all, (one) => `<p>${one.author.name}: ${one.text}</p>`)}</web-mentions>`,
    ),
  'quotations that name their source in an attribute': (all, words = '') =>
    entry(
      `${content(words)}${each(all, (one) => `<blockquote cite="${urlOf(one)}">${one.text}<footer>${one.author.name}</footer></blockquote>`)}`,
    ),
  'a list within the content, by a layout around another one': (all, words = '') =>
    entry(
      `<div class="e-content"><p>${words}</p><h2>Answers</h2>${all.length === 0 ? '<p>No answers yet.</p>' : `<ul>${each(all, line)}</ul>`}</div>`,
    ),
}

function readPage(layout: Layout, mentions: readonly Mention[], words: string) {
  const html = `<!doctype html>${layout(mentions, words)}`
  const shown = openShownMentions(mentions)
  const { document, search } = parsePage(html, page, shown)
  assert.ok(search.entry)
  return {
    hash: contentHash(html, page, shown),
    links: linksOf(search.entry, document, page)
      .filter(({ host }) => host !== page.host && host !== 'indieweb.org')
      .map(String),
    isPost: isPermalink(search.entry, document, page),
  }
}

describe('a page that shows what others have said about it', () => {
  const words = `Hello <a href="${FRIEND}">you</a>.`
  for (const [name, layout] of Object.entries(LAYOUTS)) {
    it(`says the same, from none to many: ${name}`, () => {
      const none = readPage(layout, [], words)
      for (const mentions of STATES) {
        const read = readPage(layout, mentions, words)
        assert.deepEqual(read, { hash: none.hash, links: [FRIEND], isPost: true })
      }
    })

    it(`says something else when its author does, with a new comment beside it: ${name}`, () => {
      const before = readPage(layout, [DAN], words)
      const edited = `Hello <a href="${FRIEND}">you</a>, and <a href="${urlOf(BOB)}">Bob</a> too.`
      const after = readPage(layout, [BOB, DAN], edited)
      assert.notEqual(after.hash, before.hash)
      assert.deepEqual(after.links, [FRIEND, urlOf(BOB)])
      const quoted = `${words} <a href="${urlOf(BOB)}">Bob</a> wrote: ${BOB.text}`
      assert.deepEqual(readPage(layout, [BOB], quoted).links, [FRIEND, urlOf(BOB)])
    })
  }

  const edits: Readonly<Record<string, readonly [before: string, after: string]>> = {
    'words after the content': ['<p>PS: Buy milk.</p>', '<p>PS: Buy bread.</p>'],
    'words before the content': ['<p>My comments</p>', '<p>My reactions</p>'],
    'a title without a name': ['<h1>3 replies I liked</h1>', '<h1>4 replies I liked</h1>'],
    'a number that counts nothing': ['<p>Rating: 4</p>', '<p>Rating: 5</p>'],
    'a date': ['<p>1 May 2026</p>', '<p>2 May 2026</p>'],
    'a link to elsewhere': [
      '<p>2 replies <a href="https://ann.example/">Ann</a></p>',
      '<p>2 replies <a href="https://ben.example/">Ben</a></p>',
    ],
    'a property about likes': [
      '<p class="p-summary">2 likes</p>',
      '<p class="p-summary">3 likes</p>',
    ],
    'a picture among likes': [
      '<p>2 likes <img src="/a.jpg"></p>',
      '<p>2 likes <img src="/b.jpg"></p>',
    ],
  }
  for (const [name, [before, after]] of Object.entries(edits)) {
    it(`says something else: ${name}`, () => {
      const isBefore = /before|title|date/.test(name)
      const withBeside = (beside: string) =>
        entry(isBefore ? beside + content(words) : content(words) + beside)
      assert.notEqual(contentHash(withBeside(before), page), contentHash(withBeside(after), page))
    })
  }

  it('keeps a title in the content that Markdown has given an id, and what is below it', () => {
    const hash = (below: string) =>
      contentHash(entry(content(`<h2 id="webmentions">Webmentions</h2>${below}`)), page)
    assert.notEqual(hash('<p>They are old.</p>'), hash('<p>They are new.</p>'))
    assert.notEqual(
      hash('<p>They are old.</p>'),
      contentHash(entry(content('<p>They are old.</p>')), page),
    )
  })
})
