import assert from 'node:assert/strict'
import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'

const TESTS = resolve(import.meta.dirname, '..')

describe('property tests', () => {
  const files = readdirSync(TESTS, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => ({ name, text: readFileSync(join(TESTS, name), 'utf8') }))
  const users = files.filter(({ text }) => /^import .* from 'fast-check'/m.test(text))

  it('are there', () => assert.ok(users.length > 20))

  it('have a fixed seed and are known to the fuzzer, because they call holds()', () => {
    for (const { name, text } of users) {
      const remedy = `${name}: To do: call holds() of test/support/property.ts instead of fast-check's`
      assert.doesNotMatch(text, /\bfc\s*\.\s*(assert|check|sample|statistics)\b/, remedy)
      assert.match(text, /\bawait holds\(/, remedy)
    }
  })

  it('say in their names what they are', () => {
    for (const { name, text } of users) {
      const calls = text.match(/\bholds\(/g)?.length ?? 0
      const names = text.match(/\(property\)['"`]/g)?.length ?? 0
      assert.equal(names, calls, `${name}: To do: let each name end in "(property)"`)
    }
  })
})
