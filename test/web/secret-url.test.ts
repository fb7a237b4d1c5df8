import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isSecretUrl, quotesSecretUrl, secretParts } from '../../lib/web/secret-url.ts'

/** By the forms of tokens, and by the services that hand such links out. */
const SECRETS = [
  'https://alice.example.com/message/74809250de2401300d0714109feae54c.html',
  'https://alice.example.com/message/73ZE9ngcTj4LUCUUjQQ8j8.html',
  'https://alice.example.com/message?key=74809250de2401300d0714109feae54c',
  'https://bob.example/private/rrdc2x6afd5b/',
  'https://bob.example/private/rrdc2x6afd5b',
  'https://alice2.example/p/4jkq7wm2x9ab4jkq7wm2x9ab12/',
  'https://alice2.example/p/4JKQ7WM2X9AB4JKQ7WM2X9AB12/',
  'https://alice2.example/p/4jkq7wm2x9ab4jkq7wm2x9ab12/photo.jpg',
  'https://bob.example/3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  'https://bob.example/notes/3F2504E0-4F89-41D3-9A0C-0305E82C3301.php',
  'https://bob.example/m/01ARZ3NDEKTSV4RRFFQ69G5FAV',
  'https://bob.example/V1StGXR8_Z5jdHi6B-myT',
  'https://bob.example/s/dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk/reply',
  'https://bob.example/p?id=V1StGXR8_Z5jdHi6B-myT',
  'https://bob.example/p?p=73ZE9ngcTj4LUCUUjQQ8j8',
  'https://bob.example/?token=abcd1234efgh5678',
  'https://bob.example/post#key=73ZE9ngcTj4LUCUUjQQ8j8',
  'https://bob.example/post#74809250de2401300d0714109feae54c',
  'https://bob.example/da39a3ee5e6b4b0d3255bfef95601890afd80709',
  'https://bob.example/e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855.json',
  'https://docs.google.com/document/d/1U1RGAehQwRypUTovF1KRlpiOFze0b-_2gc6fAH0KY0k/edit',
  'https://drive.google.com/file/d/1bDxNH8zOe2mVcW5tOq5VqvYJ3z6qX1aB/view?usp=sharing',
  'https://www.dropbox.com/s/a1b2c3d4e5f6g7h/photo.jpg?dl=0',
  'https://www.dropbox.com/scl/fi/x1y2z3a4b5c6d7e8f9g0h/notes.pdf?rlkey=abcdefghij1234567890klmno&dl=0',
  'https://bucket.s3.amazonaws.com/report.pdf?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Signature=fe5f80f77d5fa3beca038a248ff027d0445342fe2855ddc963176630326f1024',
  'https://x.blob.core.windows.net/c/f.pdf?sv=2020-08-04&se=2026-01-01&sr=b&sp=r&sig=Z8%2Bq0w3c6%2FxyQmV7l2nYtGq1sJ4kRb9dEhPzTfUoWnA%3D',
  'https://cloud.example/index.php/s/q7WmX9aBcD2eFgH',
  'https://calendar.google.com/calendar/ical/alice%40gmail.com/private-0123456789abcdef0123456789abcdef/basic.ics',
  'https://web.archive.org/web/2026/https://alice2.example/p/4jkq7wm2x9ab4jkq7wm2x9ab12/',
  'https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Falice2.example%2Fp%2F4jkq7wm2x9ab4jkq7wm2x9ab12%2F',
  'https://bob.example/cjld2cjxh0000qzrmn831i7rn',
  'https://raw.githubusercontent.com/a/b/main/secret.md?token=GHSAT0AAAAAACEXAMPLE7Q2W5R8T1Y4',
  'webcal://cal.example/74809250de2401300d0714109feae54c.ics',
  'https://chat.whatsapp.com/Kq3WmX9aBcD2eFgH5jLnPr',
  'https://bob.example/p/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U',
  'https://bob.example/p/ABCDEFGHJKMNPQRSTVWXYZABCD/',
  'https://bob.example/w/4jkq7wm2x9ab4jkq7wm2x9ab12/',
  'https://Bob:V1StGXR8_Z5jdHi6B-myT@bob.example/',
  'https://alice.example/share?u=https://bob.example/m/74809250de2401300d0714109feae54c',
  'https://bob.example/a-dinner-3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b/',
  'https://bob.example/a-dinner_3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b',
  'https://bob.example/3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b-a-dinner/',
  'https://bob.example/dinner.3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b.html',
  'https://bob.example/a-dinner-4jkq7wm2x9ab4jkq7wm2x9ab12/',
  'https://bob.example/a-dinner-73ZE9ngcTj4LUCUUjQQ8j8',
  'https://4jkq7wm2x9ab4jkq7wm2x9ab12.example/',
  'https://4jkq7wm2x9ab4jkq7wm2x9ab12.bob.example/dinner/',
  'https://74809250de2401300d0714109feae54c.bob.example/',
  'https://3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b.bob.example/',
  'https://bob.example/dinner#key=4jkq7wm2',
  'https://bob.example/dinner#k=V1StGXR8Z5jdHi6B',
  'https://bob.example/dinner?k=4jkq7wm2x9ab',
  'https://bob.example/dinner?t=V1StGXR8Z5jdHi6B',
  'https://bob.example/dinner?token=8f3a9c2b',
  'https://bob.example/dinner?share=8f3a9c2bd1e4',
  'https://bob.example/dinner?accessToken=8f3a9c2bd1e4f5a6',
  'https://bob:hunter2@bob.example/dinner',
  'https://V1StGXR8_Z5jdHi6B-myT@bob.example/dinner',
  'https://4jkq7wm2x9ab4jkq7wm2x9ab12@bob.example/',
  'https://drive.proton.me/urls/ABCDEFGHJK#aBcDeFgHiJkL',
  'https://www.icloud.com/sharedalbum/#B0aBcDeFgHiJkL',
  'https://app.box.com/s/q7wmx9abcd2efgh5jlnprkq3wmx9abcd',
  'https://mega.nz/file/aBcDeFgH#V1StGXR8_Z5jdHi6B-myTV1StGXR8_Z5jdHi6B-myTA',
]

