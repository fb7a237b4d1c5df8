import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contentHash } from '../../lib/deploy/content.ts'
import { linksOf } from '../../lib/web/h-entry.ts'
import { letterOf } from '../../lib/deploy/letter.ts'
import { parsePage } from '../../lib/deploy/own-words.ts'
import { openShownMentions, type ShownMention } from '../../lib/webmention/shown-mentions.ts'
import { pathHash } from '../../lib/webmention/targets.ts'

const page = new URL('https://alice.example/posts/hello/')

const MENTION: ShownMention = {
  page: pathHash('/posts/hello/'),
  urls: ['https://bob.example/1'],
  author: { name: 'Bob B.', url: 'https://bob.example/' },
  text: 'I could not agree more with this, dear Alice.',
  html: '<p>I could not agree more with <a href="https://carol.example/">this</a>, dear Alice.</p>',
}
const LIKE: ShownMention = {
  page: pathHash('/posts/hello/'),
  urls: ['https://dan.example/likes/7'],
  author: { name: 'Dan', url: 'https://dan.example/' },
  text: '',
  html: '',
}
const SHOWN = openShownMentions([MENTION, LIKE])
const CONTENT =
  '<div class="e-content"><p>Hello <a href="https://friend.example/">you</a>.</p></div>'

function post(inside: string): string {
  return `<!doctype html><main class="h-entry"><h1 class="p-name">Hello</h1>${inside}</main>`
}

function linksIn(html: string, shown = SHOWN): string[] {
  const { document, search } = parsePage(html, page, shown)
  return search.entry ? linksOf(search.entry, document, page).map(String) : []
}

const FRIEND = ['https://friend.example/']

