import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { privateValues } from '../../lib/post/private-values.ts'

const valuesOf = (data: Record<string, unknown>) => privateValues(data, () => false)

describe('privateValues(), places on a map', () => {
  for (const [name, data] of [
    ['two keys of the post', { lat: 52.5219, lng: 13.4132 }],
    ['two keys of a mapping', { location: { name: 'x', latitude: 52.5219, longitude: 13.4132 } }],
    ['two keys with a prefix', { geo_lat: '52.5219', 'geo-lon': '13.4132' }],
    ['a list', { coordinates: [52.5219, 13.4132] }],
    ['a text', { geo: '52.5219,13.4132' }],
  ] as const) {
    it(`takes ${name} for one value`, () => {
      assert.ok(valuesOf(data).includes('52.5219,13.4132'), JSON.stringify(valuesOf(data)))
    })
  }

  it('takes other numbers for none', () => {
    const data = {
      ...{ lat: 52.5219, zoom: 12.75, sizes: [1.25, 2.5, 3.75], ratio: [16, 9] },
      range: { lat: 952.5, lng: 13.5 },
    }
    assert.deepEqual(valuesOf(data), [])
  })
})
