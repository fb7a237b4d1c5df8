import assert from 'node:assert/strict'
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { freePort } from './serve-process.ts'

const VERSIONS = '/usr/lib/postgresql'
/** Has letters that a URL does not keep as they are. */
const PASSWORD = `p@ss/w#rd ${randomBytes(9).toString('base64url')}`

export interface PostgresServer {
  /** A new, empty database, for the owner of the server or another role. */
  newDatabase(): Promise<URL>
  /** As the owner, whose rights have no limits. */
  run(url: URL, statement: string): Promise<readonly Record<string, unknown>[]>
  /** Ends it at once, as a crash does. */
  crash(): Promise<void>
  start(): Promise<void>
  /** Also ends it. */
  dispose(): Promise<void>
}

/**
 * A PostgreSQL of Debian, on a free port of this machine, which forgets everything at the end.
 *
 * @throws if it is not installed
 */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = findPrograms()
  const user = unprivilegedUser()
  const folder = mkdtempSync(join(tmpdir(), 'private-posts-postgres-'))
  if (user) chownSync(folder, user.uid, user.gid)
  const passwordFile = join(folder, 'password')
  writeFileSync(passwordFile, PASSWORD, { mode: 0o600 })
  if (user) chownSync(passwordFile, user.uid, user.gid)
  const data = join(folder, 'data')
  const options = { cwd: folder, ...user, env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8' } }
  execFileSync(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'owner', '--auth=scram-sha-256', `--pwfile=${passwordFile}`, '--no-sync'],
    { ...options, stdio: ['ignore', 'ignore', 'inherit'] },
  )
  // Signed by itself: for those who ask for TLS.
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=localhost']
  execFileSync(
    'openssl',
    [
      ...request,
      '-days',
      '2',
      '-keyout',
      join(data, 'server.key'),
      '-out',
      join(data, 'server.crt'),
    ],
    { ...options, stdio: 'ignore' },
  )
  chmodSync(join(data, 'server.key'), 0o600)
  const port = await freePort()
  let child: ChildProcess | undefined
  let count = 0
  await start()
  return { newDatabase, run, crash, start, dispose }

  async function start(): Promise<void> {
    const settings = ['fsync=off', 'ssl=on', 'unix_socket_directories=', 'max_connections=50']
    child = spawn(
      join(programs, 'postgres'),
      ['-D', data, '-h', '127.0.0.1', '-p', String(port), ...settings.flatMap((s) => ['-c', s])],
      { ...options, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (said += text))
    }
    for (let tries = 0; tries < 600; tries++) {
      if (child.exitCode !== null) break
      if (said.includes('ready to accept connections')) return
      await sleep(50)
    }
    assert.fail(`PostgreSQL did not start: ${said}`)
  }

  async function newDatabase(): Promise<URL> {
    count += 1
    const name = `test${count}`
    await run(urlOf('postgres'), `CREATE DATABASE ${name}`)
    return urlOf(name)
  }

  function urlOf(database: string): URL {
    return new URL(`postgres://owner:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/${database}`)
  }

  async function run(
    { pathname }: URL,
    statement: string,
  ): Promise<readonly Record<string, unknown>[]> {
    const sql = postgres(urlOf(pathname.slice(1)).href, { max: 1, onnotice: () => {} })
    try {
      return await sql.unsafe(statement)
    } finally {
      await sql.end()
    }
  }

  async function crash(): Promise<void> {
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'close')
    child.kill('SIGQUIT')
    await ended
  }

  async function dispose(): Promise<void> {
    await crash()
    rmSync(folder, { recursive: true, force: true })
  }
}

function findPrograms(): string {
  const versions = existsSync(VERSIONS) ? readdirSync(VERSIONS) : []
  const newest = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS, version, 'bin'))
    .find((folder) => existsSync(join(folder, 'initdb')))
  if (newest) return newest
  throw new Error(`${VERSIONS} is missing. To do: apt-get install postgresql (Debian or Ubuntu)`)
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined
  const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres']).toString())
  return { uid: idOf('-u'), gid: idOf('-g') }
}
