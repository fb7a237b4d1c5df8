/**
 * A plugin of Netlify's build. Before the build, it asks the ledger of the deployed site which pages others were told
 * of, so that those that are gone answer 410. When a deploy is live, it asks the deliver function to tell everybody
 * whom a post concerns. It never fails a build, and prints one line.
 *
 * @see [Netlify, Build plugins](https://docs.netlify.com/extend/develop-and-share/develop-build-plugins/)
 * @module
 */
import { setTimeout } from 'node:timers/promises'
import { writeTold } from '../lib/eleventy/told-file.ts'
import type { Variables } from '../lib/site/secret-keys.ts'
import { ConfigurationError } from '../lib/web/errors.ts'
import { BACKGROUND_TIMEOUT, callOwnFunction } from './own-functions.ts'
import { openSiteLedger } from './site-ledger.ts'

/** What Netlify hands to the plugin. */
export interface BuildEvent {
  readonly constants: { readonly IS_LOCAL?: boolean }
  readonly inputs: { readonly contexts?: unknown }
}

/** Between attempts: what is live may not be live everywhere yet. */
const PAUSES = [2_000, 5_000]

export async function onPreBuild(): Promise<void> {
  const hasBlobs = process.env['NETLIFY_BLOBS_CONTEXT'] !== undefined
  try {
    await writeTold(process.cwd(), hasBlobs ? await openSiteLedger().read() : undefined)
  } catch (error) {
    // Without it the build is as good as ever: receivers find 404 in the place of 410, and look again.
    const reason = error instanceof Error ? error.name : 'unknown'
    console.log(`Private posts: which pages others were told of could not be read (${reason}).`)
  }
}

export async function onSuccess({ constants, inputs }: BuildEvent): Promise<void> {
  if (constants.IS_LOCAL || !isWanted(inputs, process.env['CONTEXT'])) return
  console.log(`Private posts: ${await requestDelivery(process.env)}`)
}

/** Deploy previews are not told of: their addresses are not those that last. */
function isWanted({ contexts }: BuildEvent['inputs'], context: string | undefined): boolean {
  const wanted: readonly unknown[] = Array.isArray(contexts) ? contexts : ['production']
  return wanted.includes(context)
}

/** @returns What came of it, in a sentence without any secret. */
async function requestDelivery(variables: Variables): Promise<string> {
  for (const pause of [...PAUSES, undefined]) {
    let outcome: number | string
    try {
      outcome = await call(variables)
    } catch (error) {
      if (error instanceof ConfigurationError) return `nobody was told. ${error.message}`
      throw error
    }
    if (outcome === 202 || outcome === 200) return 'the deliver function tells the recipients.'
    if (pause === undefined || (typeof outcome === 'number' && outcome < 500 && outcome !== 404)) {
      return `the deliver function could not be called (${outcome}). The scheduled function tries again.`
    }
    await setTimeout(pause)
  }
  return ''
}

/** The status, or why there is none. */
async function call(variables: Variables): Promise<number | string> {
  try {
    const response = await callOwnFunction('deliver', variables, {
      signal: AbortSignal.timeout(BACKGROUND_TIMEOUT),
    })
    await response.body?.cancel()
    return response.status
  } catch (error) {
    if (error instanceof ConfigurationError) throw error
    return error instanceof Error && error.name === 'TimeoutError' ? 'no answer' : 'no connection'
  }
}
