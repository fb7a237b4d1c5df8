import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { load } from 'js-yaml'
import { initCommand } from '../../lib/cli/init.ts'
import { formatLedger } from '../../lib/ledger/ledger-text.ts'
import { emptyLedger } from '../../lib/ledger/ledger.ts'
import { verifyPassphrase } from '../../lib/indieauth/owner-passphrase.ts'
import { createSite, EMPTY_LEDGER } from '../support/site.ts'
import { execute, LEDGER, newFolder } from './command-line.ts'

const WORKFLOW = '.github/workflows/pages.yml'

interface WorkflowStep {
  readonly name?: string
  readonly id?: string
  readonly uses?: string
  readonly run?: string
  readonly if?: string
  readonly with?: Readonly<Record<string, string | number>>
  readonly env?: Readonly<Record<string, string>>
}

interface Workflow {
  readonly on: Readonly<Record<'push' | 'workflow_dispatch' | 'schedule', unknown>>
  readonly permissions: Readonly<Record<string, string>>
  readonly concurrency: unknown
  readonly env: Readonly<Record<string, string>>
  readonly jobs: Readonly<
    Record<string, { readonly if: string; readonly steps: readonly WorkflowStep[] }>
  >
}

const RETRY = '53 1/3 * * *'

const init = (args: readonly string[], cwd = newFolder()) => execute(initCommand, args, { cwd })

async function workflowFor(...args: string[]) {
  const { code, out, error } = await init(['github-pages', '--dry-run', ...args])
  assert.deepEqual([code, error], [0, ''])
  const workflow = load(out) as Workflow
  const { pages: job, retry, ...others } = workflow.jobs
  assert.ok(job && retry)
  assert.deepEqual(others, {})
  return { text: out, workflow, job, retry, steps: job.steps }
}

const stepNamed = (steps: readonly WorkflowStep[], name: string) =>
  steps.find((step) => step.name === name) ?? assert.fail(`no step "${name}"`)

