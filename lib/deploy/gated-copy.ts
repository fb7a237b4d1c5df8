import { readGateRegister, type GateRegister } from '../gate/register.ts'
import type { DeployFiles } from '../store/deploy-files.ts'
import { contentHash } from './content.ts'

/** What the readers of gated posts get to see. */
export interface GatedCopies {
  /** The content hash of one reader's copy, or `undefined` if there is none. */
  contentFor(gate: string, reader: string, source: URL): Promise<string | undefined>
}

/** Opens the copies that the last build made. Without deploy files, there are none. */
export async function openGatedCopies(files: DeployFiles | undefined): Promise<GatedCopies> {
  const register: GateRegister = files ? await readGateRegister(files) : { version: 1, posts: {} }
  return {
    async contentFor(gate, reader, source) {
      const post = Object.hasOwn(register.posts, gate) ? register.posts[gate] : undefined
      const name = post?.readers.find(({ id }) => id === reader)?.files['']
      const bytes = name === undefined ? undefined : await files?.(name)
      return bytes && contentHash(new TextDecoder().decode(bytes), source)
    },
  }
}