describe('the words of a post alone, by markup', () => {
  const responses: Readonly<Record<string, string>> = {
    'a comment':
      '<div class="u-comment h-cite"><a class="u-url" href="https://bob.example/1">Bob</a> Yes</div>',
    'a comment as p-comment':
      '<li class="p-comment h-cite"><a href="https://bob.example/1">Bob</a> Yes</li>',
    'a comment that is an entry':
      '<div class="u-comment h-entry"><a href="https://bob.example/1">Yes</a></div>',
    'a like that is a mere link': '<a class="u-like" href="https://bob.example/1">Bob</a>',
    'a row of faces':
      '<ul><li class="p-like h-cite"><a class="u-url" href="https://bob.example/"><img src="b.jpg" alt="Bob"></a></li><li class="u-repost h-cite"><a href="https://dan.example/">Dan</a></li></ul>',
    'a list with its headings and counts':
      '<section><h2>2 Responses</h2><div><h3>1 Reply</h3><ol><li class="h-cite"><a href="https://bob.example/1">Bob</a> Yes</li></ol></div></section>',
    'a heading beside the list':
      '<h2>1 reply</h2><ul><li class="h-cite"><a href="https://bob.example/1">B</a></li></ul>',
    'a cited reply that says that it answers this page':
      '<div class="h-cite"><a class="u-in-reply-to" href="/posts/hello/">↩</a> <a href="https://bob.example/1">Bob</a></div>',
    'an RSVP': '<div class="p-rsvp h-cite"><a href="https://bob.example/1">Bob comes</a></div>',
    'a mention': '<p class="u-mention h-cite"><a href="https://bob.example/1">Bob</a></p>',
    'a place for webmentions':
      '<div class="webmentions"><p><a href="https://bob.example/1">Bob</a>: Yes</p></div>',
    'a place for comments': '<section id="comments"><p>Nobody yet</p></section>',
    'related posts':
      '<ul class="related"><li class="h-entry"><a href="https://bob.example/1">Other</a></li></ul>',
  }
  for (const [name, html] of Object.entries(responses)) {
    it(`leave out ${name}`, () => {
      const [without, with_] = [post(CONTENT), post(CONTENT + html)]
      assert.equal(contentHash(with_, page), contentHash(without, page))
      assert.deepEqual(linksIn(with_), FRIEND)
    })
  }

  it('leave out what a layout marks within the content', () => {
    const html = '<div class="webmentions"><a href="https://bob.example/1">Bob</a></div>'
    const within = post(CONTENT.replace('</div>', `${html}</div>`))
    assert.deepEqual(linksIn(within), FRIEND)
    assert.equal(contentHash(within, page), contentHash(post(CONTENT), page))
  })

  const own: Readonly<Record<string, string>> = {
    'what the post answers':
      '<div class="u-in-reply-to h-cite"><a class="u-url" href="https://bob.example/1">B</a></div>',
    'what it answers, with a comment on that':
      '<div class="u-in-reply-to h-cite"><a class="u-url" href="https://bob.example/1">B</a><p class="u-comment">x</p></div>',
    'what it likes':
      '<p class="u-like-of h-cite"><a class="u-url" href="https://bob.example/1">B</a></p>',
    'what it repeats': '<a class="u-repost-of" href="https://bob.example/1">B</a>',
    'what it bookmarks':
      '<p class="u-bookmark-of h-cite"><a class="u-url" href="https://bob.example/1">B</a></p>',
    'what it answers, inside of the item':
      '<div class="h-cite"><a class="u-in-reply-to" href="https://bob.example/1">B</a></div>',
    'who is tagged': '<a class="u-category h-card" href="https://bob.example/1">Bob</a>',
    'what it reads':
      '<p class="p-read-of h-cite"><a class="u-url" href="https://bob.example/1">B</a></p>',
    'a plain link beside the content': '<p>See <a href="https://bob.example/1">B</a></p>',
    'an RSVP of its own':
      '<data class="p-rsvp" value="yes"></data><a href="https://bob.example/1">B</a>',
    'a place called after comments that holds a property of the post':
      '<div class="reactions"><a class="u-syndication" href="https://bob.example/1">B</a></div>',
  }
  for (const [name, html] of Object.entries(own)) {
    it(`keep ${name}`, () => {
      const whole = post(CONTENT + html)
      assert.deepEqual(linksIn(whole, openShownMentions([])), [...FRIEND, 'https://bob.example/1'])
      assert.notEqual(contentHash(whole, page), contentHash(post(CONTENT), page))
    })
  }

  it('keep a citation within the content, and within a sentence where none is marked', () => {
    const cite = '<cite class="h-cite"><a class="u-url" href="https://bob.example/1">B</a></cite>'
    const within = post(CONTENT.replace('</p>', ` ${cite}</p>`))
    assert.deepEqual(linksIn(within), [...FRIEND, 'https://bob.example/1'])
    assert.deepEqual(linksIn(post(`<p>I read ${cite}.</p>`)), ['https://bob.example/1'])
    const comment = '<div class="h-cite"><a href="https://bob.example/1">B</a></div>'
    assert.deepEqual(linksIn(post(`<p>I read.</p>${comment}`)), [])
  })

  it('keep short words that stand beside a comment, where no content is marked', () => {
    const comment = '<p class="u-comment h-cite">Yes</p>'
    const hash = (words: string) => contentHash(post(`<div>${words}${comment}</div>`), page)
    assert.notEqual(hash('Come at one.'), hash('Come at two.'))
  })

  it('are what letters say', () => {
    const html = post(
      `<div class="e-content">Hello. <p class="u-comment h-cite">No.</p></div><div class="u-comment h-cite">Yes.</div>`,
    )
    assert.equal(letterOf(html, page, { audience: [] }).text, 'Hello.')
  })
})

