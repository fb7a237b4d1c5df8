import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import {
  knownSecretsFileOf,
  readKnownSecrets,
  rememberSecrets,
} from '../../lib/ledger/known-secrets.ts'

const NOW = new Date('2026-11-21T12:00:00Z')
const DINNER = new URL('https://bob.example/dinner/')
const later = (days: number) => new Date(NOW.getTime() + days * 24 * 60 * 60 * 1000)

function fileIn(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-known-'))
  t.after(() => rmSync(folder, { recursive: true }))
  return knownSecretsFileOf(join(folder, 'private-posts.ledger.json'))
}

describe('rememberSecrets()', () => {
  it('lets the next builds know an address for so many days, with or without fragment and slash', async (t) => {
    const file = fileIn(t)
    assert.equal(readKnownSecrets(file, NOW)(DINNER), false)
    await rememberSecrets(file, [DINNER], { now: NOW, days: 30 })
    const isKnown = readKnownSecrets(file, later(29))
    assert.equal(isKnown(new URL('https://bob.example/dinner#end')), true)
    assert.equal(isKnown(new URL('https://bob.example/lunch/')), false)
    assert.equal(readKnownSecrets(file, later(31))(DINNER), false)
  })

  it('writes no address, and nothing where nothing is new', async (t) => {
    const file = fileIn(t)
    await rememberSecrets(file, [DINNER], { now: NOW, days: 30 })
    const text = readFileSync(file, 'utf8')
    assert.doesNotMatch(text, /bob|dinner/)
    await rememberSecrets(file, [DINNER], { now: later(0.5), days: 30 })
    assert.equal(readFileSync(file, 'utf8'), text)
    await rememberSecrets(file, [DINNER], { now: later(2), days: 30 })
    assert.notEqual(readFileSync(file, 'utf8'), text)
  })
})
