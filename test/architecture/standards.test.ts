import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'

/** A row of a table of standards: what a specification says, and where that is done and tested. */
interface Row {
  readonly section: string
  readonly functions: readonly string[]
  readonly tests: readonly { readonly path: string; readonly cases: readonly string[] }[]
  readonly state: string
}

const HEADING = /^\| section +\| our function +\| test +\| state +\|$/
/** `test/a/{b,c}.test.ts` “name of a case”, “another” */
const TEST = /`(test\/[^`]+)`((?:,? “[^”]+”)*)/g

const declared = declarations()
const reached = new Map<string, ReadonlySet<string>>()

function rowsOf(document: string): Row[] {
  const lines = readFileSync(document, 'utf8').split('\n')
  const start = lines.findIndex((line) => HEADING.test(line))
  const table = lines.slice(start + 2)
  const end = table.findIndex((line) => !line.startsWith('|'))
  return table.slice(0, end).map((line) => {
    const [section = '', functions = '', tests = '', state = ''] = line
      .slice(1)
      .split('|')
      .map((cell) => cell.trim())
    return {
      ...{ section, state },
      functions: Array.from(functions.matchAll(/`(\w+)`/g), ([, name = '']) => name),
      tests: [...tests.matchAll(TEST)].flatMap(([, path = '', cases = '']) =>
        pathsOf(path).map((path) => ({
          path,
          cases: Array.from(cases.matchAll(/“([^”]+)”/g), ([, name = '']) => name),
        })),
      ),
    }
  })
}

function pathsOf(path: string): string[] {
  const [braces, names = ''] = /\{([^}]+)\}/.exec(path) ?? []
  return braces === undefined ? [path] : names.split(',').map((name) => path.replace(braces, name))
}

/** The files of `lib` that declare each name. */
function declarations(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>()
  for (const name of readdirSync('lib', { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue
    const file = join('lib', name)
    const names = readFileSync(file, 'utf8').matchAll(
      /^(?:export )?(?:async )?(?:function\*?|const) (\w+)/gm,
    )
    for (const [, name = ''] of names) found.set(name, [...(found.get(name) ?? []), file])
  }
  return found
}

/** The files that a file imports, and what these import. */
function importedBy(file: string): ReadonlySet<string> {
  const known = reached.get(file)
  if (known) return known
  const found = new Set<string>([file])
  for (const one of found) {
    const paths = readFileSync(one, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+\.ts)'/g)
    for (const [, path = ''] of paths) found.add(join(dirname(one), path))
  }
  reached.set(file, found)
  return found
}

for (const [document, atLeast] of [
  ['README.md', 50],
  ['docs/standards.md', 45],
] as const) {
  describe(`the table of standards in ${document}`, () => {
    const rows = rowsOf(document)

    it('is long, and says of each row how far it is done', () => {
      assert.ok(rows.length >= atLeast, `${rows.length} rows`)
      for (const { section, state } of rows) assert.ok(state !== '', section)
    })

    it('names functions that exist, and tests that reach each of them', () => {
      for (const { section, functions, tests } of rows) {
        const files = new Set(tests.flatMap(({ path }) => [...importedBy(path)]))
        for (const name of functions) {
          const places = declared.get(name)
          assert.ok(places, `${section}: ${name} is not in lib`)
          const isReached = places.some((place) => files.has(place))
          assert.ok(isReached, `${section}: none of its tests imports ${name}`)
        }
        if (functions.length > 0) assert.ok(tests.length > 0, `${section}: no test`)
      }
    })

    it('names cases that the test files have', () => {
      for (const { path, cases } of rows.flatMap(({ tests }) => tests)) {
        assert.ok(existsSync(path), path)
        const text = readFileSync(path, 'utf8')
        for (const name of cases) assert.ok(text.includes(name), `${path}: “${name}”`)
      }
    })
  })
}
