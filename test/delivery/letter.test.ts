import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  isLetterId,
  letterFileName,
  letterIdOf,
  PUBLIC_LETTERS_FILE,
  readLetter,
  readLetters,
  readPublicLetters,
  type Letter,
} from '../../lib/delivery/letter.ts'
import type { DeployFiles } from '../../lib/store/deploy-files.ts'

const url = 'https://alice.example/private/abc/'
const id = letterIdOf(url)
const letter: Letter = { id, version: 'v', url, text: 'Hello', audience: ['https://bob.example/'] }
const BOB = 'https://bob.example/'

function filesOf(contents: Readonly<Record<string, unknown>>): DeployFiles {
  return async (name) =>
    name in contents ? new TextEncoder().encode(JSON.stringify(contents[name])) : undefined
}

describe('letters', () => {
  it('are named by their address: always the same, and another for another', () => {
    assert.equal(letterIdOf(new URL(url)), id)
    assert.ok(isLetterId(id))
    assert.notEqual(letterIdOf(`${url}?`), id)
    assert.ok(!isLetterId('../plan'))
  })

  it('are found by id and recipient, and by nobody else', async () => {
    const files = filesOf({ [letterFileName(id)]: { version: 1, letters: { [BOB]: letter } } })
    assert.deepEqual(await readLetter(files, id, BOB), letter)
    assert.equal(await readLetter(files, id, 'https://eve.example/'), undefined)
    assert.equal(await readLetter(files, id, 'constructor'), undefined)
    assert.equal(await readLetter(files, letterIdOf('https://alice.example/'), BOB), undefined)
    assert.deepEqual(Object.keys(await readLetters(files, id)), [BOB])
  })

  it('are not looked for under what is no id', async () => {
    const files: DeployFiles = async (name) => assert.fail(name)
    assert.deepEqual(await readLetters(files, '../plan'), {})
  })

  it('of public posts are a list, empty where the build left none', async () => {
    const files = filesOf({ [PUBLIC_LETTERS_FILE]: { version: 1, letters: [letter] } })
    assert.deepEqual(await readPublicLetters(files), [letter])
    assert.deepEqual(await readPublicLetters(filesOf({})), [])
  })
})
