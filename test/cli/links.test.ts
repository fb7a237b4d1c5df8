import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encode } from 'uqr'
import { linksCommand } from '../../lib/cli/links.ts'
import { mailLink } from '../../lib/cli/mail-link.ts'
import { drawQrCode } from '../../lib/cli/qr.ts'
import { emptyLedger, type Ledger } from '../../lib/ledger/ledger.ts'
import { issueCapabilityToken } from '../../lib/capability-url/capability-url.ts'
import { revokeLinks, rotateLinks } from '../../lib/ledger/revoke.ts'
import { BOB, build, CAROL, MUM, NOW, tokenOf } from '../ledger/builds.ts'
import {
  aliceLedger,
  DINNER,
  execute,
  FILES,
  GIFT,
  newFolder,
  OPEN,
  readLedger,
  siteWith,
} from './command-line.ts'

const ledger = aliceLedger()
const cwd = siteWith(ledger)
const links = (...args: string[]) => execute(linksCommand, args, { cwd })

/** Rows of `--json`, as the contract has them. */
interface Row {
  readonly post: string
  readonly recipient: string | null
  readonly url: string
  readonly state: string
  readonly expires: string | null
  readonly reason: string | null
  readonly mail: string | null
  readonly gate: string | null
  readonly invitation: string | null
}

async function rows(args: readonly string[], options: { cwd: string; now?: Date } = { cwd }) {
  const { code, out, error } = await execute(linksCommand, [...args, '--json'], options)
  assert.deepEqual([code, error], [0, ''])
  return (JSON.parse(out) as { links: Row[] }).links
}

