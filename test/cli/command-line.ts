import { SITE_DEFAULTS, type SiteRecord } from '../../lib/ledger/site-record.ts'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import type { Command } from '../../lib/cli/command.ts'
import { run } from '../../lib/cli/run.ts'
import { formatLedger, parseLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger, type DeliveryRecord, type Ledger } from '../../lib/ledger/ledger.ts'
import { allTokens, BOB, build, CAROL, MUM, NOW, type Source } from '../ledger/builds.ts'
import { readFileSync } from 'node:fs'
import { secretText } from '../support/secrets.ts'

export const LEDGER = 'private-posts.ledger.json'
export const SITE: SiteRecord = {
  ...SITE_DEFAULTS,
  me: 'https://alice.example/about/',
  posts: ['private/**'],
  prefix: '/p/',
  pathPrefix: '/',
  input: '.',
  output: '_site',
  tokens: 'random',
  exposure: 'refuse',
  auditExceptions: [],
}
export const DINNER = 'private/dinner.md'
export const GIFT = 'private/gift.md'
export const OPEN = 'private/open.md'
export const FILES: Readonly<Record<string, Source>> = {
  [DINNER]: { title: 'Dinner & cake (50 %)', audience: [BOB, MUM, 'Aunt May'] },
  [GIFT]: { audience: [BOB, CAROL], expires: '2026-12-23' },
  [OPEN]: { visibility: 'unlisted' },
}
export const SECRET = secretText()

/** A ledger with three posts, of which one has expired links two days before Christmas. */
export function aliceLedger(site: Partial<SiteRecord> = {}): Ledger {
  return { ...build(emptyLedger(), FILES).ledger, site: { ...SITE, ...site } }
}

export function delivery(of: Partial<DeliveryRecord>): DeliveryRecord {
  return {
    post: DINNER,
    recipient: BOB,
    source: 'https://alice.example/p/…/',
    target: BOB,
    content: 'hash',
    outcome: 'delivered',
    reason: 'accepted',
    known: true,
    attempts: 1,
    ...of,
  }
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'site-'))
  after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder of a site with this ledger in it. */
export function siteWith(ledger: Ledger, file = LEDGER): string {
  const folder = newFolder()
  writeFileSync(join(folder, file), formatLedger(ledger))
  return folder
}

export function readLedger(folder: string): Ledger {
  const file = join(folder, LEDGER)
  return parseLedger(readFileSync(file, 'utf8'), file)
}

export interface Outcome {
  readonly code: number
  readonly out: string
  readonly error: string
}

export async function execute(
  command: Command,
  args: readonly string[],
  {
    cwd,
    now = NOW,
    environment = {},
    isInteractive = false,
    typed = '',
  }: {
    cwd: string
    now?: Date
    environment?: Record<string, string>
    isInteractive?: boolean
    /** What the user answers to a question. */
    typed?: string
  },
): Promise<Outcome> {
  let out = ''
  let error = ''
  const code = await run([command], [command.name, ...args], {
    cwd,
    environment,
    terminal: {
      out: (text) => void (out += text),
      error: (text) => void (error += text),
      isInteractive,
    },
    now: () => now,
    readSecret: async () => typed,
    signal: new AbortController().signal,
  })
  return { code, out, error }
}

/** Whether any token of the ledgers stands in the text, even in capitals. */
export function holdsToken(text: string, ...ledgers: readonly Ledger[]): boolean {
  const folded = text.toLowerCase()
  return ledgers.flatMap(allTokens).some((token) => folded.includes(token))
}
