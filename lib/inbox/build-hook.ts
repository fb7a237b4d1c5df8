import * as v from 'valibot'
import { updateKept } from '../store/kept.ts'
import type { Store } from '../store/store.ts'
import { discardBody } from '../web/body.ts'
import type { Fetch } from '../web/fetch.ts'

const KEY = 'inbox/build'
/** Milliseconds between two builds: whoever approves ten mentions in a row gets one at once, and one after. */
const PAUSE = 60_000
/** A host takes note of a build hook at once; the owner's click waits for it. */
const TIMEOUT = 5_000

const State = v.object({
  /** How often something has changed, and how often it had when the last build was asked for. */
  changes: v.number(),
  built: v.number(),
  /** ISO 8601: when that was. */
  at: v.string(),
})
type State = v.InferOutput<typeof State>

export interface BuildHookOptions {
  /** The address that starts a build: whoever knows it can, so it is said to nobody. */
  readonly hook: URL
  readonly store: Store
  readonly fetch: Fetch
  readonly now: () => Date
}

export interface BuildHook {
  /** What everybody may see has changed: builds the site, unless it was built a moment ago. */
  announce(): Promise<void>
  /** Builds the site if a change is left over. For the sweep that runs every now and then. */
  sweep(): Promise<void>
}

/**
 * Has the site built anew when public mentions have changed. That a build cannot be asked for is no reason
 * to fail for whoever changed them: the next sweep tries again.
 */
export function createBuildHook({ hook, store, fetch, now }: BuildHookOptions): BuildHook {
  return {
    async announce() {
      await update((state) => ({ ...state, changes: state.changes + 1 }))
      await sweep()
    },
    sweep,
  }

  async function sweep(): Promise<void> {
    let due: State | undefined
    const at = now()
    await update((state) => {
      const isDue = state.changes > state.built && at.getTime() - Date.parse(state.at) >= PAUSE
      due = isDue ? state : undefined
      return due && { ...due, built: due.changes, at: at.toISOString() }
    })
    if (due === undefined || (await askForBuild())) return
    const { built } = due
    await update((state) => ({ ...state, built: Math.min(state.built, built) }))
  }

  async function askForBuild(): Promise<boolean> {
    try {
      const response = await fetch(hook, {
        method: 'POST',
        body: '',
        redirect: 'error',
        signal: AbortSignal.timeout(TIMEOUT),
      })
      await discardBody(response)
      return response.ok
    } catch {
      // Whatever it was, whoever approved a mention has done so: the next sweep tries again.
      return false
    }
  }

  async function update(change: (state: State) => State | undefined): Promise<void> {
    await updateKept(store, KEY, State, (value) => {
      const none: State = { changes: 0, built: 0, at: new Date(0).toISOString() }
      const next = change(value ?? none)
      return next && { value: next }
    })
  }
}
