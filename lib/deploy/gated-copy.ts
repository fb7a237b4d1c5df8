import { readGateRegister, type GateRegister } from '../gate/register.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { contentHash } from './content.ts'

/** What the readers of gated posts get to see. */
export interface GatedCopies {
  /** One reader's copy, or `undefined` if there is none. */
  htmlFor(gate: string, reader: string): Promise<string | undefined>
  /** The content hash of one reader's copy, or `undefined` if there is none. */
  contentFor(gate: string, reader: string, source: URL): Promise<string | undefined>
}

/** Opens the copies that the last build made. Without deploy files, there are none. */
export async function openGatedCopies(files: DeployFiles | undefined): Promise<GatedCopies> {
  const register: GateRegister = files ? await readGateRegister(files) : { version: 1, posts: {} }
  const htmlFor = async (gate: string, reader: string) => {
    const post = Object.hasOwn(register.posts, gate) ? register.posts[gate] : undefined
    const name = post?.readers.find(({ id }) => id === reader)?.files['']
    const bytes = name === undefined ? undefined : await files?.(name)
    return bytes && new TextDecoder().decode(bytes)
  }
  return {
    htmlFor,
    async contentFor(gate, reader, source) {
      const html = await htmlFor(gate, reader)
      return html === undefined ? undefined : contentHash(html, source)
    },
  }
}
