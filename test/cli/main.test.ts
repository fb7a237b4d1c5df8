import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { BOB, tokenOf } from '../ledger/builds.ts'
import { aliceLedger, DINNER, newFolder, readLedger, siteWith } from './command-line.ts'

const MAIN = new URL('../../lib/cli/main.ts', import.meta.url).pathname
const TSX = new URL(import.meta.resolve('tsx')).pathname
const ledger = aliceLedger()

/** Runs the program as a process of its own, in `cwd`. */
function start(args: readonly string[], cwd: string) {
  return spawn(process.execPath, ['--import', TSX, MAIN, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

async function privatePosts(args: readonly string[], cwd = siteWith(ledger)) {
  const child = start(args, cwd)
  const [out, error, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ])
  return { code, out, error }
}

describe('private-posts', () => {
  it('is a program', () => {
    assert.match(readFileSync(MAIN, 'utf8'), /^#!\/usr\/bin\/env node\n/)
  })

  it('prints what it can do, with --help to standard output and 0', async () => {
    const { code, out, error } = await privatePosts(['--help'])
    assert.deepEqual([code, error], [0, ''])
    for (const name of ['init', 'send', 'links', 'status', 'routes', 'revoke', 'rotate', 'check']) {
      assert.match(out, new RegExp(`^ {2}${name} +\\S`, 'm'))
    }
  })

  it('ends with 2 when it is called wrongly', async () => {
    assert.equal((await privatePosts([])).code, 2)
    const unknown = await privatePosts(['publish'])
    assert.deepEqual([unknown.code, unknown.out], [2, ''])
    assert.match(unknown.error, /there is no command "publish"/)
    assert.equal((await privatePosts(['links', '--bogus'])).code, 2)
  })

  it('works on the ledger in the folder that it is called in', async () => {
    const cwd = siteWith(ledger)
    const { code, out, error } = await privatePosts(['links', '--json'], cwd)
    assert.deepEqual([code, error], [0, ''])
    assert.ok(
      (JSON.parse(out) as { links: { url: string }[] }).links.some(({ url }) =>
        url.includes(tokenOf(ledger, DINNER, BOB)),
      ),
    )

    assert.equal((await privatePosts(['revoke', DINNER, 'bob.example'], cwd)).code, 0)
    assert.equal(readLedger(cwd).posts[DINNER]?.links[0]?.revoked?.reason, 'revoked')
  })

  it('ends with 1, without a stack, when the site is not set up', async () => {
    const { code, out, error } = await privatePosts(['status'], newFolder())
    assert.deepEqual([code, out], [1, ''])
    assert.match(
      error,
      /^private-posts status: private-posts\.ledger\.json: there is no such file\./,
    )
    assert.doesNotMatch(error, /\n {4}at /)
  })

  it('does its work to the end when nobody reads its output any more', async () => {
    const cwd = siteWith(ledger)
    const child = start(['revoke', DINNER], cwd)
    child.stdout.destroy()
    const [error, [code, signal]] = await Promise.all([text(child.stderr), once(child, 'exit')])
    assert.deepEqual([code, signal, error], [0, null, ''])
    assert.ok(readLedger(cwd).posts[DINNER]?.links.every(({ revoked }) => revoked))
  })
})
