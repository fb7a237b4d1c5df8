import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'

const APACHE = '/usr/sbin/apache2'
const NGINX = '/usr/sbin/nginx'
const MODULES = '/usr/lib/apache2/modules'
const SETTINGS = '/etc/apache2/mods-available'

/**
 * Serves a folder by Debian's Apache, with the directory index that Debian's own settings give it.
 *
 * @throws if Apache is not installed
 */
export async function startApache(t: TestContext, folder: string): Promise<URL> {
  for (const place of [APACHE, `${SETTINGS}/autoindex.conf`]) {
    if (existsSync(place)) continue
    throw new Error(`${place} is missing. To do: apt-get install apache2 (Debian or Ubuntu)`)
  }
  const state = mkdtempSync(join(tmpdir(), 'private-posts-apache-'))
  t.after(() => rmSync(state, { recursive: true, force: true }))
  const port = await freePort()
  const modules = ['mpm_event', 'authz_core', 'dir', 'autoindex', 'mime', 'alias']
  const config = join(state, 'apache.conf')
  writeFileSync(
    config,
    `ServerName localhost
ServerRoot ${state}
Listen 127.0.0.1:${port}
PidFile ${state}/pid
ErrorLog ${state}/error.log
${modules.map((name) => `LoadModule ${name}_module ${MODULES}/mod_${name}.so`).join('\n')}
${process.getuid?.() === 0 ? 'User www-data\nGroup www-data' : ''}
TypesConfig /dev/null
AddType text/html .html
Include ${SETTINGS}/autoindex.conf
Include ${SETTINGS}/dir.conf
DocumentRoot "${folder}"
<Directory "${folder}">
  Options +Indexes
  AllowOverride None
  Require all granted
</Directory>
`,
  )
  return start(t, APACHE, ['-f', config, '-DFOREGROUND'], port)
}

/**
 * Serves a folder by Python's own server.
 *
 * @throws if Python is not installed
 */
export async function startPython(t: TestContext, folder: string): Promise<URL> {
  const port = await freePort()
  const args = ['-m', 'http.server', String(port), '--bind', '127.0.0.1', '--directory', folder]
  return start(t, 'python3', args, port)
}

/**
 * Serves several backends under one name by Debian's nginx.
 *
 * @param servers What stands within `http { }`.
 * @throws if nginx is not installed
 */
export async function startNginx(t: TestContext, servers: string, port: number): Promise<URL> {
  if (!existsSync(NGINX)) {
    throw new Error(`${NGINX} is missing. To do: apt-get install nginx-light (Debian or Ubuntu)`)
  }
  const state = mkdtempSync(join(tmpdir(), 'private-posts-nginx-'))
  t.after(() => rmSync(state, { recursive: true, force: true }))
  const config = join(state, 'nginx.conf')
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  writeFileSync(
    config,
    `daemon off;
pid ${state}/pid;
error_log stderr;
${process.getuid?.() === 0 ? 'user www-data;' : ''}
events {}
http {
access_log off;
${places.map((name) => `${name}_temp_path ${state}/${name};`).join('\n')}
${servers}
}
`,
  )
  return start(t, NGINX, ['-c', config, '-e', 'stderr'], port)
}

async function start(t: TestContext, program: string, args: string[], port: number): Promise<URL> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const ended = new Promise<void>((done) => child.once('close', () => done()))
  child.once('error', (error) => (output += `${error.message}. To do: apt-get install ${program}`))
  t.after(async () => {
    child.kill()
    await ended
  })
  const site = new URL(`http://127.0.0.1:${port}/`)
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null || child.pid === undefined) break
    if (await fetch(site).then(drain, () => false)) return site
    await delay(50)
  }
  throw new Error(`${program} did not start: ${output}`)
}

async function drain(response: Response): Promise<true> {
  await response.arrayBuffer()
  return true
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new TypeError('a port was asked for')
  return address.port
}
