import type { Store } from '../../lib/store/store.ts'

type Method = 'get' | 'createIfAbsent' | 'replaceIf' | 'delete' | 'list' | 'listKeys'

/** A store whose calls go through `watch`, which may count them or stop them. */
export function watchedStore(
  store: Store,
  watch: <Result>(method: Method, call: () => Promise<Result>) => Promise<Result>,
): Store {
  return {
    get: (...args) => watch('get', () => store.get(...args)),
    createIfAbsent: (...args) => watch('createIfAbsent', () => store.createIfAbsent(...args)),
    replaceIf: (...args) => watch('replaceIf', () => store.replaceIf(...args)),
    delete: (...args) => watch('delete', () => store.delete(...args)),
    list: (...args) => watch('list', () => store.list(...args)),
    listKeys: (...args) => watch('listKeys', () => store.listKeys(...args)),
  }
}

/** A store whose process is killed before its `step`th call from now, or right after it. */
export function mortalStore(store: Store, step: number, after: boolean): Store {
  let left = step
  return watchedStore(store, async (_method, call) => {
    left -= 1
    if (left < 0 || (left === 0 && !after)) throw new Error('killed')
    const result = await call()
    if (left === 0) throw new Error('killed')
    return result
  })
}

/** A store, and the calls that it got, in their order. */
export function countedStore(store: Store): { readonly store: Store; readonly calls: Method[] } {
  const calls: Method[] = []
  const counted = watchedStore(store, (method, call) => {
    calls.push(method)
    return call()
  })
  return { store: counted, calls }
}
