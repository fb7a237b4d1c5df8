import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { mf2 } from 'microformats-parser'
import { parseHtml } from '../../lib/web/html.ts'
import { parseMicroformats } from '../../lib/webmention/microformats.ts'

const TESTS = new URL('../../node_modules/microformat-tests/tests/', import.meta.url)
const BASE = 'http://example.com/'

const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html'))
  .map((file) => file.replace(/\.html$/, ''))
  .filter((name) => existsSync(new URL(`${name}.json`, TESTS)))

const text = (file: string) => readFileSync(new URL(file, TESTS), 'utf8')
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

/** It throws at a page whose body is empty. */
function alone(html: string): unknown {
  try {
    return plain(mf2(html, { baseUrl: BASE }).items)
  } catch (error) {
    return String(error)
  }
}

/**
 * The expectations are older than what the specification says of images and times now: an image with words is
 * an object, and its words stay out of an implied name. What is left after folding these is compared.
 */
function folded(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(folded)
  if (typeof value === 'string') return value.replace(/\s+/g, ' ').trim()
  if (typeof value !== 'object' || value === null) return value
  const { alt, lang: _, ...rest }: Record<string, unknown> = { ...value }
  if (alt !== undefined && Object.keys(rest).length === 1) return folded(rest['value'])
  return Object.fromEntries(Object.entries(rest).map(([name, one]) => [name, folded(one)]))
}

function isEqual(one: unknown, other: unknown): boolean {
  try {
    assert.deepEqual(folded(one), folded(other))
    return true
  } catch {
    return false
  }
}

const readings = files.map((name) => {
  const html = text(`${name}.html`)
  const { items: expected } = JSON.parse(text(`${name}.json`))
  const library = alone(html)
  const document = parseHtml(html, { scripting: false })
  const ours = plain(parseMicroformats(document, new URL(BASE)).items)
  return { name, expected, library, ours }
})

describe("microformats' own tests", () => {
  it('are as many as were published', () => assert.ok(files.length >= 110))

  for (const { name, expected, library, ours } of readings) {
    it(name, () => {
      if (!isEqual(ours, expected)) assert.deepEqual(ours, library)
    })
  }

  it('are understood as well as by the library alone, or better', () => {
    const right = (of: 'ours' | 'library') =>
      readings.filter((reading) => isEqual(reading[of], reading.expected)).length
    assert.ok(right('library') >= 60)
    assert.ok(right('ours') >= right('library'))
  })
})
