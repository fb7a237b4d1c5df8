import assert from 'node:assert/strict'
import { TOMBSTONE } from '../../lib/web/tombstone.ts'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { FINDING_KINDS } from '../../lib/leak-audit/finding.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'
import { CAKE, LEAKS, OTHER_TOKEN, PARTY, SENTENCE, SITE, TOKEN } from './kinds.ts'
import { DISGUISES } from './disguises.ts'
import { audit, type Files } from './output.ts'

describe('auditOutput()', () => {
  it('has a planted leak for each kind', () => {
    // This one is found in sources, before there is an output: test/eleventy/accidents.test.ts has it.
    const planted = [...LEAKS.map(({ kind }) => kind), 'front-matter']
    assert.deepEqual(new Set(planted), new Set(FINDING_KINDS))
  })

  for (const { kind, name, leak, file, line, twin, seen } of [...LEAKS, ...DISGUISES]) {
    it(`finds ${kind}: ${name}`, async (t) => {
      const findings = await audit(t, { ...SITE, output: leak })
      const found = findings.filter((finding) => finding.kind === kind)
      const post = kind === 'dead-link' ? '(unknown)' : PARTY.post
      const shown = seen === undefined ? {} : { seen }
      assert.deepEqual(found, [{ file, line, kind, post, ...shown }])
    })
    it(`lets pass what is no ${kind}: not ${name}`, async (t) => {
      const findings = await audit(t, { ...SITE, output: twin })
      assert.deepEqual(
        findings.filter((finding) => finding.kind === kind),
        [],
      )
    })
  }

  it('finds nothing where there is nothing', async (t) => {
    const output = { 'index.html': '<p>Hello</p>', [`p/${TOKEN}/index.html`]: SENTENCE }
    assert.deepEqual(await audit(t, { ...SITE, output }), [])
  })

  it('says nothing that is secret, and always the same', async (t) => {
    const output: Files = Object.assign({}, ...LEAKS.map(({ leak }) => leak))
    const findings = await audit(t, { ...SITE, output })
    assert.ok(findings.length >= LEAKS.length - 3)
    const printed = JSON.stringify(findings).toLowerCase()
    for (const secret of [TOKEN, OTHER_TOKEN, 'piano', 'conspiracy', "bob's", 'bobs']) {
      assert.ok(!printed.includes(secret), `a finding holds ${secret}`)
    }
    assert.deepEqual(await audit(t, { ...SITE, output }), findings)
    const inOrder = findings.toSorted(
      (one, other) =>
        Number(one.file > other.file) - Number(one.file < other.file) ||
        one.line - other.line ||
        Number(one.kind > other.kind) - Number(one.kind < other.kind),
    )
    assert.deepEqual(findings, inOrder)
  })
})

describe('auditOutput() in the folder of a capability URL', () => {
  const found = async (...args: Parameters<typeof audit>) =>
    (await audit(...args)).map(({ file, kind }) => `${file} ${kind}`)

  it("lets the post's own text, names and token stand", async (t) => {
    const html = `<h1>${PARTY.title}</h1><p>${SENTENCE}</p><a href="/p/${TOKEN}/">#conspiracy</a>`
    const output = { [`p/${TOKEN}/index.html`]: html, [`p/${TOKEN}/cake.jpg`]: CAKE }
    assert.deepEqual(await found(t, { ...SITE, output }), [])
    assert.notDeepEqual(await found(t, { ...SITE, output: { 'index.html': html } }), [])
  })

  it('finds the token of another recipient', async (t) => {
    const liveTokens = new Map([
      [TOKEN, PARTY.post],
      [OTHER_TOKEN, PARTY.post],
    ])
    const output = { [`p/${TOKEN}/index.html`]: `also at /p/${OTHER_TOKEN}/` }
    assert.deepEqual(await found(t, { ...SITE, liveTokens, output }), ['p/xxxx…/index.html token'])
    const twin = { [`p/${TOKEN}/index.html`]: `also at /p/${TOKEN}/` }
    assert.deepEqual(await found(t, { ...SITE, liveTokens, output: twin }), [])
  })

  it('takes every folder for live when nothing is known of links', async (t) => {
    const { liveTokens: _, ...site } = SITE
    const output = { [`p/${OTHER_TOKEN}/index.html`]: SENTENCE }
    assert.deepEqual(await found(t, { ...site, output }), [])
    const leak = { ...output, 'index.html': `/p/${OTHER_TOKEN}/` }
    assert.deepEqual(await found(t, { ...site, output: leak }), ['index.html token'])
  })

  it('names the post of a revoked link, and lets the rules of the host name the link', async (t) => {
    const revokedTokens = new Map([[OTHER_TOKEN, 'private/old.md']])
    const output = {
      [`p/${OTHER_TOKEN}/index.html`]: '',
      _redirects: `/p/${OTHER_TOKEN}/* /410.html 410`,
    }
    assert.deepEqual(await audit(t, { ...SITE, revokedTokens, output }), [
      { file: 'p/yyyy…/index.html', line: 0, kind: 'dead-link', post: 'private/old.md' },
    ])
    const leak = { 'feed.xml': output._redirects, _redirects: `/p/${TOKEN}/* /410.html 410` }
    assert.deepEqual(await found(t, { ...SITE, revokedTokens, output: leak }), [
      '_redirects token',
      'feed.xml token',
    ])
  })

  it('lets a tombstone stand where a link or a page was, and no other page', async (t) => {
    const revokedTokens = new Map([[OTHER_TOKEN, 'private/old.md']])
    const output = {
      [`p/${OTHER_TOKEN}/index.html`]: TOMBSTONE,
      'private/surprise-party.html': TOMBSTONE,
    }
    assert.deepEqual(await found(t, { ...SITE, revokedTokens, output }), [])
    const others = Object.fromEntries(
      Object.entries(output).map(([file, html]) => [file, `${html}<p>Gone`]),
    )
    assert.deepEqual(await found(t, { ...SITE, revokedTokens, output: others }), [
      'p/yyyy…/index.html dead-link',
      'private/surprise-party.html natural-path',
      'private/surprise-party.html slug',
    ])
  })

  it('lets the old address of a post stand that is public now', async (t) => {
    const output = {
      [`p/${OTHER_TOKEN}/index.html`]: '<meta http-equiv=refresh content="0; url=/party/">',
      _redirects: `/p/${OTHER_TOKEN}/* /party/ 301`,
    }
    const revokedTokens = new Map([[OTHER_TOKEN, 'party.md']])
    const publishedTokens = new Set([OTHER_TOKEN])
    assert.deepEqual(await found(t, { ...SITE, revokedTokens, publishedTokens, output }), [])
    assert.notDeepEqual(await found(t, { ...SITE, revokedTokens, output }), [])
  })
})