describe('the words of a post alone, by what the build was given to show', () => {
  const layouts: Readonly<Record<string, string>> = {
    'a paragraph each, as our documentation had it':
      '<p><a href="https://bob.example/1">Bob B.</a>: I could not agree more with this, dear Alice.</p><p><a href="https://dan.example/likes/7">Dan</a>: </p>',
    'a list with dates and a heading':
      '<section><h2>Responses</h2><ul><li><a href="https://bob.example/">Bob B.</a> replied on <a href="https://bob.example/1"><time>1 November 2026, 10:00</time></a><div><p>I could not agree more with <a href="https://carol.example/">this</a>, dear Alice.</p></div></li><li><a href="https://dan.example/">Dan</a> likes this</li></ul></section>',
    'texts that are cut short':
      '<p><a href="https://bob.example/1">Bob B.</a>: I could not agree more wi…</p>',
    'no links at all': '<p>Bob B.: I could not agree more with this, dear Alice.</p>',
    'names alone': '<p>Liked by <a href="https://dan.example/">Dan</a></p>',
  }
  for (const [name, html] of Object.entries(layouts)) {
    it(`leave out ${name}`, () => {
      const whole = post(CONTENT + html)
      assert.deepEqual(linksIn(whole), FRIEND)
      assert.equal(contentHash(whole, page, SHOWN), contentHash(post(CONTENT), page, SHOWN))
      // Without that knowledge it would have been the post's.
      assert.notEqual(contentHash(whole, page), contentHash(post(CONTENT), page))
    })
  }

  it('leave out a whole mention also where no content is marked', () => {
    const html =
      '<p>Hello <a href="https://friend.example/">you</a>.</p><p><a href="https://bob.example/1">Bob B.</a>: I could not agree more with this, dear Alice.</p>'
    assert.deepEqual(linksIn(post(html)), FRIEND)
  })

  const own: Readonly<Record<string, string>> = {
    'a link to a mention in the content':
      '<div class="e-content">Bob B. <a href="https://bob.example/1">answered</a>.</div>',
    'a link to somebody who likes it':
      '<div class="e-content">I like <a href="https://dan.example/">Dan</a>.</div>',
    'a link where no content is marked':
      '<p><a href="https://bob.example/1">Bob B.</a> answered.</p>',
    'a mention that the author quotes':
      '<div class="e-content"><blockquote><a href="https://bob.example/1">Bob B.</a>: I could not agree more with this, dear Alice.</blockquote></div>',
    'what the post answers, beside the content':
      '<a class="u-in-reply-to" href="https://bob.example/1">Bob B.</a><div class="e-content">No.</div>',
  }
  for (const [name, html] of Object.entries(own)) {
    it(`keep ${name}`, () => assert.equal(linksIn(post(html)).length, 1))
  }

  it('keep whom the author names above the content, be it a guest who answers as well', () => {
    const by = '<p>A guest: <a href="https://bob.example/">Bob B.</a></p>'
    assert.deepEqual(linksIn(post(by + CONTENT)), ['https://bob.example/', ...FRIEND])
    assert.deepEqual(linksIn(post(CONTENT + by)), FRIEND)
  })

  it('keep the name of the author, who may answer too', () => {
    const home = 'https://alice.example/'
    const answer = { ...MENTION, urls: [`${home}2`], author: { name: 'Alice', url: home } }
    const by = (name: string) =>
      post(`${CONTENT}<p>By <a class="p-author h-card" href="/">${name}</a></p>`)
    const hash = (name: string) => contentHash(by(name), page, openShownMentions([answer]))
    assert.notEqual(hash('Alice'), hash('Alice A.'))
    assert.equal(hash('Alice'), contentHash(by('Alice'), page))
  })

  it('keep what is a mention of another page', () => {
    const other = openShownMentions([{ ...MENTION, page: pathHash('/posts/other/') }])
    const html = post(`${CONTENT}<p>By <a href="https://bob.example/">Bob B.</a></p>`)
    assert.deepEqual(linksIn(html, other), [...FRIEND, 'https://bob.example/'])
    assert.deepEqual(linksIn(html), FRIEND)
  })

  it('find them among a thousand', () => {
    const many = Array.from({ length: 1000 }, (_, n) => ({
      ...MENTION,
      urls: [`https://bob.example/${n}`],
      text: `${n} times I could not agree more.`,
      html: '',
    }))
    const list = many.map(
      ({ urls, text }) => `<li><a href="${urls[0]}">Bob B.</a> <p>${text}</p></li>`,
    )
    const html = post(`${CONTENT}<ul>${list.join('')}</ul>`)
    assert.deepEqual(linksIn(html, openShownMentions(many)), FRIEND)
  })
})
