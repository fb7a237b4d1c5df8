/** Where everybody lives. On the author's machine the environment says so. */
const alice = process.env.ALICE_URL ?? 'https://alice.example/'
const bob = process.env.BOB_URL ?? 'https://bob.example/'

export default {
  title: 'Late Peas',
  description:
    'Alice Marlow writes about a kitchen garden, slow trains, a small press and the sky.',
  language: 'en-GB',
  url: alice,
  author: { name: 'Alice Marlow', email: 'alice@example.com' },
  bob,
  carol: new URL('carol/', bob).href,
}
