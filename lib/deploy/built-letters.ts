/**
 * The deploy files of a site that is delivered or served where it was built. Its letters are made when somebody asks
 * for one, from the pages of the output folder and the gated copies, so that no build has to parse each copy. On
 * Netlify, where functions have no output folder, the build leaves the letters as files (letter-files.ts).
 *
 * @module
 */
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import {
  letterFileName,
  letterIdOf,
  PUBLIC_LETTERS_FILE,
  type LetterFile,
  type PublicLetters,
} from '../delivery/letter.ts'
import { capabilityUrl } from '../capability-url/capability-url.ts'
import type { Ledger, PostRecord } from '../ledger/ledger.ts'
import { openLedgerFile } from '../ledger/ledger-file.ts'
import { deployFolderOf } from '../ledger/state-folder.ts'
import { openDeployFolder, type DeployFiles } from '../store/deploy-files.ts'
import { ifVanished } from '../web/vanished.ts'
import { openBuiltSite } from './built-site.ts'
import { gatedUrl } from './copies.ts'
import { openGatedCopies } from './gated-copy.ts'
import { carriesWords, privateLetters, publishesWords } from './letter-files.ts'
import { publicLetters } from './public-letters.ts'

export interface BuiltFilesOptions {
  /** Where the site is served, with a slash at its end. */
  readonly site: URL
  /** The output folder. */
  readonly output: string
  readonly ledgerFile: string
}

/** Which post a letter is of. */
type LetterIndex = ReadonlyMap<string, { readonly post: string; readonly record: PostRecord }>

/** Opens the deploy files of a build on this machine, letters included. */
export function openBuiltFiles({ site, output, ledgerFile }: BuiltFilesOptions): DeployFiles {
  const files = openDeployFolder(deployFolderOf(ledgerFile))
  const known = whileUnchanged(ledgerFile, async () => {
    const ledger = await openLedgerFile(ledgerFile).read()
    return { ledger, index: indexOf(ledger, site) }
  })
  const published = whileUnchanged(join(output, 'index.html'), async () => {
    const { ledger } = await known()
    const settings = ledger.site
    if (!settings || !publishesWords(settings)) return undefined
    const letters = await publicLetters(await openBuiltSite(output, site, files), settings)
    return { version: 1, letters } satisfies PublicLetters
  })

  return async (name) => {
    const file = await files(name)
    if (file) return file
    const made = name === PUBLIC_LETTERS_FILE ? await published() : await letterAt(name)
    return made && new TextEncoder().encode(JSON.stringify(made))
  }

  async function letterAt(name: string): Promise<LetterFile | undefined> {
    if (!name.startsWith('letters/')) return undefined
    const { ledger, index } = await known()
    const found = index.get(name)
    if (!found || !ledger.site) return undefined
    const places = {
      site: await openBuiltSite(output, site, files),
      gated: await openGatedCopies(files),
    }
    for (const [id, letters] of await privateLetters(found.record, ledger.site, places, name)) {
      if (letterFileName(id) === name) return { version: 1, post: letterIdOf(found.post), letters }
    }
    return undefined
  }
}

/** Names of letters, and their posts. */
function indexOf({ site: settings, posts }: Ledger, site: URL): LetterIndex {
  const index = new Map<string, { post: string; record: PostRecord }>()
  if (!settings || !carriesWords(settings)) return index
  for (const [post, record] of Object.entries(posts)) {
    const { access, gate, links } = record
    const urls =
      access === 'gate'
        ? gate === undefined
          ? []
          : [gatedUrl(site, settings, gate)]
        : links.map(({ token }) => capabilityUrl(site, settings.prefix, token))
    for (const url of urls) index.set(letterFileName(letterIdOf(url)), { post, record })
  }
  return index
}

/** Keeps what was made of a file until that file is written anew. */
function whileUnchanged<Value>(file: string, make: () => Promise<Value>): () => Promise<Value> {
  let kept: { readonly stamp: string; readonly value: Promise<Value> } | undefined
  return async () => {
    const found = await stat(file).catch(ifVanished(undefined))
    const stamp = found ? `${found.mtimeMs} ${found.size} ${found.ino}` : ''
    if (kept?.stamp !== stamp) kept = { stamp, value: make() }
    try {
      return await kept.value
    } catch (error) {
      kept = undefined
      throw error
    }
  }
}
