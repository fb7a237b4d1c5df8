import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, mkdir, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { lockSending } from '../../lib/ledger/send-lock.ts'

async function ledgerFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'private-posts-'))
  t.after(() => rm(folder, { recursive: true }))
  return join(folder, 'ledger.json')
}

/** What a sender leaves behind that ended without letting go. */
async function leaveLock(file: string, note: string, age = 0): Promise<void> {
  await mkdir(`${file}.send.lock`)
  await writeFile(`${file}.send`, note)
  const then = new Date(Date.now() - age)
  await utimes(`${file}.send.lock`, then, then)
}

/** A number that was a process a moment ago. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['--version']).pid
}

describe('lockSending()', () => {
  it('refuses the second of two senders, and admits it after the first', async (t) => {
    const file = await ledgerFile(t)
    const lock = await lockSending(file)
    await assert.rejects(lockSending(file), {
      name: 'ConfigurationError',
      message: /another "private-posts send" is at work on it/,
    })
    await lock.release()
    await (await lockSending(file)).release()
    assert.deepEqual(await readdir(join(file, '..')), [])
  })

  it('outlives a sender of this machine that was killed', async (t) => {
    const file = await ledgerFile(t)
    await leaveLock(file, `${deadProcess()} ${hostname()}\n`, 4_000)
    await (await lockSending(file)).release()
  })

  it('respects a sender that lives, or that cannot be seen from here', async (t) => {
    for (const note of [`${process.pid} ${hostname()}`, `${deadProcess()} elsewhere`, '']) {
      const file = await ledgerFile(t)
      await leaveLock(file, note)
      await assert.rejects(lockSending(file), { name: 'ConfigurationError' })
    }
  })

  it('takes a lock that was not renewed in time, whoever held it', async (t) => {
    const file = await ledgerFile(t)
    await leaveLock(file, '1 elsewhere', 6_000)
    await (await lockSending(file)).release()
  })
})
