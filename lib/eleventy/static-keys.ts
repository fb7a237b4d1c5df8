/**
 * Public keys as plain files, where no function can give them out: whoever gets a message of ours by intertalk
 * or FMTP asks our domain for the key that signed it. So a site without functions can send, though not receive.
 *
 * @module
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { parseSecret } from '../capability-url/secret.ts'
import { ownKeyRecords } from '../fmtp/signature.ts'
import { KEY_NAME_PREFIX } from '../intertalk/intertalk.ts'
import { providerKeys } from '../intertalk/keys.ts'
import { createSecrets } from '../jwt/secrets.ts'
import { ownerAddress } from '../ledger/owner-address.ts'
import type { SiteRecord } from '../ledger/site-record.ts'
import { createMemoryStore } from '../store/memory-store.ts'
import type { PluginEnvironment } from './environment.ts'
import { hostIsNetlify, siteOfBuild } from './gate-host.ts'
import type { ResolvedOptions } from './options.ts'
import { removePage } from './written-pages.ts'

/** Where everybody looks for them, wherever our own functions answer. */
const KEYS = 'keys'
const FMTP_KEY = 'fmtp/key'

interface StaticKeyBuild {
  readonly options: ResolvedOptions
  readonly environment: PluginEnvironment
  readonly settings: SiteRecord
  /** Output folder, from the project's root. */
  readonly output: string
}

/** Writes the keys, where the host has no functions, and removes those of earlier builds that are keys no more. */
export async function writeStaticKeys(build: StaticKeyBuild): Promise<void> {
  const { output } = build
  const files = await keyFiles(build)
  for (const file of ownFiles(output)) {
    if (!files.has(file)) removePage(output, join(output, file))
  }
  for (const [file, content] of files) {
    const place = join(output, file)
    if (!canWrite(place)) continue
    mkdirSync(dirname(place), { recursive: true })
    writeFileSync(place, content)
  }
}

/** Contents by path below the output folder. */
async function keyFiles({
  options,
  environment,
  settings,
}: StaticKeyBuild): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const keys = secretKeys(environment)
  const site = siteOfBuild(settings.pathPrefix, options, environment)
  const isStatic = hostIsNetlify(options, environment) === false
  if (!isStatic || !keys || !ownerAddress(settings, site)) return files

  const { now } = environment
  const secrets = createSecrets({ keys, site, store: createMemoryStore({ now }), now })
  if (settings.protocols.includes('intertalk')) {
    for (const { kid, publicJwk } of await providerKeys(secrets)) {
      const text = `${JSON.stringify(publicJwk)}\n`
      files.set(`${KEYS}/${kid}`, text).set(kid, text)
    }
  }
  if (settings.protocols.includes('fmtp')) {
    const records = await ownKeyRecords(secrets)
    files.set(FMTP_KEY, records.map((record) => `${record}\n`).join(''))
  }
  return files
}

/** A weak secret is no fault here: a host without functions has no use for it otherwise. */
function secretKeys({ variables }: PluginEnvironment): [Uint8Array, ...Uint8Array[]] | undefined {
  const keyOf = (name: string) => parseSecret(variables[name]?.trim() ?? '')
  const current = keyOf('PRIVATE_POSTS_SECRET')
  const previous = keyOf('PRIVATE_POSTS_SECRET_PREVIOUS')
  if (!current) return undefined
  return previous ? [current, previous] : [current]
}

function ownFiles(output: string): string[] {
  // A build that writes no page leaves no output folder.
  const namesIn = (folder: string) => (isKind(folder, 'folder') ? readdirSync(folder) : [])
  const names = namesIn(join(output, KEYS))
  const alone = namesIn(output).filter((name) => name.startsWith(KEY_NAME_PREFIX))
  const candidates = [...names.map((name) => `${KEYS}/${name}`), ...alone, FMTP_KEY]
  return candidates.filter((file) => isOurs(join(output, file)))
}

/** What an earlier build of ours wrote says so: a key by its own name, a record by its version. */
function isOurs(place: string): boolean {
  if (!isKind(place, 'file')) return false
  const text = readFileSync(place, 'utf8')
  return text.includes(`"kid":"${basename(place)}"`) || /^v=FMTP1; k=ed25519; p=/.test(text)
}

/** Nothing of the author's is written over, nor is a folder made where a page is. */
function canWrite(place: string): boolean {
  return !isKind(dirname(place), 'file') && (!existsSync(place) || isOurs(place))
}

function isKind(place: string, kind: 'file' | 'folder'): boolean {
  const found = statSync(place, { throwIfNoEntry: false })
  return (kind === 'file' ? found?.isFile() : found?.isDirectory()) === true
}
