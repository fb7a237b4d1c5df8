import { readdirSync, rmSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { lastWords, measureNode } from '../measured-process.ts'
import type { Way } from './ways.ts'

export interface Build {
  readonly seconds: number
  readonly cpuSeconds: number
  readonly peakBytes: number
  readonly files: number
  readonly bytes: number
}

/** What a build leaves, and the next one uses. */
const LEFT = ['_site', '.cache', '.private-posts', 'private-posts.ledger.json']

/** Builds a site, from nothing unless the way says otherwise; a sentence says what went wrong. */
export async function buildOnce(way: Way, folder: string): Promise<Build | string> {
  for (const left of way.isRepeated ? [] : LEFT) {
    rmSync(join(folder, left), { recursive: true, force: true })
  }
  let [seconds, cpuSeconds, peakBytes] = [0, 0, 0]
  for (const args of way.processes) {
    const result = await measureNode(args, folder)
    if (result.exitCode !== 0) return lastWords(result)
    seconds += result.seconds
    cpuSeconds += result.cpuSeconds
    peakBytes = Math.max(peakBytes, result.peakBytes)
  }
  if (way.remove !== undefined) rmSync(join(folder, way.remove), { recursive: true })
  const output = join(folder, '_site')
  const files = listFiles(output)
  const copies = files.filter((file) => way.isCopy.test(file)).length
  if (copies !== way.copies) return `${copies} pages for recipients instead of ${way.copies}`
  const bytes = files.reduce((sum, file) => sum + statSync(join(output, file)).size, 0)
  return { seconds, cpuSeconds, peakBytes, files: files.length, bytes }
}

/** Paths of a folder's files with slashes, whatever the system has. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
