import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  chmodSync,
  mkdirSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout } from 'node:timers/promises'
import { openLedgerFile } from '../../lib/ledger/ledger-file.ts'
import { refuseInside } from '../../lib/ledger/state-folder.ts'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger } from '../../lib/ledger/ledger.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { allTokens, build } from './builds.ts'

const folder = mkdtempSync(join(tmpdir(), 'ledger-'))
after(() => rmSync(folder, { recursive: true, force: true }))
let count = 0
const newFile = () => join(folder, `${count++}.ledger.json`)

const WRITER = new URL('writer.ts', import.meta.url).pathname
function startWriter(file: string, name: string, rounds: number): ChildProcess {
  const args = ['--import', 'tsx', WRITER, file, name, String(rounds)]
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** One more post, with one link. */
function addPost(file: string, path: string): Promise<void> {
  return openLedgerFile(file).update(async (before) => {
    const { ledger } = build(before, { [path]: { audience: 'Mum' } }, { sourceAt: () => 'text' })
    return { ledger, result: undefined }
  })
}

describe('openLedgerFile()', () => {
  it('takes a missing file for an empty ledger, and makes none by reading', async () => {
    const file = newFile()
    assert.deepEqual(await openLedgerFile(file).read(), emptyLedger())
    assert.equal(existsSync(file), false)
  })

  it('keeps what an update returns, and gives its result', async () => {
    const file = join(folder, 'new', 'folder', 'ledger.json')
    const store = openLedgerFile(file)
    const { ledger } = build(emptyLedger(), { 'private/a.md': { audience: 'Mum' } })
    assert.equal(await store.update(async () => ({ ledger, result: 'done' })), 'done')
    assert.deepEqual(await store.read(), ledger)
  })

  it('writes a file that only its owner can read, whoever could before', async () => {
    const file = newFile()
    writeFileSync(file, formatLedger(emptyLedger()))
    chmodSync(file, 0o644)
    await addPost(file, 'private/a.md')
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('takes a file from others also where nothing of it changes, and makes folders for its owner', async () => {
    const file = join(folder, 'own', 'ledger.json')
    await addPost(file, 'private/a.md')
    assert.equal(statSync(join(folder, 'own')).mode & 0o777, 0o700)
    chmodSync(file, 0o644)
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.equal(statSync(file).mode & 0o777, 0o600)
  })

  it('leaves nothing beside the file', async () => {
    const place = mkdtempSync(join(folder, 'alone-'))
    await addPost(join(place, 'ledger.json'), 'private/a.md')
    assert.deepEqual(readdirSync(place), ['ledger.json'])
  })

  it('does not touch the file when nothing has changed', async () => {
    const file = newFile()
    await addPost(file, 'private/a.md')
    const { ino, mtimeMs } = statSync(file)
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.deepEqual([statSync(file).ino, statSync(file).mtimeMs], [ino, mtimeMs])
  })

  it('keeps the old ledger, and lets go of it, when a change fails', async () => {
    const file = newFile()
    await addPost(file, 'private/a.md')
    const before = readFileSync(file, 'utf8')
    const failing = openLedgerFile(file).update(async () => {
      throw new Error('no')
    })
    await assert.rejects(failing, /^Error: no$/)
    assert.equal(readFileSync(file, 'utf8'), before)
    await addPost(file, 'private/b.md')
    assert.notEqual(readFileSync(file, 'utf8'), before)
  })

  it('refuses a broken ledger, and leaves it as it is', async () => {
    const file = newFile()
    writeFileSync(file, '[\n<<<<<<< HEAD\n')
    await assert.rejects(openLedgerFile(file).read(), ConfigurationError)
    await assert.rejects(addPost(file, 'private/a.md'), /merge conflict/)
    assert.equal(readFileSync(file, 'utf8'), '[\n<<<<<<< HEAD\n')
  })

  it('says so when the ledger is no file', async () => {
    const place = newFile()
    mkdirSync(place)
    await assert.rejects(
      openLedgerFile(place).read(),
      (error: unknown) => error instanceof ConfigurationError && error.message.includes('EISDIR'),
    )
  })

  it('writes through a symbolic link, into another repository perhaps', async () => {
    const real = newFile()
    const link = newFile()
    await addPost(real, 'private/a.md')
    symlinkSync(real, link)
    await addPost(link, 'private/b.md')
    assert.equal(Object.keys((await openLedgerFile(real).read()).posts).length, 2)
    assert.deepEqual(await openLedgerFile(link).read(), await openLedgerFile(real).read())
  })
})

describe('openLedgerFile(): several writers', () => {
  it('loses no update of many at once in one process', async () => {
    const file = newFile()
    const paths = Array.from({ length: 25 }, (_, number) => `private/${number}.md`)
    await Promise.all(paths.map((path) => addPost(file, path)))
    const { posts } = await openLedgerFile(file).read()
    assert.deepEqual(Object.keys(posts).sort(), paths.sort())
  })

  it('loses no update of several processes', async () => {
    const file = newFile()
    const writers = ['a', 'b', 'c', 'd'].map((name) => startWriter(file, name, 8))
    for (const [code] of await Promise.all(writers.map((writer) => once(writer, 'exit')))) {
      assert.equal(code, 0)
    }
    const ledger = await openLedgerFile(file).read()
    assert.equal(Object.keys(ledger.posts).length, 32)
    assert.equal(new Set(allTokens(ledger)).size, 32)
  })

  it('leaves the old ledger or the new one when a writer is killed', async () => {
    const file = newFile()
    let posts = 0
    for (const delay of [0, 3, 11, 29, 53]) {
      const writer = startWriter(file, `after-${delay}`, 1_000)
      const exit = once(writer, 'exit')
      await once(writer.stdout ?? assert.fail(), 'data')
      await setTimeout(delay)
      writer.kill('SIGKILL')
      await exit
      const now = Object.keys(parseLedger(readFileSync(file, 'utf8'), file).posts).length
      assert.ok(now > posts, 'each writer got something done')
      posts = now
      // What a dead writer leaves; otherwise the next one waits until it is stale.
      rmSync(`${file}.lock`, { recursive: true, force: true })
    }
  })
})

describe('openLedgerFile(), after a writer that was killed', () => {
  it('removes the unfinished ledger that it left, and no other file', async () => {
    const file = newFile()

    const leftover = join(folder, `.${basename(file)}.0123456789ab.tmp`)
    const other = join(folder, `.${basename(file)}.notes.tmp`)
    writeFileSync(leftover, 'half a ledger')
    writeFileSync(other, 'mine')
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.equal(existsSync(leftover), false)
    assert.equal(existsSync(other), true)
  })

  const half = (file: string, pid: number | undefined, age: number) => {
    const place = join(folder, `.${basename(file)}.${pid}.0123456789ab.tmp`)
    writeFileSync(place, 'half a ledger')
    const written = Date.now() / 1000 - age
    utimesSync(place, written, written)
    return place
  }

  it('removes it at the next start although nothing else changes', async () => {
    const file = newFile()
    await addPost(file, 'private/a.md')
    const writer = spawn(process.execPath, ['--eval', ''])
    await once(writer, 'exit')
    const leftover = half(file, writer.pid, 0)
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.equal(existsSync(leftover), false)
  })

  it('leaves what a living process writes now, and removes what is older than any write', async () => {
    const file = newFile()
    const living = half(file, process.ppid, 0)
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.equal(existsSync(living), true)
    const old = half(file, process.ppid, 24 * 60 * 60)
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.equal(existsSync(old), false)
  })

  it('removes what a process of the same number left before this one began', async () => {
    const file = newFile()
    const leftover = half(file, process.pid, process.uptime() + 60)
    await openLedgerFile(file).update(async (ledger) => ({ ledger, result: undefined }))
    assert.equal(existsSync(leftover), false)
  })
})

describe('refuseInside()', () => {
  const rows: readonly [output: string, file: string, isInside: boolean][] = [
    ['_site', '_site/ledger.json', true],
    ['_site', '_site/deep/down/ledger.json', true],
    ['_site', './_site/../_site/ledger.json', true],
    ['_site', '_site/..ledger.json', true],
    ['.', 'ledger.json', true],
    ['_site', 'ledger.json', false],
    ['_site', '_site.ledger.json', false],
    ['_site', '_site/../ledger.json', false],
    ['_site', '../ledger.json', false],
    ['_site', '/var/lib/ledger.json', false],
  ]
  for (const [output, file, isInside] of rows) {
    it(`${isInside ? 'refuses' : 'takes'} ${file} with ${output} as output`, () => {
      if (isInside) assert.throws(() => refuseInside(output, file), ConfigurationError)
      else refuseInside(output, file)
    })
  }
})
