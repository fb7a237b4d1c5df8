import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createServeLab } from '../support/serve-process.ts'
import { mention, unaffected } from '../support/unusable-store.ts'

const lab = createServeLab()
after(lab.dispose)

describe('private-posts serve, where the store cannot be used', () => {
  it('answers 503 to what needs it and everything else as ever, names the cause, and goes on by itself', async () => {
    const site = await lab.builtSite()
    const inTheWay = join(site.folder, 'kept')
    writeFileSync(inTheWay, 'a file, where a folder should be')
    const served = await lab.serve(site, undefined, ['--store', join(inTheWay, 'store')])

    const refused = await mention(served.url, 'http://localhost:1/a')
    assert.equal(refused.status, 503)
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/)
    assert.doesNotMatch(await refused.text(), /ENOTDIR|kept/)
    await unaffected(served.url)
    assert.match(served.said(), /kept.store: cannot be used \(ENOTDIR: .+\)\. To do: /)
    assert.doesNotMatch(served.said(), /another process/)

    rmSync(inTheWay)
    for (let tries = 0; tries < 100; tries++) {
      const { status } = await mention(served.url, 'http://localhost:1/a')
      if (status === 201) break
      assert.equal(status, 503)
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
    assert.equal((await mention(served.url, 'http://localhost:1/b')).status, 201)
    assert.equal(await served.stop('SIGTERM'), 0)
  })
})