/** What looks like one, and is what everybody may know. */
const PUBLIC = [
  'https://bob.example/2026/12/24/dinner/',
  'https://bob.example/my-very-long-post-title-about-something-2024',
  'https://bob.example/posts/how-to-bake-a-christmas-cake-in-2026',
  'https://bob.example/internationalization-considerations',
  'https://bob.example/private/notes-on-gardening/',
  'https://bob.example/private/departements/',
  'https://bob.example/private/202412241530/',
  'https://www.youtube.com/watch?v=dQw4w9WgXcQ',
  'https://www.youtube.com/playlist?list=PLillGF-RfqbYE6Ik_EuXA2iZFcE082B3s',
  'https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ',
  'https://youtube.com/channel/UCQPYJluYC_sn_Qz_XE-YbTQ',
  'https://github.com/11ty/eleventy/commit/c9595d8f42752fa72c66991c71f281ea960840c9',
  'https://gist.github.com/alice/253f31eb5abc3d9275ab943003ffecad',
  'https://git.example/alice/site/commit/c9595d8f42752fa72c66991c71f281ea960840c9',
  'https://git.kernel.org/pub/scm/linux.git/commit/?id=c9595d8f42752fa72c66991c71f281ea960840c9',
  'https://doi.org/10.1016/S0140-6736(20)30183-5',
  'https://mastodon.social/@alice/112345678901234567',
  'https://medium.com/@alice/what-i-learned-about-gardening-3f2a9c4d5e6f',
  'https://blog.bob.example/what-i-learned-about-gardening-3f2a9c4d5e6f',
  'https://bob.example/assets/index-3f2a9c4d5e6f7a8b9c0d1e2f3a4b5c6d.css',
  'https://cdn.example/img/74809250de2401300d0714109feae54c-600.webp',
  'https://images.unsplash.com/photo-1501785888041-af3ef285b470?ixid=MnwxMjA3fDB8MHxwaG90by1wYWdlfHx8fGVufDB8fHx8&auto=format',
  'https://i.imgur.com/aBcDeFg.jpg',
  'https://registry.npmjs.org/@11ty/eleventy/-/eleventy-3.1.7.tgz',
  'https://files.pythonhosted.org/packages/ab/cd/0123456789abcdef0123456789abcdef0123456789abcdef0123456789ab/x-1.0.tar.gz',
  'https://api.example.com/users/123e4567-e89b-12d3-a456-426614174000',
  'https://api.example.com/users/00000000-0000-0000-0000-000000000000',
  'https://www.ft.com/content/0f9b7a52-2c4e-4f59-9a8a-2f6d1f0b1c9e',
  'https://podcast.example/episode/0f9b7a52-2c4e-4f59-9a8a-2f6d1f0b1c9e',
  'https://www.airbnb.com/rooms/12345678?source_impression_id=p3_1700000000_abcdEFGH12345678',
  'https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC?si=0123456789abcdef0123456789abcdef',
  'https://open.spotify.com/embed/episode/4uLU6hMCjMI75M1A2tKUQC',
  'https://www.figma.com/file/LKQ4FJ4bTnCSjedbRpk931/Sample-File?node-id=0%3A1',
  'https://fonts.gstatic.com/s/roboto/v30/KFOmCnqEu92Fr1Mu4mxKKTU1Kg.woff2',
  'https://fonts.googleapis.com/css2?family=Inter:wght@400;700&display=swap',
  'https://codepen.io/alice/pen/abcdEFG',
  'https://www.amazon.de/dp/B08N5WRWNW/ref=sr_1_1?crid=3QJ5X2Y7Z8A9B&pd_rd_r=3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  'https://web.archive.org/web/20240101120000/https://example.com/a-page',
  'https://en.wikipedia.org/wiki/Capability-based_security#References',
  'https://www.npmjs.com/package/eleventy-plugin-private-posts',
  'https://webmention.io/alice.example/webmention',
  'https://brid.gy/publish/mastodon',
  'https://www.gravatar.com/avatar/74809250de2401300d0714109feae54c?s=80',
  'https://bob.example/isbn/9783161484100',
  'https://bob.example/What-I-Learned-From-Ten-Years-Of-Writing-2026',
  'https://bob.example/HowToWriteAGoodCommitMessage2024',
  'https://bob.example/2026-11-21T12-00-00Z-note',
  'https://docs.google.com/forms/d/e/1FAIpQLSfI8b4fXo2cQ3LkzN0sGmH5Rj7VtYwPqA6uBdEc9TnZxKvMhg/viewform',
  'https://calendar.google.com/calendar/ical/c_1888abcdef0123456789%40group.calendar.google.com/public/basic.ics',
  'https://keyoxide.org/9f0048ac0b23301e1f77e994909f6bd6f80f485d',
  'https://bsky.app/profile/did:plc:z72i7hdynmk6r22z27h6tvur/post/3l6oveex3ii2l',
  'https://lore.kernel.org/lkml/CAHk-=wjLy+0zZ8kQyd3Lx2sVbR5tN7mP9q@mail.gmail.com/',
  'https://etherscan.io/tx/0x5c504ed432cb51138bcf09aa5e8a410dd4a1e204ef84bfed1be16dfba1b22060',
  'https://ipfs.io/ipfs/QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWKPbdG',
  'https://app.netlify.com/badges/3f2504e0-4f89-41d3-9a0c-0305e82c3301/deploy-status',
  'https://api.netlify.com/api/v1/badges/3f2504e0-4f89-41d3-9a0c-0305e82c3301/deploy-status',
  'https://img.shields.io/npm/v/eleventy-plugin-private-posts.svg',
  'https://tilvids.example/videos/watch/3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  'https://bob.example/article?utm_source=newsletter&fbclid=IwAR0abcDEF123ghiJKL456mnoPQR789stuVWX012yzA',
  'https://de.example/%C3%BCber-die-unm%C3%B6glichkeit-des-schreibens/',
  'https://bob.example/ksi%C4%85%C5%BCki-kt%C3%B3re-przeczyta%C5%82em-w-2024-roku',
  'https://bob.example/donaudampfschifffahrtsgesellschaftskapitaen',
  'https://bob.example/#:~:text=a%20very%20long%20text%20fragment',
  'https://developer.mozilla.org/en-US/docs/Web/API/Document/getElementsByClassName',
  'https://learn.microsoft.com/en-us/windows/win32/api/winuser/nf-winuser-createwindowexa',
  'https://www.reddit.com/r/IndieWeb/comments/1abcd2e/how_do_you_do_private_posts/',
  'https://news.ycombinator.com/item?id=38000000',
  'https://orcid.org/0000-0002-1825-0097',
  'https://arxiv.org/abs/2401.12345v2',
  'https://bob.example/covid19-vaccine-mrna1273-phase3-trial-n30000',
  'https://bob.example/ubuntu-22-04-lts-python3-10-x86-64-gcc12-cuda11-8',
  'https://maps.googleapis.com/maps/api/js?key=AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY',
  'https://bob.example/search?q=how+to+write+a+very+long+query+about+things',
  'https://bob.example/?s=internationalization',
  'https://play.rust-lang.org/?version=stable&gist=74809250de2401300d0714109feae54c',
  'https://unpkg.com/htmx.org@1.9.10',
  'https://scripts.example/analytics.js?id=74809250de2401300d0714109feae54c',
  'https://bob.example/commit/3f786850e387550fdab8',
  'https://bob.example/feed.xml',
  'https://bob.example/',
  'https://bob.example/w/4Y5MwV9qPsDbRhcXkTfZ2u',
  'https://docs.example/api/group__API.html#ga060f0038a4ddfd5dd2b8fadf3c3a2e4f',
  'https://bob.example/status/1861234567890123456',
  'https://bob.example/assets/a-dinner-3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b.jpg',
  'https://bob.example/products/a-dinner-3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b',
  'https://bob.example/blog/post-550e8400-e29b-41d4-a716-446655440000',
  'https://65f1a2b3c4d5e6f7a8b9c0d1--my-site.netlify.app/',
  'https://a1b2c3d4.my-site.pages.dev/',
  'https://my-site-git-main-alice-and-bob.vercel.app/',
  'https://donaudampfschifffahrtsgesellschaft.example/',
  'https://llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch.co.uk/',
  'https://pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion/',
  'https://bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi.ipfs.dweb.link/',
  'https://74809250de2401300d0714109feae54c.cdn.example/main.css',
  'https://3f2b8c1e5d4a4e6f9a8b7c6d5e4f3a2b@o123456.ingest.sentry.io/1234567',
  'https://alice@bob.example/',
  'https://user:pass@bob.example/',
  'https://user:password1@bob.example/',
  'https://ftp:anonymous@bob.example/',
  'https://bob.example/?k=gardening-for-beginners',
  'https://bob.example/?t=1234567890123456',
  'https://bob.example/?s=gardening-for-beginners-2026',
  'https://bob.example/?token=YOUR_TOKEN_HERE',
  'https://bob.example/?api_key=xxxxxxxxxxxxxxxx',
  'https://bob.example/?share=facebook&key=value&auth=required',
  'https://bob.example/?invite=newsletter-2026',
  'https://codecov.io/gh/nodejs/undici/branch/main/graph/badge.svg?token=yZL6LtXkOA',
  'https://musicbrainz.org/release/3f2b8c1e-5d4a-4e6f-9a8b-7c6d5e4f3a2b',
  'https://bob.example/#introduction-to-gardening-for-beginners',
  'https://www.openstreetmap.org/#map=17/52.5200/13.4050',
  'mailto:alice@alice.example',
  'urn:uuid:3f2504e0-4f89-41d3-9a0c-0305e82c3301',
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAABgAAAAYCAYAAADgdz34',
]

