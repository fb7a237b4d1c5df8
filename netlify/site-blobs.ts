import { getStore } from '@netlify/blobs'
import { createBlobsFetch } from './blobs-fetch.ts'
import type { Blobs } from './blobs-store.ts'

const STORE = 'private-posts'

/** The store's address and token are those of the request that is answered, not of the first one. */
export function openBlobs(): Blobs {
  const fetch = createBlobsFetch()
  const blobs = () => getStore({ name: STORE, consistency: 'strong', fetch })
  return {
    getWithMetadata: (...args) => blobs().getWithMetadata(...args),
    set: (...args) => blobs().set(...args),
    delete: (...args) => blobs().delete(...args),
    list: (...args) => blobs().list(...args),
  }
}
