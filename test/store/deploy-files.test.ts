import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { isDeployFileName, openDeployFolder, readDeployJson } from '../../lib/store/deploy-files.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'private-posts-deploy-'))
after(() => rmSync(folder, { recursive: true, force: true }))
mkdirSync(join(folder, 'deploy/gate'), { recursive: true })
writeFileSync(join(folder, 'deploy/gate.json'), '{"a":1}')
writeFileSync(join(folder, 'deploy/broken.json'), '{"s3cret')
writeFileSync(join(folder, 'deploy/gate/page.html'), 'Hello')
writeFileSync(join(folder, 'outside.json'), 'outside')
writeFileSync(join(folder, 'deploy/.hidden'), 'hidden')
const files = openDeployFolder(join(folder, 'deploy'))

describe('openDeployFolder()', () => {
  it('reads a file, and sees what a later build writes', async () => {
    assert.equal(Buffer.from((await files('gate/page.html')) ?? []).toString(), 'Hello')
    assert.equal(await files('later.json'), undefined)
    writeFileSync(join(folder, 'deploy/later.json'), 'x')
    assert.equal(Buffer.from((await files('later.json')) ?? []).toString(), 'x')
  })

  it('reads a list again only when it was written anew', async () => {
    const list = join(folder, 'deploy/list.json')
    writeFileSync(list, '[1]')
    const first = await files('list.json')
    assert.equal(await files('list.json'), first)
    writeFileSync(`${list}.new`, '[2]')
    renameSync(`${list}.new`, list)
    assert.deepEqual(await readDeployJson(files, 'list.json'), [2])
    rmSync(list)
    assert.equal(await files('list.json'), undefined)
  })

  const names = ['gate', 'gate.json/x', `gate/${'x'.repeat(300)}`, 'nothing', 'no/thing.json']
  for (const name of [
    ...names,
    '../outside.json',
    'gate/../../outside.json',
    '.hidden',
    '',
    '/',
    'A',
  ]) {
    it(`finds nothing at ${JSON.stringify(name).slice(0, 30)}`, async () => {
      assert.equal(await files(name), undefined)
    })
  }

  it('knows which names are its own', () => {
    assert.ok(['gate.json', 'gate/0a/1/photo.jpg', 'a_b-c'].every(isDeployFileName))
    assert.ok(!['../a', 'a/../b', '.a', 'a/', '/a', 'A.JSON', 'a b', ''].some(isDeployFileName))
  })
})

describe('readDeployJson()', () => {
  it('reads JSON, and nothing where there is nothing', async () => {
    assert.deepEqual(await readDeployJson(files, 'gate.json'), { a: 1 })
    assert.equal(await readDeployJson(files, 'nothing.json'), undefined)
  })

  it('says which file is broken, and nothing of what is in it', async () => {
    await assert.rejects(
      readDeployJson(files, 'broken.json'),
      (error: unknown) =>
        error instanceof ConfigurationError &&
        error.message.includes('broken.json') &&
        !error.message.includes('s3cret'),
    )
  })
})
