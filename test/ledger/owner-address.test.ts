import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ownerAddress } from '../../lib/ledger/owner-address.ts'
import { formatUserAddress } from '../../lib/web/user-address.ts'

const addressAt = (site: string, address?: string) => {
  const found = ownerAddress({ address }, new URL(site))
  return found && formatUserAddress(found)
}

describe('ownerAddress()', () => {
  it('is called like the host, unless the author says otherwise', () => {
    assert.equal(addressAt('https://alice.example/'), 'alice@alice.example')
    assert.equal(addressAt('https://www.alice.example/'), 'alice@www.alice.example')
    assert.equal(addressAt('https://alice.example/', 'me@alice.example'), 'me@alice.example')
    assert.equal(addressAt('http://alice.localhost:8380/'), 'alice@alice.localhost:8380')
  })

  it("is at the site's own host: nobody else's server would be asked for its key", () => {
    assert.equal(addressAt('https://alice.example/', 'alice@bob.example'), undefined)
    assert.equal(addressAt('https://alice.example/', 'alice'), undefined)
  })

  it('is none where the site is not at the root of its host', () => {
    assert.equal(addressAt('https://alice.example/blog/'), undefined)
  })
})
