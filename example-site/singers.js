/** Those who sing with Alice and Bob. Each of them is told in another way: `protocol` is the only one they speak. */
export default {
  dora: {
    name: 'Dora Quill',
    note: 'Soprano, and the one with the key to the hall. I write letters, on paper when I can.',
    protocol: 'rel-pm',
    how: 'My page says where I take private messages: <code>rel=pm</code>.',
    colour: '#7c3b5e',
    answer:
      'I can do the fourth, and I will bring the lanterns. Please not “In the Bleak” in E flat again.',
  },
  emil: {
    name: 'Emil Sand',
    note: 'Bass. I repair radios, and I would rather chat than write.',
    protocol: 'intertalk',
    how: 'My server is an intertalk provider: it gives its keys at <a href="/keys">/keys</a>.',
    colour: '#355c2e',
    answer: 'I shall be there. If it rains, the tram shelter has the better echo anyway.',
  },
  frida: {
    name: 'Frida Holm',
    note: 'Alto, and the organ on Sundays. I have kept a mail server going since 1999.',
    protocol: 'fmtp',
    how: 'My server speaks FMTP: it gives its key at <a href="/fmtp/key">/fmtp/key</a>.',
    colour: '#8a4b16',
    answer: 'Of course I will play. Tell me the keys by Thursday; the organ needs to be warmed up.',
  },
}
