import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

export interface SiteSizes {
  readonly posts: number
  readonly private: number
  readonly recipients: number
}

/** What a way to private posts needs of the sources. */
export interface SiteShape {
  /** Front matter of a private post, as YAML text. */
  readonly privateFrontMatter: (number: number) => string
  readonly config: string
}

const SYLLABLES = 'ka lo mi ren tu sa vel no dar pi qua hes bor lin ge fau wex jo thy cru'.split(
  ' ',
)
/** As long as a blog post of a few minutes: about 5 KB of HTML. */
const PARAGRAPHS = 6
const WORDS = 120

const LAYOUT = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{{ title }}</title>
<link rel="stylesheet" href="/style.css"><link rel="webmention" href="/webmention"></head>
<body><header><a href="/">Home</a></header>
<main class="h-entry"><h1 class="p-name">{{ title }}</h1>
<time class="dt-published" datetime="{{ page.date | date: "%Y-%m-%d" }}">{{ page.date | date: "%Y-%m-%d" }}</time>
<div class="e-content">{{ content }}</div></main></body></html>
`
const INDEX = `---
layout: base.liquid
title: Posts
pagination: { data: collections.post, size: 50 }
---
<ul>{% for post in pagination.items %}<li><a href="{{ post.url }}">{{ post.data.title }}</a></li>{% endfor %}</ul>
`

export function createWorkFolder(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), 'private-posts-bench-'))
}

/** Writes a site whose private posts lie in `private/`. The words are the same each time. */
export function writeSite(folder: string, sizes: SiteSizes, shape: SiteShape): void {
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
  const random = createRandom()
  write('_includes/base.liquid', LAYOUT)
  write('eleventy.config.mjs', shape.config)
  write('index.liquid', INDEX)
  for (let number = 0; number < sizes.posts; number++) {
    const isPrivate = number < sizes.private
    const date = new Date(Date.UTC(2010, 0, 1 + number)).toISOString().slice(0, 10)
    const own = isPrivate ? shape.privateFrontMatter(number) : 'tags: post'
    const title = `${words(random, 3)} ${number}`
    write(
      `${isPrivate ? 'private' : 'posts'}/${nameOf(number)}.md`,
      `---\nlayout: base.liquid\ntitle: ${title}\ndate: ${date}\n${own}\n---\n${text(random)}`,
    )
  }
}

export function nameOf(number: number): string {
  return `entry-${String(number).padStart(5, '0')}`
}

function text(random: () => number): string {
  const paragraphs = Array.from(
    { length: PARAGRAPHS },
    () => `${words(random, WORDS)} *${words(random, 2)}* [link](https://bob.example/).`,
  )
  return `${paragraphs.join('\n\n')}\n`
}

function words(random: () => number, count: number): string {
  const syllable = () => SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? ''
  const word = () => syllable() + syllable() + (random() < 0.5 ? syllable() : '')
  return Array.from({ length: count }, word).join(' ')
}

/** Mulberry32: small, and the same in every run. */
function createRandom(): () => number {
  let state = 1
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
