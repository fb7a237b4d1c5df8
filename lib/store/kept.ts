/**
 * Entries by their shape. One of no known shape stops nobody: it is set aside, the owner's log names its
 * collection, and whoever looked for it goes on as if there were none.
 *
 * @module
 */
import * as v from 'valibot'
import { StoreError } from '../web/errors.ts'
import { storeKey, UNREADABLE, updateEntry, type Store, type Stored } from './store.ts'

/** An entry whose value has the shape that it should have. */
export interface Kept<Value> extends Stored {
  readonly value: Value
}

type Schema<Value> = v.GenericSchema<unknown, Value>

/** Reads an entry. */
export async function readKept<Value>(
  store: Store,
  key: string,
  schema: Schema<Value>,
): Promise<Kept<Value> | undefined> {
  const stored = await store.get(key)
  return stored && shapeOf(store, stored, schema)
}

/** Lists the entries whose keys begin with `prefix`. */
export async function listKept<Value>(
  store: Store,
  prefix: string,
  schema: Schema<Value>,
): Promise<readonly Kept<Value>[]> {
  const kept: Kept<Value>[] = []
  for (const stored of await store.list(prefix)) {
    const entry = await shapeOf(store, stored, schema)
    if (entry) kept.push(entry)
  }
  return kept
}

/**
 * Replaces an entry by what `change` makes of it, as {@link updateEntry} does.
 *
 * @returns What the entry holds now.
 */
export async function updateKept<Value>(
  store: Store,
  key: string,
  schema: Schema<Value>,
  change: (
    value: Value | undefined,
  ) => { readonly value: Value; readonly expires?: Date } | undefined,
): Promise<Value | undefined> {
  let isBroken = false
  const tryUpdate = async () => {
    let held: Value | undefined
    await updateEntry(store, key, (value) => {
      const result = value === undefined ? undefined : v.safeParse(schema, value)
      isBroken = result?.success === false
      held = result?.success ? result.output : undefined
      const next = isBroken ? undefined : change(held)
      held = next?.value ?? held
      return next
    })
    return held
  }
  const held = await tryUpdate()
  if (!isBroken) return held
  await readKept(store, key, schema)
  return tryUpdate()
}

/** Tells the owner of an entry of no known shape: where it is, and nothing of what it holds. */
export function reportBroken({ report }: Store, key: string): void {
  const [collection = ''] = key.split('/')
  report?.(
    `An entry of "${collection}" in the store has no shape that is known here. It is left out.`,
  )
}

async function shapeOf<Value>(
  store: Store,
  stored: Stored,
  schema: Schema<Value>,
): Promise<Kept<Value> | undefined> {
  const result = v.safeParse(schema, stored.value)
  if (result.success) return { ...stored, value: result.output }
  reportBroken(store, stored.key)
  await ifWritable(() => setAside(store, stored))
  return undefined
}

/** Tidies up, unless the store cannot be written: what is left out is left out all the same. */
export async function ifWritable(tidy: () => Promise<void>): Promise<void> {
  try {
    await tidy()
  } catch (error) {
    if (!(error instanceof StoreError)) throw error
  }
}

/** So many are counted at most. */
const COUNTED = 1_000

/** Tells the owner how many entries are set aside, where there are any. */
export async function reportSetAside(store: Store): Promise<void> {
  const { length } = await store.listKeys('set-aside/', { limit: COUNTED })
  if (length === 0) return
  const count = length === COUNTED ? `${COUNTED} or more` : String(length)
  store.report?.(
    `${count} entries of the store could not be read and are set aside below "set-aside/". They stop nothing.`,
  )
}

/** Moves an entry to where nobody looks for it but its owner. */
async function setAside(store: Store, { key, value, version }: Stored): Promise<void> {
  await keepAside(store, [key, version], value)
  // Only this version of it: another process may have mended it.
  if (await store.replaceIf(key, null, version, { expires: new Date(0) })) await store.delete(key)
}

/** Keeps a copy of what is to be left out, under `set-aside/`. */
export async function keepAside(
  store: Store,
  name: readonly [key: string, ...others: readonly string[]],
  value: unknown,
): Promise<void> {
  const [key] = name
  const copy = value === UNREADABLE || !canBeWritten(value) ? { key } : { key, value }
  await store.createIfAbsent(storeKey('set-aside', ...name), copy)
}

/** What nests thousands of lists can be read, but not written: that would need more stack than there is. */
function canBeWritten(value: unknown): boolean {
  try {
    JSON.stringify(value)
    return true
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return false
  }
}