describe('private-posts links', () => {
  it('prints each link in full, with its post and its recipient', async () => {
    const { code, out, error } = await links()
    assert.deepEqual([code, error], [0, ''])
    for (const [post, recipient] of [
      [DINNER, BOB],
      [DINNER, MUM],
      [DINNER, 'Aunt May'],
      [GIFT, CAROL],
      [OPEN, null],
    ] as const) {
      assert.ok(out.includes(`    https://alice.example/p/${tokenOf(ledger, post, recipient)}/\n`))
    }
    assert.match(
      out,
      /^private\/dinner\.md · Dinner & cake \(50 %\)\n {2}https:\/\/bob\.example\/ · live\n/,
    )
    assert.match(out, /\n {2}https:\/\/carol\.example\/ · live until 2026-12-24 00:00 UTC\n/)
    assert.match(out, /\nprivate\/open\.md\n {2}anyone with the link · live\n/)
  })

  it('prints those of one post', async () => {
    const { code, out } = await links(`./${OPEN}`)
    assert.equal(code, 0)
    assert.match(out, /^private\/open\.md\n/)
    assert.ok(!out.includes(DINNER))
  })

  it('prints one JSON object and nothing else', async () => {
    const all = await rows([])
    assert.deepEqual(
      all.map(({ post, recipient, state, expires }) => [post, recipient, state, expires]),
      [
        [DINNER, BOB, 'live', null],
        [DINNER, MUM, 'live', null],
        [DINNER, 'Aunt May', 'live', null],
        [GIFT, BOB, 'live', '2026-12-24T00:00:00.000Z'],
        [GIFT, CAROL, 'live', '2026-12-24T00:00:00.000Z'],
        [OPEN, null, 'live', null],
      ],
    )
    assert.equal(all[0]?.url, `https://alice.example/p/${tokenOf(ledger, DINNER, BOB)}/`)
    assert.deepEqual((await rows([OPEN])).length, 1)
  })

  it('offers a ready letter to a mail address, and to nobody else', async () => {
    const [bob, mum, may] = await rows([DINNER])
    assert.deepEqual([bob?.mail, may?.mail], [null, null])
    const mail = mum?.mail ?? ''
    assert.match(
      mail,
      /^mailto:mum@example\.com\?subject=Dinner%20%26%20cake%20%2850%20%25%29&body=/,
    )
    assert.ok(mail.includes(encodeURIComponent(mum?.url ?? '-')))
    assert.ok((await links(DINNER)).out.includes(`to mail it: ${mail}\n`))
  })

  it('says how each link stands', async () => {
    const { ledger: revoked } = revokeLinks(ledger, { postId: GIFT, recipient: BOB }, NOW)
    const folder = siteWith({
      ...revoked,
      ...build(revoked, { ...FILES, [DINNER]: { audience: MUM } }).ledger,
    })
    const now = new Date('2026-12-24T00:00:00Z')
    assert.deepEqual(
      (await rows([], { cwd: folder, now })).map(({ recipient, state, reason }) => [
        recipient,
        state,
        reason,
      ]),
      [
        [BOB, 'revoked', 'removed'],
        [MUM, 'live', null],
        ['Aunt May', 'revoked', 'removed'],
        [BOB, 'revoked', 'revoked'],
        [CAROL, 'expired', null],
        [null, 'live', null],
      ],
    )
    const shown = await execute(linksCommand, [], { cwd: folder, now })
    assert.match(
      shown.out,
      /private\/gift\.md\n {2}no live link\n {2}\(2 revoked or expired: --all/,
    )
    assert.ok(!shown.out.includes(tokenOf(ledger, GIFT, BOB)))

    const all = await execute(linksCommand, ['--all'], { cwd: folder, now })
    assert.match(all.out, /https:\/\/bob\.example\/ · revoked \(removed\)\n/)
    assert.ok(all.out.includes(tokenOf(ledger, GIFT, BOB)))
  })

  it('calls a link live only if the last build wrote its page, and else says why', async () => {
    const files = { [GIFT]: { audience: [BOB, CAROL], page: 'draft' as const } }
    const folder = siteWith({ ...ledger, ...build(ledger, files).ledger })
    const all = await rows([], { cwd: folder })
    assert.deepEqual(
      [...new Set(all.map(({ post, state, reason }) => `${post} ${state} ${reason}`))],
      [
        `${DINNER} not-built its file is gone`,
        `${GIFT} not-built draft`,
        `${OPEN} not-built its file is gone`,
      ],
    )
    const { out } = await execute(linksCommand, ['--qr'], { cwd: folder })
    assert.match(out, /carol\.example\/ · not built: draft\n {4}https:\/\/alice\.example\/p\//)
    assert.match(out, /anyone with the link · not built: its file is gone\n/)
    assert.doesNotMatch(out, /▀|to mail it|· live/)
    const back = siteWith({ ...ledger, ...build(readLedger(folder), FILES).ledger })
    assert.deepEqual(await rows([], { cwd: back }), await rows([]))
  })

  it('does not call a new link live before it was built', async () => {
    const rotated = rotateLinks(ledger, { postId: OPEN }, NOW, issueCapabilityToken).ledger
    const folder = siteWith(rotated)
    const [old, fresh] = await rows([OPEN], { cwd: folder })
    assert.deepEqual([old?.state, fresh?.state], ['revoked', 'not-built'])
    assert.equal(fresh?.reason, 'waits for the next build')
  })

  it('builds on --site, or on what the last build was told', async () => {
    const token = tokenOf(ledger, OPEN, null)
    const hosted = siteWith({
      ...ledger,
      ...{ site: { ...ledger.site!, pathPrefix: 'blog', prefix: '/k/' } },
    })
    const url = async (args: string[], folder = cwd) =>
      (await rows([OPEN, ...args], { cwd: folder }))[0]?.url

    assert.equal(await url([]), `https://alice.example/p/${token}/`)
    assert.equal(await url([], hosted), `https://alice.example/blog/k/${token}/`)
    assert.equal(
      await url(['--site', 'https://a.github.io/x']),
      `https://a.github.io/x/p/${token}/`,
    )
    assert.equal(
      await url(['--site', 'http://alice.localhost:8080/']),
      `http://alice.localhost:8080/p/${token}/`,
    )
    assert.equal((await links('--site', 'alice.example')).code, 2)
  })

  it('takes another ledger', async () => {
    const folder = siteWith(ledger, 'other.json')
    assert.equal((await rows(['--ledger', 'other.json'], { cwd: folder })).length, 6)
    const missing = await execute(linksCommand, [], { cwd: folder })
    assert.equal(missing.code, 1)
    assert.match(missing.error, /private-posts\.ledger\.json: there is no such file\. To do: build/)
    assert.equal(missing.out, '')
  })

  it('knows no post of another name, and lists similar ones', async () => {
    const { code, out, error } = await links('private/diner.md')
    assert.deepEqual([code, out], [2, ''])
    assert.match(
      error,
      /"private\/diner\.md" is no post of this ledger\. Known: \n {2}private\/dinner\.md\n/,
    )
    assert.equal((await links(DINNER)).code, 0)
  })

  it('keeps a token that was typed as a post out of its answer', async () => {
    const token = tokenOf(ledger, DINNER, BOB)
    assert.ok(!(await links(`https://alice.example/p/${token}/`)).error.includes(token))
  })

  it('takes one post at most, and draws no QR code into JSON', async () => {
    assert.equal((await links(DINNER, GIFT)).code, 2)
    assert.equal((await links('--qr', '--json')).code, 2)
  })

  it('says that there is nothing, and where the site is must be known', async () => {
    const empty = siteWith({ ...emptyLedger(), site: ledger.site })
    assert.match((await execute(linksCommand, [], { cwd: empty })).out, /no private links yet/)
    const { site: _, ...unbuilt } = ledger
    const nowhere = await execute(linksCommand, [], { cwd: siteWith(unbuilt) })
    assert.equal(nowhere.code, 1)
    assert.match(nowhere.error, /does not say where the site is/)
    assert.equal((await execute(linksCommand, [], { cwd: newFolder() })).code, 1)
  })

  it('prints no control characters of a title', async () => {
    const files = { [DINNER]: { title: 'Din\u001B[2Jner\u202E', audience: 'Mum' } }
    const folder = siteWith({ ...build(emptyLedger(), files).ledger, site: ledger.site })
    const { out } = await execute(linksCommand, [], { cwd: folder })
    assert.match(out, /Din \[2Jner/)
    assert.doesNotMatch(out, /[\u001B\u202E]/)
  })
})

describe('private-posts links --qr', () => {
  it('draws one code for each live link', async () => {
    const { ledger: revoked } = revokeLinks(ledger, { postId: DINNER, recipient: BOB }, NOW)
    const folder = siteWith(revoked)
    const { out } = await execute(linksCommand, [DINNER, '--qr', '--all'], { cwd: folder })
    const url = new URL(`https://alice.example/p/${tokenOf(ledger, DINNER, MUM)}/`)
    assert.ok(out.includes(drawQrCode(url, { inColour: false })))
    const gone = new URL(`https://alice.example/p/${tokenOf(ledger, DINNER, BOB)}/`)
    assert.ok(out.includes(gone.href))
    assert.ok(!out.includes(drawQrCode(gone, { inColour: false })))
  })

  it('draws it white on black in a terminal, and without colours into a file', async () => {
    const interactive = await execute(linksCommand, [OPEN, '--qr'], { cwd, isInteractive: true })
    assert.ok(interactive.out.includes('\u001B[40;97m'))
    assert.ok(!(await links(OPEN, '--qr')).out.includes('\u001B'))
  })

  it('draws the code of the URL, two modules to a character', () => {
    const url = new URL('https://alice.example/p/0123456789abcdefghjkmnpqrs/')
    const { data, size } = encode(url.href, { ecc: 'M', border: 2 })
    const drawn = drawQrCode(url, { inColour: false })
    const rows = drawn
      .split('\n')
      .flatMap((line) => [
        [...line].map((letter) => letter === ' ' || letter === '▄'),
        [...line].map((letter) => letter === ' ' || letter === '▀'),
      ])
    assert.deepEqual(rows.slice(0, size), data)
  })
})

describe('private-posts links, of a gated post', () => {
  const FILES_BEHIND_GATE = { [DINNER]: { ...FILES[DINNER], access: 'gate' } }
  const behindGate = (invitations: 'once' | number = 30) => ({
    ...build(emptyLedger(), FILES_BEHIND_GATE).ledger,
    site: { ...aliceLedger().site, invitations } as Ledger['site'],
  })

  it('gives whoever has a website the address, and everybody else an invitation', async () => {
    const gated = behindGate()
    const post = gated.posts[DINNER]
    const all = await rows([], { cwd: siteWith(gated) })
    const gate = `https://alice.example/private/${post?.gate}/`
    const invitations = all.map(
      ({ recipient }) =>
        `https://alice.example/invitation/${tokenOf(gated, DINNER, recipient ?? '')}`,
    )
    assert.deepEqual(
      all.map(({ recipient, url }) => [recipient, url]),
      [
        [BOB, gate],
        [MUM, invitations[1]],
        ['Aunt May', invitations[2]],
      ],
    )
    for (const [number, row] of all.entries()) {
      assert.equal(row.gate, gate)
      assert.equal(row.invitation, invitations[number])
      assert.equal(row.state, 'live')
    }
    assert.match(decodeURIComponent(all[1]?.mail ?? ''), /your own link.*\/invitation\//s)
    const open = await rows([DINNER])
    assert.deepEqual([open[0]?.gate, open[0]?.invitation], [null, null])
  })

  it('says until when an invitation works, and when it has worked', async () => {
    const cwd = siteWith(behindGate(7))
    const [bob, mum] = await rows([], { cwd })
    assert.equal(bob?.expires, null)
    assert.equal(mum?.expires, '2026-12-08T12:00:00.000Z')
    const [later, late] = await rows([], { cwd, now: new Date('2026-12-09') })
    assert.deepEqual([later?.state, late?.state], ['live', 'expired'])
    const once = await rows([], { cwd: siteWith(behindGate('once')), now: new Date('2027-12-09') })
    assert.deepEqual(
      once.map(({ state, expires }) => [state, expires]),
      once.map(() => ['live', null]),
    )
    assert.match(decodeURIComponent(once[1]?.mail ?? ''), /works once/)
  })

  it('prints both for people, and draws what each recipient opens', async () => {
    const gated = behindGate()
    const { out } = await execute(linksCommand, ['--qr'], { cwd: siteWith(gated) })
    assert.match(
      out,
      /bob\.example\/ · live\n {4}https:\/\/alice\.example\/private\/\w{12}\/\n {4}signs in/,
    )
    assert.match(
      out,
      /mum@example\.com · live until 2026-12-31 12:00 UTC\n {4}\S+\/invitation\/\w{26}\n/,
    )
    const mums = new URL(`https://alice.example/invitation/${tokenOf(gated, DINNER, MUM)}`)
    assert.ok(out.includes(drawQrCode(mums, { inColour: false })))
  })
})

describe('mailLink()', () => {
  const url = new URL('https://alice.example/p/0123456789abcdefghjkmnpqrs/')

  it('is percent-encoded, with CRLF between the lines', () => {
    const link = mailLink('mailto:mum+us@example.com', "It's 50 % & more?", url) ?? ''
    assert.match(
      link,
      /^mailto:mum%2Bus@example\.com\?subject=It%27s%2050%20%25%20%26%20more%3F&body=[^ "'<>()]+$/,
    )
    const { searchParams } = new URL(link)
    assert.equal(searchParams.get('subject'), "It's 50 % & more?")
    assert.ok(searchParams.get('body')?.split('\r\n').includes(url.href))
    assert.ok(link.includes('%0D%0A') && !/(?<!%0D)%0A/.test(link))
  })

  it('has a subject for a post without a title, and none for whoever has no address', () => {
    assert.match(mailLink(MUM, undefined, url) ?? '', /\?subject=A%20private%20post&/)
    assert.equal(mailLink(BOB, 'Dinner', url), undefined)
    assert.equal(mailLink('Aunt May', 'Dinner', url), undefined)
    assert.equal(mailLink(null, 'Dinner', url), undefined)
  })
})
