import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { REPOSITORY, runNode } from '../support/site.ts'

const folder = mkdtempSync(join(tmpdir(), 'private-posts-fuzz-'))
after(() => rmSync(folder, { recursive: true, force: true }))
const file = join(folder, 'numbers.test.ts')
writeFileSync(
  file,
  `import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from ${JSON.stringify(import.meta.resolve('fast-check'))}
import { holds } from '${REPOSITORY}/test/support/property.ts'

it("is nobody's property", () => assert.fail('the fuzzer runs properties only'))
it("stays below Mum's limit (property)", async (t) => {
  await holds(t, fc.property(fc.nat(), (number) => number < 100_000_000), { numRuns: 1 })
  assert.fail('what is asserted about all runs is not for the fuzzer')
})
it('lets no promise go (property)', async (t) => {
  await holds(t, fc.asyncProperty(fc.nat(9), async (number) => {
    if (number === 7) void Promise.reject(new Error('let go'))
    await new Promise((done) => setImmediate(done))
  }))
})
it('takes its time (property)', async (t) => {
  await holds(t, fc.asyncProperty(fc.nat(), () => new Promise((done) => setTimeout(done, 900))))
})
it('is a number (property)', (t) => holds(t, fc.property(fc.nat(), Number.isInteger)))
`,
)

const fuzz = (...args: string[]) =>
  runNode(['--import', 'tsx', 'test/support/fuzz.ts', ...args], { cwd: REPOSITORY })

describe('the fuzzer', () => {
  it('prints what repeats a failure, and so does the repetition', async () => {
    const { exitCode, output } = await fuzz(file, '--property', 'Mum', '--seed=-5', '--runs=200')
    assert.equal(exitCode, 1, output)
    const [, seed] = /^seed (-?\d+), path "/m.exec(output) ?? []
    const [command = '', path] =
      /Repeat it: npm run test:fuzz -- .* --path=(\S+)$/m.exec(output) ?? []
    assert.match(command, /--property 'stays below Mum'\\''s limit \(property\)' --seed=/)
    assert.match(output, /Counterexample: \[100000000\]/)

    const again = await fuzz(file, '--property', 'Mum', `--seed=${seed}`, `--path=${path}`)
    assert.equal(again.exitCode, 1)
    assert.match(again.output, /Counterexample: \[100000000\]/)
  })

  it('hears of promises that nobody waits for', async () => {
    const { exitCode, output } = await fuzz(file, '--property', 'promise', '--seed=5', '--runs=100')
    assert.equal(exitCode, 1, output)
    assert.match(output, /"lets no promise go \(property\)" does not hold\.\nseed \d+.*let go/s)
  })

  it('passes what holds, for each seed', async () => {
    const { exitCode, output } = await fuzz(
      file,
      '--property',
      'a number',
      '--seeds=3',
      '--runs=500',
    )
    assert.equal(exitCode, 0, output)
    assert.match(output, /3 seeds, 1500 runs.*is a number/)
    assert.match(output, /Each of the 1 properties held/)
  })

  it('divides its time among all of them, and leaves none out', async () => {
    const { output } = await fuzz(file, '--minutes=0.01')
    for (const name of ['Mum', 'a number', 'its time']) {
      assert.match(
        output,
        new RegExp(`^[1-9]\\d* seeds, [1-9]\\d* runs.*${name}|FAILED .*${name}`, 'm'),
      )
    }
  })

  it('names the properties, and explains itself', async () => {
    const { exitCode, output } = await fuzz(file, '--list')
    assert.equal(exitCode, 0)
    assert.match(output, /Mum's limit.*lets no promise go.*is a number/s)
    assert.doesNotMatch(output, /nobody's/)
    const none = await fuzz('architecture', '--list')
    assert.deepEqual([none.exitCode, none.output], [0, '0 properties.\n'], 'no test of this kind')
    assert.equal((await fuzz('--help')).exitCode, 0)
    for (const wrong of [['--path=1'], ['--runs=many'], ['nowhere'], ['--seeds=1', '--seed=1']]) {
      assert.equal((await fuzz(...wrong)).exitCode, 2, wrong.join(' '))
    }
  })
})
