import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sendCommand } from '../../lib/cli/send.ts'
import { run } from '../../lib/cli/run.ts'

const TOKEN = '4jkq9r2m6c8hx0w3vtynz5ad7e'

describe('wrong usage with a capability URL in it', () => {
  for (const [what, args] of [
    ['as the command', [`https://alice.example/p/${TOKEN}/`]],
    ['as an option', ['send', '--site', `p/${TOKEN}/`]],
    ['as an unknown option', ['send', `--${TOKEN}`]],
  ] as const) {
    it(`does not repeat it: ${what}`, async () => {
      let printed = ''
      const code = await run([sendCommand], args, {
        cwd: '.',
        environment: {},
        terminal: {
          out: (text) => void (printed += text),
          error: (text) => void (printed += text),
          isInteractive: false,
        },
        now: () => new Date(0),
        readSecret: async () => '',
        signal: new AbortController().signal,
      })
      assert.equal(code === 0, false)
      assert.match(printed, /4jkq…|Usage/)
      assert.ok(!printed.includes(TOKEN))
    })
  }
})
