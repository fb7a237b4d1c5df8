/**
 * For a file or a folder that another process may remove between the listing and the look, such as
 * another build: it counts as `instead`. Everything else stays an error.
 */
export function ifVanished<Value>(instead: Value): (error: unknown) => Value {
  return (error) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return instead
    throw error
  }
}
