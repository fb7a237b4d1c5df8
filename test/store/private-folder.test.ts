import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { openDeployOutput } from '../../lib/eleventy/deploy-output.ts'
import { createJsonFileStore } from '../../lib/store/json-file-store.ts'
import { createLmdbStore } from '../../lib/store/lmdb-store.ts'
import { makePrivateFolder } from '../../lib/store/private-folder.ts'

const now = () => new Date('2026-12-01T12:00:00Z')
let root = ''
beforeEach(() => (root = mkdtempSync(join(tmpdir(), 'private-folder-'))))
afterEach(() => rmSync(root, { recursive: true }))

const modeOf = (path: string) => statSync(join(root, path)).mode & 0o777

/** Every file and folder below, with what others may do. */
function openToOthers(): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !path.endsWith('.gitignore') && (modeOf(path) & 0o077) !== 0,
  )
}

describe('makePrivateFolder()', () => {
  it('makes a folder for its owner alone, out of version control', () => {
    makePrivateFolder(join(root, 'a/b'))
    assert.equal(modeOf('a/b'), 0o700)
    assert.deepEqual(readdirSync(join(root, 'a/b')), ['.gitignore'])
  })

  it('takes from others what an earlier version let them do', () => {
    mkdirSync(join(root, 'old'))
    chmodSync(join(root, 'old'), 0o755)
    makePrivateFolder(join(root, 'old'))
    assert.equal(modeOf('old'), 0o700)
  })
})

describe('what is kept beside the sources', () => {
  it('can be read by its owner alone: gated pages, the store of serve, what a sender keeps', async () => {
    const deploy = openDeployOutput(join(root, '.private-posts/deploy'), now)
    await deploy.write('gated/one/index.html', '<p>Only for Bob.')
    const store = createLmdbStore({ folder: join(root, '.private-posts/store'), now })
    await store.createIfAbsent('a', 1)
    await store.close()
    const sender = createJsonFileStore({ file: join(root, '.private-posts/sender.json'), now })
    await sender.createIfAbsent('a', 1)

    const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    for (const file of ['deploy/gated/one/index.html', 'store/data.mdb', 'sender.json']) {
      assert.ok(files.includes(`.private-posts/${file}`), file)
    }
    assert.deepEqual(openToOthers(), [])
  })
})
