import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { loadOptional } from '../../lib/store/optional-package.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { REPOSITORY } from '../support/site.ts'

const NEEDS = [
  { name: 'lmdb', option: './store', without: 'postgres' },
  { name: 'postgres', option: 'postgres://alice:xxxxxxx@127.0.0.1:1/blog', without: 'lmdb' },
]

/** Opens a store as the commands do, in a process that does not find one package. */
function openWithout(missing: string, option: string) {
  const hooks = `export async function resolve(name, context, next) {
    if (name === ${JSON.stringify(missing)}) {
      throw Object.assign(new Error("Cannot find package '" + name + "'"), { code: 'ERR_MODULE_NOT_FOUND' })
    }
    return next(name, context)
  }`
  const script = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}))
    const { loadLmdbStore, openPostgresStore, storePlaceOf } = await import('./lib/cli/store-place.ts')
    const context = { cwd: '/', environment: {}, now: () => new Date() }
    const place = storePlaceOf({ store: ${JSON.stringify(option)} }, context, '/ledger.json')
    try {
      if (place.kind === 'folder') await loadLmdbStore()
      else await (await openPostgresStore(place.url, context)).closeStore()
      console.log('it was opened')
    } catch (error) {
      console.log(error.name + ': ' + error.message)
    }`
  const args = ['--import', 'tsx', '--input-type=module', '--eval', script]
  return spawnSync(process.execPath, args, { cwd: REPOSITORY, encoding: 'utf8' }).stdout
}

describe('a package that is not installed', () => {
  for (const { name, option, without } of NEEDS) {
    it(`${name}: says what to install; another that is not installed is not missed`, () => {
      const said = openWithout(name, option)
      assert.match(said, new RegExp(`^ConfigurationError: .*"${name}".* npm install ${name}`))
      assert.doesNotMatch(said, /xxxxxxx/)
      assert.match(openWithout(without, option), /^it was opened/)
    })
  }

  it('is told from one that fails while it is loaded', async () => {
    const load = async () => {
      throw new TypeError('broken')
    }
    await assert.rejects(loadOptional('x', { load, purpose: 'This' }), TypeError)
    const missing = async () => {
      throw new Error('No native build was found for platform=plan9')
    }
    await assert.rejects(loadOptional('x', { load: missing, purpose: 'This' }), ConfigurationError)
  })
})