const LOWER = 'abcdefghijklmnopqrstuvwxyz'
const UPPER = LOWER.toUpperCase()
const DIGITS = '0123456789'

/** Alphabet and length of what software draws at random. */
const FORMS: readonly [name: string, alphabet: string, length: number][] = [
  ['our own', '0123456789abcdefghjkmnpqrstvwxyz', 26],
  ['ULID', '0123456789ABCDEFGHJKMNPQRSTVWXYZ', 26],
  ['hexadecimal', '0123456789abcdef', 32],
  ['hexadecimal in capitals', '0123456789ABCDEF', 40],
  ['SHA-256', '0123456789abcdef', 64],
  ['NewBase60', `${DIGITS}${UPPER.replace(/[IO]/g, '')}_${LOWER.replace('l', '')}`, 22],
  ['base62', DIGITS + UPPER + LOWER, 22],
  ['base64url', `${DIGITS}${UPPER}${LOWER}-_`, 22],
  ['nanoid', `${DIGITS}${UPPER}${LOWER}-_`, 21],
  ['base36', DIGITS + LOWER, 25],
  ['base32', `${LOWER}234567`, 26],
]

/** The same numbers each time: xorshift. */
function createRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}

describe('isSecretUrl()', () => {
  assert.ok(SECRETS.length >= 30 && PUBLIC.length >= 60)
  for (const url of SECRETS) {
    it(`takes ${url}`, () => assert.equal(isSecretUrl(new URL(url)), true))
  }
  for (const url of PUBLIC) {
    it(`leaves ${url}`, () => assert.equal(isSecretUrl(new URL(url)), false))
  }

  for (const [name, alphabet, length] of FORMS) {
    it(`misses at most one in 200 of ${name}`, () => {
      const random = createRandom(length + alphabet.length)
      const draw = () =>
        Array.from({ length }, () => alphabet.charAt(random(alphabet.length))).join('')
      const urls = Array.from({ length: 2000 }, () => new URL(`https://bob.example/m/${draw()}`))
      const missed = urls.filter((url) => !isSecretUrl(url))
      assert.ok(missed.length <= 10, `${missed.length}, such as ${missed[0]}`)
    })
  }

  it('knows the gate of a site wherever it lies, and what a site knows besides', () => {
    const gated = new URL('https://bob.example/geheim/rrdc2x6afd5b/')
    assert.equal(isSecretUrl(gated), false)
    assert.equal(isSecretUrl(gated, { gatePrefixes: ['/geheim/'] }), true)
    assert.equal(
      isSecretUrl(new URL('https://bob.example/geheim/departements/'), {
        gatePrefixes: ['/geheim/'],
      }),
      false,
    )

    const dinner = new URL('https://bob.example/dinner')
    assert.equal(isSecretUrl(dinner, { isKnown: ({ href }) => href === dinner.href }), true)
    assert.equal(isSecretUrl(dinner, { isKnown: () => false }), false)
  })
})

