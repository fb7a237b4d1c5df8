/** Where everybody lives. On the author's machine the environment says so. */
const alice = process.env.ALICE_URL ?? 'https://alice.example/'
const bob = process.env.BOB_URL ?? 'https://bob.example/'
const dora = process.env.DORA_URL ?? 'https://dora.example/'
const emil = process.env.EMIL_URL ?? 'https://emil.example/'
const frida = process.env.FRIDA_URL ?? 'https://frida.example/'

export default {
  title: 'Late Peas',
  description:
    'Alice Marlow writes about a kitchen garden, slow trains, a small press and the sky.',
  language: 'en-GB',
  url: alice,
  author: { name: 'Alice Marlow', email: 'alice@example.com' },
  bob,
  carol: new URL('carol/', bob).href,
  dora,
  // They are no bloggers: what they have is an address, like that of a mail.
  emil: `emil@${new URL(emil).host}`,
  frida: `frida@${new URL(frida).host}`,
}
