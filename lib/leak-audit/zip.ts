import { inflateRawSync } from 'node:zlib'

/** Far beyond any archive of posts, and well below what a bomb makes of a megabyte. */
const LONGEST_UNPACKED = 128 * 1024 * 1024
const LOCAL_FILE = 0x04034b50
const DIRECTORY_ENTRY = 0x02014b50
const END = 0x06054b50
const STORED = 0
const DEFLATED = 8

/** Names and contents of the files in a ZIP archive, one after the other. */
export function unzip(bytes: Buffer): Buffer | undefined {
  const end = bytes.lastIndexOf(Buffer.from([0x50, 0x4b, 0x05, 0x06]))
  if (end === -1 || end + 22 > bytes.length || bytes.readUInt32LE(end) !== END) return undefined
  const parts: Buffer[] = []
  let left = LONGEST_UNPACKED
  let at = bytes.readUInt32LE(end + 16)
  while (at + 46 <= end && bytes.readUInt32LE(at) === DIRECTORY_ENTRY && left > 0) {
    const method = bytes.readUInt16LE(at + 10)
    const size = bytes.readUInt32LE(at + 20)
    const nameLength = bytes.readUInt16LE(at + 28)
    const next = at + 46 + nameLength + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32)
    const name = bytes.subarray(at + 46, at + 46 + nameLength)
    const content = entryOf(bytes, bytes.readUInt32LE(at + 42), method, size, left)
    left -= content.length
    parts.push(name, Buffer.from('\n'), content, Buffer.from('\n'))
    at = next
  }
  return Buffer.concat(parts)
}

function entryOf(bytes: Buffer, at: number, method: number, size: number, left: number): Buffer {
  if (at + 30 > bytes.length || bytes.readUInt32LE(at) !== LOCAL_FILE) return Buffer.alloc(0)
  const from = at + 30 + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28)
  const content = bytes.subarray(from, from + size)
  if (method === STORED) return content
  if (method !== DEFLATED) return Buffer.alloc(0)
  try {
    return inflateRawSync(content, { maxOutputLength: left })
  } catch {
    // A broken entry, or one that is far too long.
    return Buffer.alloc(0)
  }
}
