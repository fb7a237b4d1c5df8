import { ConfigurationError } from '../web/errors.ts'

/**
 * Loads a package that an installation may leave out.
 *
 * @throws {ConfigurationError} where it is not installed, or not for this machine
 */
export async function loadOptional<Module>(
  name: string,
  { load, purpose }: { readonly load: () => Promise<Module>; readonly purpose: string },
): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new ConfigurationError(
      `${purpose} needs the package "${name}", which is not installed here. To do: npm install ${name}`,
      { cause: error },
    )
  }
}

/** lmdb says it in words, where its part for this kind of machine is missing. */
function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  const code = 'code' in error ? error.code : undefined
  return (
    code === 'ERR_MODULE_NOT_FOUND' ||
    code === 'MODULE_NOT_FOUND' ||
    error.message.startsWith('No native build was found')
  )
}
