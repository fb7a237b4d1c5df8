/**
 * An empty page for a folder that has none. Apache, Python's server and others list the files of such a
 * folder, and with the folder of all private posts they would list each token.
 *
 * It holds no word that a reader or the leak audit could take for one of a post.
 */
export const FOLDER_INDEX = `<!doctype html>
<meta charset="utf-8">
<meta name="robots" content="noindex, nofollow">
<title>…</title>
`
const BYTES = new TextEncoder().encode(FOLDER_INDEX)

export function isFolderIndex(content: Uint8Array): boolean {
  return content.length === BYTES.length && content.every((byte, at) => byte === BYTES[at])
}