describe('private-posts init github-pages', () => {
  it('writes a workflow whose work is one job, with steps in the order that loses nothing', async () => {
    const { steps } = await workflowFor()
    assert.deepEqual(
      steps.map(({ name, uses, run }) => name ?? uses ?? run),
      [
        'actions/checkout@v4',
        'actions/setup-node@v4',
        'npm ci',
        'Build',
        'Check that nothing private is in anything public',
        'Keep the ledger',
        'actions/configure-pages@v5',
        'actions/upload-pages-artifact@v3',
        'actions/deploy-pages@v4',
        'Tell the recipients',
        'Take to the ledger what a sender that was stopped has left',
        'Keep what became of it',
      ],
    )
    assert.equal(steps.find(({ uses }) => uses?.includes('deploy'))?.id, 'deployment')
    assert.equal(stepNamed(steps, 'Keep what became of it').if, 'always()')
    assert.equal(stepNamed(steps, 'Keep the ledger').if, undefined)
    assert.equal(steps.find(({ uses }) => uses?.includes('artifact'))?.with?.['retention-days'], 1)
    assert.match(
      stepNamed(steps, 'Tell the recipients').run ?? '',
      /npx private-posts send --site "\$\{\{ steps\.deployment\.outputs\.page_url \}\}"/,
    )
  })

  it('runs on pushes, by hand and once a day, one run at a time, with just the permissions it needs', async () => {
    const { workflow, job } = await workflowFor()
    assert.deepEqual(workflow.on.push, { branches: ['main'] })
    assert.equal(workflow.on.workflow_dispatch, null)
    assert.deepEqual(workflow.on.schedule, [{ cron: '23 4 * * *' }, { cron: RETRY }])
    assert.deepEqual(workflow.permissions, {
      contents: 'write',
      pages: 'write',
      'id-token': 'write',
    })
    assert.deepEqual(workflow.concurrency, { group: 'pages', 'cancel-in-progress': false })
    assert.equal(job.if, `github.ref == 'refs/heads/main' && github.event.schedule != '${RETRY}'`)
  })

  for (const outcome of ['pending', 'delivered'] as const) {
    it(`${outcome === 'pending' ? 'starts' : 'builds nothing'} every three hours where a delivery is ${outcome}`, async () => {
      const { retry } = await workflowFor()
      assert.equal(retry.if, `github.event.schedule == '${RETRY}'`)
      const folder = newFolder()
      const record = {
        ...{
          post: 'a',
          recipient: null,
          source: 'https://a.example/',
          target: 'https://b.example/',
        },
        ...{ content: 'x', reason: '', known: true, attempts: 1, outcome },
      }
      const ledger = { ...emptyLedger(), deliveries: [record] }
      writeFileSync(join(folder, 'ledger.json'), formatLedger(ledger))
      writeFileSync(join(folder, 'gh'), '#!/bin/sh\necho "$@" > started\n', { mode: 0o755 })
      execFileSync('bash', ['-e', '-c', retry.steps[1]?.run ?? ''], {
        cwd: folder,
        env: {
          ...{ PATH: `${folder}:${process.env['PATH']}`, LEDGER: 'ledger.json' },
          ...{ GITHUB_WORKFLOW: 'Pages', GITHUB_REF_NAME: 'main' },
        },
      })
      const started = existsSync(join(folder, 'started'))
      assert.equal(started, outcome === 'pending')
    })
  }

  it('promises the plugin to keep the ledger, and gives the secret to nobody but the build and the delivery', async () => {
    // With random links, too: what goes by intertalk or FMTP is signed, and the build publishes the keys.
    for (const tokens of ['random', 'derived']) {
      const { steps, text } = await workflowFor('--tokens', tokens)
      const secret = { PRIVATE_POSTS_SECRET: '${{ secrets.PRIVATE_POSTS_SECRET }}' }
      assert.deepEqual(stepNamed(steps, 'Build').env, {
        PRIVATE_POSTS_LEDGER_PERSISTS: 'true',
        ...secret,
      })
      assert.deepEqual(stepNamed(steps, 'Tell the recipients').env, secret)
      assert.equal(text.match(/secrets\./g)?.length, 2)
    }
  })

  it('holds no token and no secret', async () => {
    const { text } = await workflowFor('--tokens', 'derived')
    assert.doesNotMatch(text, /[0-9a-hjkmnp-tv-z]{26}|[A-Za-z0-9_-]{43}/)
  })

  it('takes the options as they are meant, whatever is in them', async () => {
    const build = `npm run "build: all" # it's 'quoted'`
    const { steps, workflow, job } = await workflowFor(
      '--build',
      build,
      '--branch',
      'trunk',
      '--node',
      '24.x',
      '--output',
      'public: site',
      '--ledger',
      'data/ledger.json',
    )
    assert.equal(stepNamed(steps, 'Build').run, build)
    assert.deepEqual(workflow.on.push, { branches: ['trunk'] })
    assert.match(job.if, /^github\.ref == 'refs\/heads\/trunk' && /)
    assert.equal(steps[0]?.with?.['ref'], 'trunk')
    assert.equal(steps[1]?.with?.['node-version'], '24.x')
    assert.deepEqual(workflow.env, { OUTPUT: 'public: site', LEDGER: 'data/ledger.json' })
    assert.equal(
      steps.find(({ uses }) => uses?.includes('artifact'))?.with?.['path'],
      'public: site',
    )
  })

  it("builds by the package's own script if it has one", async () => {
    const cwd = newFolder()
    const built = async () => (await init(['github-pages', '--dry-run'], cwd)).out
    assert.match(await built(), /run: "npx eleventy"/)
    writeFileSync(join(cwd, 'package.json'), '{"scripts": {"build": "eleventy --quiet"}}')
    assert.match(await built(), /run: "npm run build"/)
    writeFileSync(join(cwd, 'package.json'), '{"scripts": ')
    assert.match(await built(), /run: "npx eleventy"/)
  })

  it('writes the file once, and replaces a different one only by force', async () => {
    const cwd = newFolder()
    const first = await init(['github-pages'], cwd)
    const text = readFileSync(join(cwd, WORKFLOW), 'utf8')
    assert.equal(first.code, 0)
    assert.match(first.out, /^\.github\/workflows\/pages\.yml: written\n/)
    assert.match((await init(['github-pages'], cwd)).out, /: unchanged\n/)

    writeFileSync(join(cwd, WORKFLOW), 'name: Mine\n')
    const refused = await init(['github-pages'], cwd)
    assert.deepEqual([refused.code, refused.out], [1, ''])
    assert.match(refused.error, /pages\.yml: there is one already.*--dry-run.*--force/)
    assert.equal(readFileSync(join(cwd, WORKFLOW), 'utf8'), 'name: Mine\n')

    assert.equal((await init(['github-pages', '--force'], cwd)).code, 0)
    assert.equal(readFileSync(join(cwd, WORKFLOW), 'utf8'), text)
  })

  it('says what is left to do', async () => {
    const { out } = await init(['github-pages'])
    for (const word of [
      /Make the repository private/,
      /GitHub Actions/,
      /--pathprefix/,
      /addPlugin\(privatePosts/,
      /private-posts\.ledger\.json/,
    ]) {
      assert.match(out, word)
    }
    assert.match(
      out,
      /To write to people by intertalk or FMTP .*set the secret PRIVATE_POSTS_SECRET/,
    )
    const derived = await init(['github-pages', '--tokens', 'derived'])
    assert.match(derived.out, /PRIVATE_POSTS_SECRET[^]*openssl rand -base64 32 \| tr '\+\/' '-_'/)
    assert.match(derived.out, /tokens: 'derived'/)
  })
})

describe('private-posts init netlify', () => {
  it('writes the build settings', async () => {
    const cwd = newFolder()
    const { code, out } = await init(['netlify', '--output', 'public'], cwd)
    assert.equal(code, 0)
    assert.equal(
      readFileSync(join(cwd, 'netlify.toml'), 'utf8'),
      `# Written by \`private-posts init netlify\`.
[build]
  command = "npx eleventy && npx private-posts check public"
  publish = "public"

[build.environment]
  NODE_VERSION = "22"

# After each deploy: asks the deliver function to tell the recipients.
[[plugins]]
  package = "./node_modules/eleventy-plugin-private-posts/dist/netlify-build-plugin"
`,
    )
    assert.match(out, /PRIVATE_POSTS_SECRET in Netlify/)
    assert.match(out, /private-posts init passphrase/)
    assert.match(out, /delete the old deploys/)
    assert.match(
      out,
      /<link rel="webmention" href="https:\/\/you.example\/webmention">\n +<link rel="pm" href="https:\/\/you.example\/pm">\n/,
    )
  })

  it('prints links for the home page, with the addresses of the site that was built', async () => {
    const { out } = await init(['netlify'])
    for (const [rel, path] of [
      ['indieauth-metadata', 'metadata'],
      ['authorization_endpoint', 'auth'],
      ['token_endpoint', 'token'],
    ]) {
      assert.ok(out.includes(`<link rel="${rel}" href="https://you.example/indieauth/${path}">\n`))
    }
    const site = createSite({ ...EMPTY_LEDGER, 'index.md': 'Hello' })
    await site.build({ options: { me: 'https://alice.example/', paths: { indieauth: '/id/' } } })
    try {
      const built = await init(['netlify'], site.folder)
      assert.ok(
        built.out.includes('<link rel="token_endpoint" href="https://alice.example/id/token">'),
      )
      assert.ok(
        built.out.includes('<link rel="webmention" href="https://alice.example/webmention">'),
      )
    } finally {
      site.dispose()
    }
  })

  it('derives links there, because a build keeps no files, unless it is told otherwise', async () => {
    const derived = (await init(['netlify'])).out
    assert.match(derived, /tokens: 'derived'/)
    assert.doesNotMatch(derived, /commit private-posts\.ledger\.json/)

    const random = (await init(['netlify', '--tokens', 'random'])).out
    assert.doesNotMatch(random, /tokens: 'derived'/)
    assert.match(random, /commit private-posts\.ledger\.json/)
  })

  it('replaces a different file only by force', async () => {
    const cwd = newFolder()
    writeFileSync(join(cwd, 'netlify.toml'), '[build]\n')
    assert.equal((await init(['netlify'], cwd)).code, 1)
    assert.equal(readFileSync(join(cwd, 'netlify.toml'), 'utf8'), '[build]\n')
    assert.equal((await init(['netlify', '--force'], cwd)).code, 0)
  })

  it('quotes what a shell would read otherwise', async () => {
    const { out } = await init([
      'netlify',
      '--dry-run',
      '--output',
      "it's here",
      '--ledger',
      'my ledger.json',
    ])
    assert.ok(
      out.includes(
        JSON.stringify(
          `npx eleventy && npx private-posts check 'it'\\''s here' --ledger 'my ledger.json'`,
        ),
      ),
    )
  })
})

describe('private-posts init passphrase', () => {
  const typed = 'late peas and long trains'

  it('prints the variable with a hash that the passphrase opens, and not the passphrase', async () => {
    const { code, out, error } = await execute(initCommand, ['passphrase'], {
      cwd: newFolder(),
      typed,
    })
    assert.equal(code, 0)
    const [, owner = ''] = /^PRIVATE_POSTS_OWNER=(\S+)\n$/.exec(out) ?? []
    assert.equal(await verifyPassphrase(owner, typed), true)
    assert.equal(await verifyPassphrase(owner, `${typed}!`), false)
    assert.ok(!`${out}${error}`.includes(typed))
    assert.ok(error.includes('rel="token_endpoint" href="https://you.example/indieauth/token"'))
  })

  it('refuses a short one, without repeating it', async () => {
    const { code, out, error } = await execute(initCommand, ['passphrase'], {
      cwd: newFolder(),
      typed: 'pease',
    })
    assert.deepEqual([code, out], [1, ''])
    assert.ok(!error.includes('pease'))
  })
})

describe('private-posts init netlify|github-pages, beside the file of the host', () => {
  for (const host of ['netlify', 'github-pages']) {
    it(`${host}: creates an empty ledger that only its owner can read, and says how git merges it`, async () => {
      const cwd = newFolder()
      const { code, out } = await init([host], cwd)
      assert.equal(code, 0)
      assert.equal(readFileSync(join(cwd, LEDGER), 'utf8'), formatLedger(emptyLedger()))
      assert.equal(statSync(join(cwd, LEDGER)).mode & 0o777, 0o600)
      assert.equal(readFileSync(join(cwd, '.gitattributes'), 'utf8'), `${LEDGER} merge=union\n`)
      assert.match(out, /^\.gitattributes: written\nprivate-posts\.ledger\.json: created, empty\n/m)
    })
  }

  it('leaves the ledger that is there, and adds to .gitattributes once', async () => {
    const cwd = newFolder()
    const ledger = formatLedger({ ...emptyLedger(), gone: { '/old/': '2026-11-01T00:00:00.000Z' } })
    writeFileSync(join(cwd, LEDGER), ledger)
    writeFileSync(join(cwd, '.gitattributes'), '*.jpg binary')
    for (const outcome of ['written', 'unchanged']) {
      const { out } = await init(['netlify'], cwd)
      assert.ok(out.includes(`.gitattributes: ${outcome}\n${LEDGER}: unchanged\n`))
      assert.equal(readFileSync(join(cwd, LEDGER), 'utf8'), ledger)
      assert.equal(
        readFileSync(join(cwd, '.gitattributes'), 'utf8'),
        `*.jpg binary\n${LEDGER} merge=union\n`,
      )
    }
  })

  it('leaves the author another way to merge the ledger, and not what only looks alike', async () => {
    const cwd = newFolder()
    const file = join(cwd, '.gitattributes')
    writeFileSync(file, `${LEDGER}\ttext -merge\n`)
    await init(['netlify'], cwd)
    assert.equal(readFileSync(file, 'utf8'), `${LEDGER}\ttext -merge\n`)
    const alike = `old.${LEDGER} merge=union\n# ${LEDGER} merge=union\n${LEDGER} text\n`
    writeFileSync(file, alike)
    await init(['netlify'], cwd)
    assert.equal(readFileSync(file, 'utf8'), `${alike}${LEDGER} merge=union\n`)
  })

  it('writes beside a ledger that lies elsewhere, by a name that git reads', async () => {
    const cwd = newFolder()
    await init(['netlify', '--ledger', 'data/my [ledger].json'], cwd)
    execFileSync('git', ['init', '--quiet'], { cwd })
    const attribute = (name: string) =>
      execFileSync('git', ['check-attr', 'merge', '--', name], { cwd, encoding: 'utf8' })
    assert.match(attribute('data/my [ledger].json'), /: merge: union\n$/)
    assert.match(attribute('data/my l.json'), /: merge: unspecified\n$/)
    assert.ok(existsSync(join(cwd, 'data/my [ledger].json')))
  })

  it('shows both with --dry-run, in comments, and writes neither', async () => {
    const cwd = newFolder()
    const { out } = await init(['netlify', '--dry-run'], cwd)
    assert.ok(out.endsWith(`\n# To .gitattributes: ${LEDGER} merge=union\n# To ${LEDGER}: empty\n`))
    assert.deepEqual(readdirSync(cwd), [])
    await init(['netlify'], cwd)
    assert.doesNotMatch((await init(['netlify', '--dry-run'], cwd)).out, /# To /)
  })
})

describe('private-posts init', () => {
  it('writes nothing with --dry-run', async () => {
    const cwd = newFolder()
    assert.equal((await init(['github-pages', '--dry-run'], cwd)).code, 0)
    assert.equal(existsSync(join(cwd, '.github')), false)
  })

  const wrong: readonly (readonly string[])[] = [
    [],
    ['vercel'],
    ['toString'],
    ['netlify', 'github-pages'],
    ['netlify', '--tokens', 'strong'],
    ['netlify', '--build', ''],
    ['netlify', '--build', 'npm run build\nrm -rf /'],
    ['github-pages', '--branch', "main' || true"],
  ]
  for (const args of wrong) {
    it(`refuses ${JSON.stringify(args)}, and writes nothing`, async () => {
      const cwd = newFolder()
      const { code, out, error } = await init(args, cwd)
      assert.deepEqual([code, out], [2, ''])
      assert.match(error, /Usage: private-posts init netlify\|github-pages\|passphrase/)
      assert.equal(existsSync(join(cwd, '.github')) || existsSync(join(cwd, 'netlify.toml')), false)
    })
  }
})

describe("the workflow's scripts", () => {
  const script = async (name: string) => stepNamed((await workflowFor()).steps, name).run ?? ''

  /** Runs a step as GitHub does: `bash -e`, in the checkout. */
  function runStep(text: string, cwd: string, env: Record<string, string> = {}) {
    const { status, stdout, stderr } = spawnSync('bash', ['-e', '-c', text], {
      cwd,
      encoding: 'utf8',
      env: { ...process.env, ...GIT, OUTPUT: '_site', LEDGER, GITHUB_REF_NAME: 'main', ...env },
    })
    return { status, text: stdout + stderr }
  }

  /** Without whatever the machine's own configuration says. */
  const GIT = {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
  }
  const IDENTITY = ['-c', 'user.name=Alice', '-c', 'user.email=alice@alice.example']
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', [...IDENTITY, ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, ...GIT },
    })

  /** A repository, and two clones of it: the runner's and Alice's. */
  function newRepository() {
    const folder = newFolder()
    const [bare, runner, alice] = ['bare', 'runner', 'alice'].map((name) => join(folder, name))
    assert.ok(bare && runner && alice)
    git(folder, 'init', '--quiet', '--bare', '--initial-branch', 'main', bare)
    git(folder, 'clone', '--quiet', bare, alice)
    writeFileSync(join(alice, 'index.md'), '# Hello\n')
    writeFileSync(join(alice, LEDGER), '{ "version": 1 }\n')
    commit(alice, 'First')
    git(alice, 'push', '--quiet', 'origin', 'HEAD:main')
    git(folder, 'clone', '--quiet', '--depth', '1', `file://${bare}`, runner)
    return { bare, runner, alice }
  }

  function commit(cwd: string, message: string): void {
    git(cwd, 'add', '--all')
    git(cwd, 'commit', '--quiet', '--message', message)
  }

  const published = (bare: string, file: string) => git(bare, 'show', `main:${file}`)

  it('commits and pushes the ledger, and nothing else', async () => {
    const { bare, runner } = newRepository()
    writeFileSync(join(runner, LEDGER), '{ "version": 1, "new": true }\n')
    writeFileSync(join(runner, 'index.md'), '# Changed by the build\n')
    const { status, text } = runStep(await script('Keep the ledger'), runner)
    assert.equal(status, 0, text)
    assert.match(published(bare, LEDGER), /"new"/)
    assert.equal(published(bare, 'index.md'), '# Hello\n')
  })

  it('adds a ledger that is new', async () => {
    const { bare, runner } = newRepository()
    writeFileSync(join(runner, 'other.json'), '{}\n')
    assert.equal(
      runStep(await script('Keep the ledger'), runner, { LEDGER: 'other.json' }).status,
      0,
    )
    assert.equal(published(bare, 'other.json'), '{}\n')
  })

  it('commits nothing when there is nothing new, or no ledger', async () => {
    const { bare, runner } = newRepository()
    const before = git(bare, 'rev-parse', 'main')
    assert.equal(runStep(await script('Keep the ledger'), runner).status, 0)
    assert.equal(
      runStep(await script('Keep the ledger'), runner, { LEDGER: 'none.json' }).status,
      0,
    )
    assert.equal(git(bare, 'rev-parse', 'main'), before)
  })

  it('puts its commit on top of what was pushed meanwhile', async () => {
    const { bare, runner, alice } = newRepository()
    writeFileSync(join(alice, 'index.md'), '# Written meanwhile\n')
    commit(alice, 'Meanwhile')
    git(alice, 'push', '--quiet', 'origin', 'HEAD:main')
    writeFileSync(join(runner, LEDGER), '{ "version": 1, "new": true }\n')
    writeFileSync(join(runner, 'index.md'), '# Changed by the build\n')
    const { status, text } = runStep(await script('Keep what became of it'), runner)
    assert.equal(status, 0, text)
    assert.match(published(bare, LEDGER), /"new"/)
    assert.equal(published(bare, 'index.md'), '# Written meanwhile\n')
  })

  it('fails, and says so, when the ledger itself was changed meanwhile', async () => {
    const { bare, runner, alice } = newRepository()
    writeFileSync(join(alice, LEDGER), '{ "version": 1, "hers": true }\n')
    commit(alice, 'Meanwhile')
    git(alice, 'push', '--quiet', 'origin', 'HEAD:main')
    writeFileSync(join(runner, LEDGER), '{ "version": 1, "its": true }\n')
    const { status, text } = runStep(await script('Keep the ledger'), runner)
    assert.equal(status, 1)
    assert.match(text, /::error title=Private posts::The ledger could not be pushed/)
    assert.match(published(bare, LEDGER), /"hers"/)
    assert.match(readFileSync(join(runner, LEDGER), 'utf8'), /^\{ "version": 1, "its": true \}\n$/)
  })

  for (const [code, status, warns] of [
    [0, 0, false],
    [3, 0, true],
    [1, 1, false],
    [2, 2, false],
  ] as const) {
    it(`ends with ${status}${warns ? ' and a warning' : ''} when send ends with ${code}`, async () => {
      const cwd = newFolder()
      mkdirSync(join(cwd, 'bin'))
      writeFileSync(join(cwd, 'bin', 'npx'), `#!/bin/sh\necho "$@" > arguments\nexit ${code}\n`)
      chmodSync(join(cwd, 'bin', 'npx'), 0o755)
      // GitHub fills in its expressions before a shell sees them.
      const text = (await script('Tell the recipients')).replace(
        /\$\{\{.*?\}\}/,
        'https://a.github.io/',
      )
      const outcome = runStep(text, cwd, { PATH: `${join(cwd, 'bin')}:${process.env['PATH']}` })
      assert.equal(outcome.status, status)
      assert.equal(outcome.text.includes('::warning title=Private posts::'), warns)
      assert.equal(
        readFileSync(join(cwd, 'arguments'), 'utf8'),
        `private-posts send --site https://a.github.io/ --output _site --ledger ${LEDGER}\n`,
      )
    })
  }
})