describe('secretParts()', () => {
  it('names what has to be cut out, as it stands in the URL', () => {
    const parts = (url: string) => secretParts(new URL(url))
    assert.deepEqual(parts('https://bob.example/m/74809250de2401300d0714109feae54c.html?page=2'), [
      '74809250de2401300d0714109feae54c.html',
    ])
    assert.deepEqual(parts('https://bob.example/m?a=1&key=73ZE9ngcTj4LUCUUjQQ8j8#top'), [
      '73ZE9ngcTj4LUCUUjQQ8j8',
    ])
    assert.deepEqual(parts('https://bob.example/private/rrdc2x6afd5b/'), ['rrdc2x6afd5b'])
    assert.deepEqual(parts('https://bob.example/dinner'), [])
  })
})

describe('quotesSecretUrl()', () => {
  const secret = 'https://bob.example/p/0123456789abcdefghjkmnpqrs/'

  it('looks at each value of a list, and of a cited post as microformats have it', () => {
    assert.equal(quotesSecretUrl(['https://bob.example/', secret]), true)
    assert.equal(quotesSecretUrl({ type: ['h-cite'], properties: { url: [secret] } }), true)
    assert.equal(quotesSecretUrl(new URL(secret)), true)
    assert.equal(quotesSecretUrl(['https://bob.example/', 'no address']), false)
    assert.equal(quotesSecretUrl({ properties: { url: ['https://bob.example/'] } }), false)
    assert.equal(quotesSecretUrl(undefined), false)
  })
})
