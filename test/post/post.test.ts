import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readPost, type PostRules, type PrivatePost } from '../../lib/post/post.ts'
import type { FrontMatter } from '../../lib/post/visibility.ts'
import { ConfigurationError } from '../../lib/web/errors.ts'

const CAPABILITY = 'https://bob.example/p/0123456789abcdefghjkmnpqrs/'
const ME = 'https://alice.example/'
const RULES: PostRules = {
  me: new URL(ME),
  groups: { family: ['https://bob.example/', 'mailto:mum@example.com'] },
  isNamedPrivate: (path) => path.startsWith('private/'),
}

const read = (data: FrontMatter, path = 'posts/dinner.md') => readPost(path, data, RULES)
const privatePost = (data: FrontMatter): PrivatePost => {
  const post = read({ visibility: 'private', ...data })
  assert.ok(post)
  return post
}
const ids = ({ recipients }: PrivatePost) => recipients.map(({ id }) => id)

describe('readPost()', () => {
  it('is nothing for a public post', () => {
    assert.equal(read({ title: 'Hello' }), undefined)
    assert.equal(read({ visibility: 'public' }), undefined)
  })

  it('reads all that an author can say', () => {
    const post = read({
      title: 'Dinner',
      id: ' dinner ',
      tags: 'food, surprise',
      visibility: 'private',
      audience: ['family', 'Aunt May'],
      access: 'gate',
      expires: '2026-12-24',
      showAudience: true,
    })
    assert.equal(post?.path, 'posts/dinner.md')
    assert.equal(post?.id, 'dinner')
    assert.equal(post?.title, 'Dinner')
    assert.deepEqual(post?.tags, ['food', 'surprise'])
    assert.equal(post?.visibility, 'private')
    assert.equal(post?.access, 'gate')
    assert.deepEqual(post && ids(post), [
      'https://bob.example/',
      'mailto:mum@example.com',
      'Aunt May',
    ])
    assert.equal(post?.expires?.toISOString(), '2026-12-25T00:00:00.000Z')
    assert.equal(post?.showAudience, true)
  })

  it('shows each recipient only themselves, and gives a link, unless the author says otherwise', () => {
    const post = privatePost({ audience: 'Mum' })
    assert.equal(post.showAudience, false)
    assert.equal(post.access, 'link')
    assert.equal(post.expires, undefined)
    assert.equal(post.id, undefined)
  })

  it('is for the owner alone when a private post names nobody, and for whom it names otherwise', () => {
    for (const audience of [undefined, null, '', ' ', [], [''], [null]]) {
      const post = privatePost({ audience })
      assert.deepEqual(ids(post), [ME])
      assert.equal(post.isOnlyMe, true)
    }
    for (const recipients of [null, '', ' , ', []]) {
      assert.deepEqual(read({ recipients })?.recipients[0]?.id, ME)
    }
    assert.deepEqual(read({}, 'private/dinner.md')?.isOnlyMe, true)
    assert.deepEqual(read({ private: true })?.isOnlyMe, true)
    assert.equal(read({ audience: 'Mum' }, 'private/dinner.md')?.isOnlyMe, undefined)
  })

  it('reads recipients as audience: a list, or one text with spaces or commas', () => {
    const rows: readonly [recipients: unknown, ids: readonly string[]][] = [
      ['https://bob.example/', ['https://bob.example/']],
      [
        ['https://bob.example/', 'Mum'],
        ['https://bob.example/', 'Mum'],
      ],
      [
        'https://bob.example/ https://eve.example',
        ['https://bob.example/', 'https://eve.example/'],
      ],
      ['family', ['https://bob.example/', 'mailto:mum@example.com']],
      ['mailto:mum@example.com bob@chat.example', ['mailto:mum@example.com', 'bob@chat.example']],
      ['Mum, Aunt May; Dad', ['Mum', 'Aunt May', 'Dad']],
      [['Aunt May'], ['Aunt May']],
      ['Mum', ['Mum']],
      ['Mum mailto:dad@example.com', ['Mum', 'mailto:dad@example.com']],
    ]
    for (const [recipients, expected] of rows) {
      const post = read({ recipients })
      assert.deepEqual(post && ids(post), expected)
    }
    for (const recipients of ['Mum Dad', 'Aunt May', 'Mum Dad, Carol Ann https://bob.example/']) {
      assert.throws(() => read({ recipients }), /one reader or several\. To do: write a list/)
    }
    assert.throws(() => read({ audience: 'Mum Dad' }), /several in one/)
    assert.deepEqual(ids(read({ audience: 'Aunt May' })!), ['Aunt May'])
    assert.equal(read({ recipients: 'public' }), undefined)
    assert.equal(read({ recipients: ['public'] }), undefined)
    assert.throws(() => read({ recipients: 'famly' }), /no group of this name/)
    assert.throws(() => read({ recipients: 'Mum', audience: 'Mum' }), /are the same.*To do: /)
    assert.throws(() => read({ recipients: 'Mum', visibility: 'public' }), /names an audience/)
  })

  it('names nobody in an unlisted post', () => {
    assert.deepEqual(read({ visibility: 'unlisted' })?.recipients, [])
    assert.throws(() => read({ visibility: 'unlisted', audience: 'Mum' }), /names nobody/)
  })

  it('takes a number as id, and refuses an id that no document can hold', () => {
    assert.equal(privatePost({ audience: 'Mum', id: 7 }).id, '7')
    assert.equal(privatePost({ audience: 'Mum', id: 'toString' }).id, 'toString')
    for (const id of ['', '  ', [], true, '__proto__', 'constructor', 'prototype']) {
      assert.throws(() => privatePost({ audience: 'Mum', id }), /posts\/dinner\.md: id: /)
    }
  })

  it('takes only yes and no for showAudience', () => {
    assert.equal(privatePost({ audience: 'Mum', showAudience: false }).showAudience, false)
    for (const showAudience of ['yes', 1, []]) {
      assert.throws(() => privatePost({ audience: 'Mum', showAudience }), /neither yes nor no/)
    }
  })

  it('refuses a slip of the pen that would leave a private post open', () => {
    assert.throws(() => privatePost({ audience: 'Mum', expire: '2026-12-24' }), /write "expires"/)
    assert.throws(() => privatePost({ audience: 'Mum', acces: 'gate' }), /write "access"/)
    assert.ok(privatePost({ audience: 'Mum', process: 'slow', address: 'Main Street 1' }))
  })

  it('leaves the same words alone in a public post', () => {
    assert.equal(read({ expire: '2026-12-24' }), undefined)
  })

  it('names the path, the key, the value and the remedy in every error', () => {
    for (const data of [
      { visibility: 'privat' },
      { audience: 'famly' },
      { audience: 'Mum', expires: 'soon' },
    ]) {
      assert.throws(
        () => read(data),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          /^posts\/dinner\.md: \w+: ".*": .+\. To do: .+\.$/.test(error.message),
      )
    }
  })
})