describe('auditOutput() with exceptions', () => {
  const output = { 'en/index.html': `<p>${SENTENCE}</p>` }
  const exception = {
    ...{ file: 'en/**', kind: 'sentence', post: 'private/*', why: 'A quotation, and he knows.' },
  }

  it('lets pass what the author lets pass, and nothing else', async (t) => {
    assert.deepEqual(await audit(t, { ...SITE, output, exceptions: [exception] }), [])
    assert.deepEqual(
      await audit(t, { ...SITE, output, exceptions: [{ ...exception, kind: '*' }] }),
      [],
    )
    for (const change of [{ file: 'de/**' }, { kind: 'title' }, { post: 'drafts/*' }]) {
      const exceptions = [{ ...exception, ...change }]
      assert.equal((await audit(t, { ...SITE, output, exceptions })).length, 1)
    }
  })

  it('wants a reason and a kind that exists', async (t) => {
    for (const change of [{ why: ' ' }, { kind: 'sentences' }]) {
      const exceptions = [{ ...exception, ...change }]
      await assert.rejects(audit(t, { ...SITE, output, exceptions }), ConfigurationError)
    }
  })
})

describe('auditOutput(), gated posts', () => {
  const GATE = 'gategategat1'
  const TOKEN = 'tkn'.padEnd(26, 'x')
  const OTHER = 'tkn'.padEnd(26, 'y')
  const site = {
    gates: new Map([
      [GATE, { post: 'private/trip.md', readers: new Set(['https://bob.example/']) }],
    ]),
    liveTokens: new Map([
      [TOKEN, 'private/dinner.md'],
      [OTHER, 'private/dinner.md'],
    ]),
    readers: new Map([
      [TOKEN, 'https://bob.example/'],
      [OTHER, 'https://carol.example/'],
    ]),
  }
  const link = `<a href="/PRIVATE/${GATE.toUpperCase()}/">`

  it('finds their addresses wherever somebody stands who may not read them', async (t) => {
    const findings = await audit(t, {
      ...site,
      output: {
        'index.html': `hello\n${link}`,
        [`private/${GATE}/index.html`]: '',
        [`p/${TOKEN}/index.html`]: link,
        [`p/${OTHER}/index.html`]: link,
        'other.html': 'gategategat2 gategategat',
      },
    })
    assert.deepEqual(
      findings.map(({ file, line, kind }) => `${file} ${line} ${kind}`),
      [
        'index.html 2 gate-address',
        'p/tkny…/index.html 1 gate-address',
        `private/${GATE}/index.html 0 gate-address`,
      ],
    )
  })

  it('finds files that only the functions may read', async (t) => {
    const text = '{"version":1,"public":[]}'
    const deployFiles = new Map([[createHash('sha256').update(text).digest('hex'), '(unknown)']])
    const output = { 'a/b.json': text, 'c/.private-posts/d.txt': '', 'e.json': '{}' }
    const findings = await audit(t, { deployFiles, output })
    assert.deepEqual(
      findings.map(({ file, kind }) => `${file} ${kind}`),
      ['a/b.json deploy-file', 'c/.private-posts/d.txt deploy-file'],
    )
  })

  it('takes no invitation for an address that may stand', async (t) => {
    const output = { [`p/${TOKEN}/index.html`]: 'hello' }
    const invitations = new Set([TOKEN])
    assert.deepEqual((await audit(t, { ...site, output })).length, 0)
    assert.deepEqual(
      (await audit(t, { ...site, invitations, output })).map(({ kind }) => kind),
      ['dead-link'],
    )
  })
})
