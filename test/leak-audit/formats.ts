/** What elasticlunr keeps of terms where it does not keep documents; lunr 1 has no `df`. */
export function trie(terms: readonly string[]): string {
  type Node = { docs: object; df: number; [letter: string]: unknown }
  const root: Node = { docs: {}, df: 0 }
  for (const term of terms) {
    let node = root
    for (const letter of term) node = (node[letter] ??= { docs: {}, df: 0 }) as Node
    Object.assign(node, { docs: { '/x/': { tf: 1 } }, df: 1 })
  }
  return JSON.stringify({ version: '0.9.5', index: { body: { root } } })
}

/** What MiniSearch made until its version 3: letters that several terms begin with, and the rest of each. */
export function radixTree(terms: readonly string[]): string {
  const leaf = { '': { 0: { df: 1, ds: { 0: 1 } } } }
  const tree: Record<string, Record<string, unknown>> = {}
  for (const term of terms) (tree[term.slice(0, 2)] ??= {})[term.slice(2)] = leaf
  return JSON.stringify({ index: { _tree: tree, _prefix: '' } })
}

export const png = (type: string, content: Buffer) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(content.length)
  const head = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([head, length, Buffer.from(type), content, Buffer.alloc(4)])
}
export const jpeg = (marker: number, content: Buffer) => {
  const head = Buffer.from([0xff, 0xd8, 0xff, marker, 0, 0])
  head.writeUInt16BE(content.length + 2, 4)
  return Buffer.concat([head, content, Buffer.from([0xff, 0xda, 0, 0])])
}
export const webp = (content: Buffer) => {
  const head = Buffer.from('RIFF\0\0\0\0WEBPXMP \0\0\0\0')
  head.writeUInt32LE(content.length, 16)
  return Buffer.concat([head, content])
}
export const id3 = (content: Buffer) =>
  Buffer.concat([Buffer.from('ID3\u0004\0\0\0\0\0'), Buffer.from([content.length]), content])
export const pdf = (content: Buffer) =>
  Buffer.concat([Buffer.from('%PDF-1.4\n4 0 obj\nstream\n'), content, Buffer.from('\nendstream')])
export const exif = (text: string) =>
  Buffer.concat([Buffer.from('Exif\0\0II*\0'), Buffer.from(text, 'utf16le'), Buffer.alloc(3)])
export const kerned = (text: string) =>
  Buffer.from(
    `BT [${text
      .split(' ')
      .map((word) => `(${word.slice(0, 2)}) 20 (${word.slice(2)})`)
      .join(' -250 ')}] TJ ET`,
  )