describe('readPost(): inReplyTo', () => {
  const inReplyTo = 'https://bob.example/2026/hello/'

  it('makes the author of the parent a recipient', () => {
    const post = privatePost({ inReplyTo })
    assert.deepEqual(ids(post), ['https://bob.example/'])
    assert.equal(post.impliedRecipient?.id, 'https://bob.example/')
    assert.equal(post.inReplyTo?.href, inReplyTo)
  })

  it('adds them to those who are named', () => {
    assert.deepEqual(ids(privatePost({ inReplyTo, audience: 'Mum' })), [
      'Mum',
      'https://bob.example/',
    ])
  })

  it('does not name them twice', () => {
    const post = privatePost({ inReplyTo, audience: 'https://bob.example/me' })
    assert.deepEqual(ids(post), ['https://bob.example/me'])
    assert.equal(post.impliedRecipient, undefined)
  })

  it('knows the author by an address at the host of the parent', () => {
    const post = privatePost({ inReplyTo, audience: 'bob@bob.example' })
    assert.deepEqual(ids(post), ['bob@bob.example'])
    assert.equal(post.impliedRecipient, undefined)

    const friend = privatePost({ inReplyTo, audience: 'bob@chat.example' })
    assert.deepEqual(ids(friend), ['bob@chat.example', 'https://bob.example/'])
    assert.equal(friend.impliedRecipient?.id, 'https://bob.example/')
  })

  for (const [audience, recipients] of [
    ['bob@bob.example', { 'bob@bob.example': { profile: 'https://rob.example/' } }],
    ['bob@chat.example', { 'bob@chat.example': { profile: 'https://bob.example/' } }],
    ['https://rob.example/', { 'https://rob.example/': { address: 'bob@bob.example' } }],
  ] as const) {
    it(`knows the author as ${audience} by what the options say of them`, () => {
      const data = { visibility: 'private', inReplyTo, audience }
      const post = readPost('posts/dinner.md', data, { ...RULES, recipients })
      assert.deepEqual(post && ids(post), [audience])
    })
  }

  it('adds nobody to an unlisted post', () => {
    const post = read({ visibility: 'unlisted', inReplyTo })
    assert.deepEqual(post?.recipients, [])
    assert.equal(post?.inReplyTo?.href, inReplyTo)
  })

  it('does not take a name and password from the address into the recipient', () => {
    const post = privatePost({ inReplyTo: 'https://reader:pw@bob.example/hello/' })
    assert.deepEqual(ids(post), ['https://bob.example/'])
    assert.equal(post.impliedRecipient?.url?.password, '')
  })

  it('takes a list of one', () => {
    assert.deepEqual(ids(privatePost({ inReplyTo: [inReplyTo] })), ['https://bob.example/'])
  })

  it('makes a reply to a capability URL private, for the author of the parent', () => {
    const post = read({ inReplyTo: CAPABILITY })
    assert.equal(post?.visibility, 'private')
    assert.deepEqual(post && ids(post), ['https://bob.example/'])
  })

  it('refuses a public reply to a capability URL, without quoting it', () => {
    for (const reply of [CAPABILITY, [CAPABILITY], ['https://bob.example/', CAPABILITY]]) {
      assert.throws(
        () => read({ visibility: 'public', inReplyTo: reply }),
        (error: unknown) =>
          error instanceof ConfigurationError &&
          error.message.includes('inReplyTo: "(a capability URL)"') &&
          !error.message.includes('0123456789abcdefghjkmnpqrs'),
      )
    }
    assert.equal(read({ visibility: 'public', inReplyTo }), undefined)
  })

  it('refuses in a private post what is no address, and quotes no secret', () => {
    for (const reply of ['bob.example', 'mailto:bob@bob.example', 7, [], [inReplyTo, inReplyTo]]) {
      assert.throws(
        () => privatePost({ inReplyTo: reply, audience: 'Mum' }),
        /not the address of a post/,
      )
    }
    assert.throws(
      () => privatePost({ inReplyTo: [CAPABILITY, CAPABILITY], audience: 'Mum' }),
      (error: Error) => !error.message.includes('0123456789abcdefghjkmnpqrs'),
    )
  })

  it('refuses an address that a list has cut short', () => {
    for (const reply of ['https://bob.example/p/64q9…/', ['fmtp:1…@mail.example']]) {
      assert.throws(
        () => privatePost({ inReplyTo: reply, audience: 'Mum' }),
        /inReplyTo: .*cut short.*To do: .*inbox show"\.$/,
      )
    }
  })

  it('does not judge what a public post replies to', () => {
    assert.equal(read({ inReplyTo: 'see below' }), undefined)
  })
})

