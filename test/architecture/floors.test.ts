import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'

/** Floor plan: a room may import from rooms on lower floors only. */
const FLOORS = [
  ['web'],
  ['store'],
  ['jwt'],
  ['post', 'capability-url', 'ledger', 'leak-audit', 'delivery', 'policy'],
  ['indieauth', 'webmention', 'ticketing', 'rel-pm', 'intertalk', 'fmtp'],
  ['private-webmention', 'gate', 'inbox'],
  ['eleventy', 'deploy', 'site'],
  ['cli'],
]
const floorOf = (room: string) => FLOORS.findIndex((rooms) => rooms.includes(room))

/** Files that compose the rest with the process that they run in. */
const COMPOSITION_ROOTS = ['lib/index.ts', 'lib/cli/main.ts']
/** The words that end the meaning of a file's name. */
const EMPTY_NAMES = /^(utils?|helpers?|common|types|manager|service|misc)\.ts$/

const rooms = readdirSync('lib', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
const files = readdirSync('lib', { recursive: true, encoding: 'utf8' })
  .map((name) => join('lib', name))
  .filter((name) => name.endsWith('.ts'))

describe('the floor plan', () => {
  for (const room of rooms) {
    it(`lib/${room} imports only from floors below`, () => {
      assert.notEqual(floorOf(room), -1, `give lib/${room} a floor`)
      for (const file of files.filter((name) => name.startsWith(join('lib', room) + '/'))) {
        const source = readFileSync(file, 'utf8')
        for (const [, other = ''] of source.matchAll(/'(?:\.\.\/)+([\w-]+)\//g)) {
          if (!existsSync(join('lib', other)) || other === room) continue
          assert.ok(floorOf(other) < floorOf(room), `${file} imports ${other}`)
        }
        assert.doesNotMatch(source, /'(\.\.\/)+index\.ts'/, `${file} imports the barrel`)
      }
    })
  }

  it('has no empty rooms, and no rooms within rooms', () => {
    for (const room of rooms) {
      const entries = readdirSync(join('lib', room), { withFileTypes: true })
      assert.ok(entries.length > 0, room)
      assert.ok(
        entries.every((entry) => entry.isFile()),
        room,
      )
    }
  })
})

describe('the house rules', () => {
  it('only composition roots know the process, the console and the clock', () => {
    for (const file of files.filter((name) => !COMPOSITION_ROOTS.includes(name))) {
      const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '')
      assert.doesNotMatch(code, /\bprocess\.(env|argv|stdout|stderr|exit)/, file)
      assert.doesNotMatch(code, /(?<![.\w])console\.(log|warn|error|info)\(/, file)
      // As the default of an injected clock it may be named.
      assert.doesNotMatch(
        code.replace(/= \(\) => new Date\(\)/g, ''),
        /new Date\(\)|Date\.now\(/,
        file,
      )
    }
  })

  it('no file is longer than 300 lines, and none has a name that says nothing', () => {
    for (const file of files) {
      assert.ok(readFileSync(file, 'utf8').split('\n').length <= 301, file)
      assert.doesNotMatch(file.split('/').at(-1) ?? '', EMPTY_NAMES)
    }
  })

  it('nobody asks URL.canParse(), which is wrong about umlauts on Node 20 and 22', () => {
    for (const file of files.filter((name) => !name.endsWith('parse-url.ts'))) {
      assert.doesNotMatch(readFileSync(file, 'utf8'), /URL\.canParse/, file)
    }
  })

  it('looks at files at all', () => {
    assert.ok(files.length > 50 && rooms.length >= 9)
  })
})
