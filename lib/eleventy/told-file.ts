/**
 * What the ledger of a deployed site knows of addresses that others were told of. On Netlify the functions keep that
 * ledger, and no build sees it: the build plugin leaves this file before Eleventy runs.
 *
 * @module
 */
import { rm, writeFile } from 'node:fs/promises'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as v from 'valibot'
import type { Ledger } from '../ledger/ledger.ts'
import { makePrivateFolder, OWNER_ONLY_FILE } from '../store/private-folder.ts'
import { toldIn, type ToldAddresses } from './gone-addresses.ts'

const TOLD_FILE = '.netlify/private-posts/told.json'

const Told = v.object({
  sources: v.array(v.string()),
  readers: v.array(v.object({ source: v.string(), reader: v.string() })),
  gone: v.record(v.string(), v.string()),
})

/** Leaves the file for the build that comes next; without a ledger, none. It holds capability URLs. */
export async function writeTold(cwd: string, ledger: Ledger | undefined): Promise<void> {
  const file = join(cwd, TOLD_FILE)
  await rm(file, { force: true })
  if (!ledger) return
  makePrivateFolder(dirname(file))
  await writeFile(file, JSON.stringify(toldIn(ledger)), { mode: OWNER_ONLY_FILE })
}

/** Reads it, or `undefined` if there is none. */
export function readTold(cwd: string): ToldAddresses | undefined {
  const file = join(cwd, TOLD_FILE)
  return existsSync(file) ? v.parse(Told, JSON.parse(readFileSync(file, 'utf8'))) : undefined
}