describe('readPost(): inReplyTo a message', () => {
  const rows: readonly [reference: string, author: string][] = [
    ['fmtp:1239583738491.lost@lenore.org', 'lost@lenore.org'],
    ['fmtp:1.john.smith@Mail.Example', 'john.smith@mail.example'],
    ['FMTP:1.bob@mail.example', 'bob@mail.example'],
    ['intertalk:bob@chat.example/5f2c', 'bob@chat.example'],
    ['intertalk:bob@bob.localhost:8380/a/b', 'bob@bob.localhost:8380'],
  ]
  for (const [inReplyTo, author] of rows) {
    it(`is for ${author}, who wrote ${inReplyTo}`, () => {
      const post = privatePost({ inReplyTo })
      assert.deepEqual(post.recipients, [{ id: author, kind: 'address', name: author }])
      assert.equal(post.impliedRecipient?.id, author)
      assert.equal(post.inReplyTo?.href.toLowerCase(), inReplyTo.toLowerCase())
    })
  }

  it('does not name its author twice, however they are spelled or known', () => {
    const inReplyTo = 'intertalk:bob@chat.example/5f2c'
    assert.deepEqual(ids(privatePost({ inReplyTo, audience: 'BOB@chat.example' })), [
      'BOB@chat.example',
    ])
    const post = readPost(
      'posts/dinner.md',
      { visibility: 'private', inReplyTo, audience: 'https://bob.example/' },
      { ...RULES, recipients: { 'https://bob.example/': { address: 'Bob@chat.example' } } },
    )
    assert.deepEqual(post && ids(post), ['https://bob.example/'])
    assert.equal(post?.impliedRecipient, undefined)
  })

  it('names its author beside others', () => {
    const post = privatePost({ inReplyTo: 'fmtp:1.bob@mail.example', audience: 'Mum' })
    assert.deepEqual(ids(post), ['Mum', 'bob@mail.example'])
  })

  it('wants the audience named where the message does not say whose it is', () => {
    const inReplyTo = 'pm:0123456789abcdef.xxxxxxx'
    assert.throws(
      () => privatePost({ inReplyTo }),
      (error: Error) =>
        /^posts\/dinner\.md: inReplyTo: .*does not say who wrote.*To do: name its author under "audience"\.$/.test(
          error.message,
        ) && !error.message.includes('xxxxxxx'),
    )
    const post = privatePost({ inReplyTo, audience: 'https://bob.example/' })
    assert.deepEqual(ids(post), ['https://bob.example/'])
    assert.equal(post.inReplyTo?.href, inReplyTo)
    assert.equal(post.impliedRecipient, undefined)
  })

  it('makes the answer private, even if nothing else does', () => {
    const post = read({ inReplyTo: 'fmtp:1.bob@mail.example' })
    assert.equal(post?.visibility, 'private')
    assert.deepEqual(post && ids(post), ['bob@mail.example'])
  })

  it('refuses it in public, and in what has no reader with a name', () => {
    for (const inReplyTo of [
      'fmtp:1.bob@mail.example',
      ['pm:xxxxxxx'],
      'intertalk:b@c.example/1',
    ]) {
      for (const visibility of ['public', 'unlisted']) {
        assert.throws(
          () => read({ visibility, inReplyTo }),
          /posts\/dinner\.md: inReplyTo: "\(a private message\)": .*To do: write "visibility: private"/,
        )
      }
      assert.ok(read({ visibility: 'private', inReplyTo, audience: 'Mum' }))
    }
  })

  it('refuses what names no message', () => {
    for (const inReplyTo of [
      'fmtp:',
      'fmtp:bob@mail.example',
      'fmtp:1.bob',
      'fmtp:1.@mail.example',
      'fmtp:1.bob@mail',
      'intertalk:bob@chat.example',
      'intertalk:bob@chat.example/',
      'intertalk:chat.example/1',
      'pm:',
      'pm:a b',
      `pm:${'x'.repeat(700)}`,
      'acct:bob@chat.example',
      ['fmtp:1.bob@mail.example', 'fmtp:2.bob@mail.example'],
    ]) {
      assert.throws(
        () => privatePost({ inReplyTo, audience: 'Mum' }),
        /posts\/dinner\.md: inReplyTo: .*what your inbox calls the message/,
        String(inReplyTo),
      )
    }
  })

  it('gives each recipient the profile that the options know of them', () => {
    const post = readPost(
      'posts/dinner.md',
      { visibility: 'private', audience: ['bob@chat.example', 'Mum', 'https://carol.example/'] },
      {
        ...RULES,
        recipients: {
          'bob@chat.example': { profile: 'https://bob.example/' },
          'https://carol.example/': { profile: 'https://eve.example/' },
        },
      },
    )
    assert.deepEqual(
      post?.recipients.map(({ url }) => url?.href),
      ['https://bob.example/', undefined, 'https://carol.example/'],
    )
  })
})
